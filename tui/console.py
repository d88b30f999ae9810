"""Starting the console: the one place that picks its store and its bridge client."""

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.clock import Clock
    from core.paths import DataFolder
    from core.settings import Settings


def run_console(
    folder: "DataFolder", settings: "Settings", clock: "Clock", *, simulator: str | None = None
) -> int:
    """Run the console on a prepared data folder until the operator leaves; return the exit code.

    With `simulator`, a URL, a bridge started by the console uses simulated WhatsApp accounts.
    Raises StoreUnavailable, StoreUnusable. Collecting garbage while importing finds none and costs
    a tenth of the start, so it waits.
    """
    gc.disable()
    from core.store.open import open_store  # noqa: PLC0415 - after the collector paused
    from tui.app import CapcoadaApp  # noqa: PLC0415
    from tui.late_bridge import LateBridge  # noqa: PLC0415
    from tui.screens.inbox import InboxScreen  # noqa: F401, PLC0415 - the first place to be shown
    from tui.services import Services  # noqa: PLC0415

    bridge = LateBridge(folder, uid=settings.operator.uid, simulator=simulator)
    services = Services(open_store(folder, clock=clock), bridge, settings, clock, folder)
    app = CapcoadaApp(services)
    gc.freeze()
    gc.enable()
    app.run()
    return app.return_code or 0
