"""Starting the console: the one place that picks its store and its bridge client."""

import asyncio
import gc
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.clock import Clock
    from core.paths import DataFolder
    from core.service.bridge import BridgeClient
    from core.settings import Settings

    Starter = Callable[[BridgeClient], Awaitable[None]]


SIMULATOR_VARIABLE = "CAPCOADA_SIMULATOR"
"""Environment variable: URL of a simulator that a bridge started from here uses for WhatsApp."""


async def start_bridge(bridge: "BridgeClient") -> None:
    """See that a bridge runs; it survives the console. Raises BridgeUnreachable."""
    await bridge.ensure_running(simulator=os.environ.get(SIMULATOR_VARIABLE) or None)


def run_console(
    folder: "DataFolder", settings: "Settings", clock: "Clock", start: "Starter" = start_bridge
) -> int:
    """Run the console on a prepared data folder until the operator leaves; return the exit code.

    `start` sees to the bridge in the background, once the first frame is painted. Collecting
    garbage while importing finds none and costs a tenth of the start, so it waits.
    """
    gc.disable()
    from core.service.bridge import BridgeClient  # noqa: PLC0415 - after the collector paused
    from core.store.open import open_store  # noqa: PLC0415
    from tui.app import CapcoadaApp  # noqa: PLC0415
    from tui.services import Services  # noqa: PLC0415
    from tui.starting import StartingBridge  # noqa: PLC0415

    gc.freeze()
    gc.enable()

    async def run() -> int:
        bridge = StartingBridge(BridgeClient(folder, uid=settings.operator.uid), start)
        async with open_store(folder, clock=clock) as store:
            services = Services(store, bridge, settings, clock, folder)
            try:
                return await CapcoadaApp(services, start=bridge.start).run_async() or 0
            finally:
                await bridge.close()

    return asyncio.run(run())
