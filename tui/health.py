"""Asking the bridge how it is, again and again, without ever blocking the screen."""

import asyncio
from collections.abc import Callable

from core.service.errors import ServiceError
from tui.events import HealthChanged
from tui.services import Bridge

POLL_SECONDS = 2.0


async def poll_health(bridge: Bridge, deliver: Callable[[HealthChanged], None]) -> None:
    """Deliver the bridge's state every two seconds until cancelled."""
    while True:
        try:
            deliver(HealthChanged(await bridge.health()))
        except ServiceError as error:
            deliver(HealthChanged(None, str(error)))
        await asyncio.sleep(POLL_SECONDS)
