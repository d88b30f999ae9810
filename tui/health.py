"""Asking the bridge how it is, again and again, without ever blocking the screen."""

import asyncio
from collections.abc import Callable

from core.errors import CapcoadaError
from tui.events import HealthChanged
from tui.services import Bridge

POLL_SECONDS = 2.0
HEAD_START_SECONDS = 0.2
"""How long the first frame and the first keys go before everything else."""
LEAST_SILENCE, MOST_SILENCE = 2, 16
"""Polls without an answer after which a bridge is started again; each time twice as many.

The first poll starts one too. After so many answers as the most, it is the fewest again.
"""


async def poll_health(bridge: Bridge, deliver: Callable[[HealthChanged], None]) -> None:
    """Deliver the bridge's state every two seconds until cancelled; start a bridge if none runs."""
    silent = patience = LEAST_SILENCE
    answered = 0
    await asyncio.sleep(HEAD_START_SECONDS)
    while True:
        try:
            if silent >= patience:
                patience = min(MOST_SILENCE, patience * 2)
                silent = answered = 0
                deliver(HealthChanged(await bridge.ensure_running()))
            else:
                deliver(HealthChanged(await bridge.health()))
        except CapcoadaError as error:
            silent += 1
            deliver(HealthChanged(None, str(error)))
        else:
            silent = 0
            answered += 1
            if answered >= MOST_SILENCE:
                patience = LEAST_SILENCE
        await asyncio.sleep(POLL_SECONDS)
