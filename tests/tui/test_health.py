"""A bridge that is gone is started again soon, and ever less often when that does not help."""

import asyncio

from core.service.callables import Health
from core.service.errors import BridgeUnreachable
from tests.support.bridge import ScriptedBridge
from tests.support.virtual_time import run_virtually
from tui.events import HealthChanged
from tui.health import POLL_SECONDS, poll_health


class Startable(ScriptedBridge):
    """A bridge that notes when it was started; a start helps or not."""

    def __init__(self, *, start_helps: bool) -> None:
        super().__init__()
        self.is_away = True
        self.starts: list[float] = []
        self._start_helps = start_helps

    async def ensure_running(self) -> Health:
        self.starts.append(asyncio.get_running_loop().time())
        if not self._start_helps:
            raise BridgeUnreachable("It did not start.")
        self.is_away = False
        return await self.health()


def told(bridge: Startable, *, seconds: float, killed_at: tuple[float, ...] = ()) -> list[bool]:
    """Poll for so long, the bridge being killed at times; return whether it answered each poll."""
    answers: list[bool] = []

    def deliver(changed: HealthChanged) -> None:
        answers.append(changed.health is not None)

    async def run() -> None:
        polling = asyncio.create_task(poll_health(bridge, deliver))
        for moment in (*killed_at, seconds):
            await asyncio.sleep(moment - asyncio.get_running_loop().time())
            bridge.is_away = True
        polling.cancel()

    run_virtually(run())
    return answers


def test_a_killed_bridge_is_started_again_within_a_few_polls() -> None:
    bridge = Startable(start_helps=True)
    told(bridge, seconds=90, killed_at=(60.0,))
    assert round(bridge.starts[0]) == 0
    assert 60 < bridge.starts[1] <= 60 + 4 * POLL_SECONDS
    assert len(bridge.starts) == 2


def test_a_bridge_that_does_not_start_is_tried_ever_less_often() -> None:
    bridge = Startable(start_helps=False)
    answers = told(bridge, seconds=300)
    pauses = [
        round(after - before)
        for before, after in zip(bridge.starts, bridge.starts[1:], strict=False)
    ]
    assert pauses == sorted(pauses)
    assert pauses[0] <= 8 * POLL_SECONDS
    assert 15 * POLL_SECONDS <= pauses[-1] <= 18 * POLL_SECONDS
    assert not any(answers)
