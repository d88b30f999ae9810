"""What the simulator's people tell of time."""

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from bridge.simulator.database import Database
from bridge.simulator.line import Line
from bridge.simulator.simulator import Simulator

NOW = datetime(2026, 2, 3, 10, 0, 0, 250_000, tzinfo=UTC)


async def test_what_a_phone_does_within_one_moment_has_an_order(tmp_path: Path) -> None:
    simulator = Simulator.open(tmp_path, clock=lambda: NOW, personas={})
    first, second = simulator.state.milliseconds(), simulator.state.milliseconds()
    assert first == round(NOW.timestamp() * 1000)
    assert second == first + 1
    assert simulator.state.seconds() == first // 1000
    await simulator.close()


def test_a_change_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    db = Database.open(tmp_path)
    db.run("CREATE TABLE child (phone TEXT REFERENCES phone DEFERRABLE INITIALLY DEFERRED)")
    db.run("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError), db.change():  # it fails as late as at its COMMIT
        db.run("INSERT INTO child VALUES ('nobody')")
    with db.change():
        db.set_meta("a", "b")
    db.close()
    again = Database.open(tmp_path)
    assert (again.meta("a"), again.rows("SELECT * FROM child")) == ("b", [])
    again.close()


class _Gone:
    """A connection that nobody listens to any more."""

    async def send_bytes(self, _data: bytes) -> None:
        """Say nothing."""


async def test_nothing_is_delivered_on_a_connection_that_ended_while_it_was_linked(
    tmp_path: Path,
) -> None:
    simulator = Simulator.open(tmp_path, clock=lambda: NOW, personas={})
    simulator.state.people.put("40700099001", "business", {})
    device = simulator.state.devices.link("WA-01", "40700099001")
    line = Line(
        cast(Any, _Gone()),
        "WA-01",
        simulator.state,
        simulator.business,
        lambda _device, _sent: None,
    )
    await line._end()
    await line.log_in(device, just_linked=True)
    assert "simulator deliveries" not in {task.get_name() for task in asyncio.all_tasks()}
    await simulator.close()
