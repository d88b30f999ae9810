"""What the simulator's people tell of time."""

from datetime import UTC, datetime
from pathlib import Path

from bridge.simulator.simulator import Simulator

NOW = datetime(2026, 2, 3, 10, 0, 0, 250_000, tzinfo=UTC)


async def test_what_a_phone_does_within_one_moment_has_an_order(tmp_path: Path) -> None:
    simulator = Simulator.open(tmp_path, clock=lambda: NOW, personas={})
    first, second = simulator.state.milliseconds(), simulator.state.milliseconds()
    assert first == round(NOW.timestamp() * 1000)
    assert second == first + 1
    assert simulator.state.seconds() == first // 1000
    await simulator.close()
