"""Starting the console: the one place that picks its store and its bridge client."""

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.clock import Clock
    from core.paths import DataFolder
    from core.settings import Settings


def run_console(folder: "DataFolder", settings: "Settings", clock: "Clock") -> int:
    """Run the console on a prepared data folder until the operator leaves; return the exit code.

    Collecting garbage while importing finds none and costs a tenth of the start, so it waits.
    """
    gc.disable()
    from core.service.bridge import BridgeClient  # noqa: PLC0415 - after the collector paused
    from core.store.open import open_store  # noqa: PLC0415
    from tui.app import CapcoadaApp  # noqa: PLC0415
    from tui.services import Services  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    services = Services(open_store(folder), BridgeClient(folder), settings, clock, folder)
    return CapcoadaApp(services).run() or 0
