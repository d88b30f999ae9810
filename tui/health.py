"""Asking the bridge how it is, again and again, without ever blocking the screen."""

import asyncio
from collections.abc import Callable

from core.errors import CapcoadaError
from tui.events import HealthChanged
from tui.services import Bridge

POLL_SECONDS = 2.0
HEAD_START_SECONDS = 0.2
"""How long the first frame and the first keys go before everything else."""
START_AFTER = 15
"""Polls without an answer after which a bridge is started again; the first poll starts one too."""


async def poll_health(bridge: Bridge, deliver: Callable[[HealthChanged], None]) -> None:
    """Deliver the bridge's state every two seconds until cancelled; start a bridge if none runs."""
    silent = START_AFTER
    await asyncio.sleep(HEAD_START_SECONDS)
    while True:
        try:
            if silent >= START_AFTER:
                silent = 0
                deliver(HealthChanged(await bridge.ensure_running()))
            else:
                deliver(HealthChanged(await bridge.health()))
        except CapcoadaError as error:
            silent += 1
            deliver(HealthChanged(None, str(error)))
        else:
            silent = 0
        await asyncio.sleep(POLL_SECONDS)
