"""Keys pressed as fast as the console takes them in, one after the other, then a rest.

Textual's own pilot waits after every key until the process was idle for a while, and once more;
that is most of the time that a test of a screen takes. Between keys it is enough that whatever a
key set off in the event loop is done. What threads are at, a test waits for by a condition; the
wait after the last key gives what should not happen the time to happen.
"""

import asyncio
from typing import Any

import pytest
import textual.app
from textual.pilot import Pilot

_QUIET_TURNS = 3
"""Turns of the loop in which nobody else was ready, after which a key is done."""
_MOST_TURNS = 2000


async def quiet_loop(_least_seconds: float = 0.0) -> None:
    """Wait until nothing in the running loop is ready to go on; bounded, should it never rest."""
    loop: Any = asyncio.get_running_loop()
    quiet = 0
    for _turn in range(_MOST_TURNS):
        await asyncio.sleep(0)
        quiet = 0 if loop._ready else quiet + 1
        if quiet == _QUIET_TURNS:
            return


def type_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every pilot press keys so."""
    press = Pilot.press

    async def press_and_rest(pilot: Pilot[Any], *keys: str) -> None:
        await press(pilot, *keys)
        await pilot.pause()

    monkeypatch.setattr(textual.app, "wait_for_idle", quiet_loop)
    monkeypatch.setattr(Pilot, "press", press_and_rest)
