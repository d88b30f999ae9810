"""Starting the console: the one place that picks its store and its bridge client."""

import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.clock import Clock
    from core.paths import DataFolder
    from core.service.bridge import BridgeClient
    from core.service.callables import Health
    from core.settings import Settings
    from tui.late_bridge import Starter

SIMULATOR_VARIABLE = "CAPCOADA_SIMULATOR"
"""Environment variable: URL of a simulator that a bridge started from here uses for WhatsApp."""

REPAINTS_A_SECOND = "240"
"""At most; a repaint waits for the next tick when another was just made."""
SWITCH_SECONDS = 0.0005
"""How long the thread that writes to the terminal waits for one that computes."""


async def start_bridge(bridge: "BridgeClient") -> "Health":
    """See that a bridge runs; it survives the console. Raises BridgeUnreachable."""
    return await bridge.ensure_running(simulator=os.environ.get(SIMULATOR_VARIABLE) or None)


def run_console(
    folder: "DataFolder", settings: "Settings", clock: "Clock", *, start: "Starter" = start_bridge
) -> int:
    """Run the console on a prepared data folder until the operator leaves; return the exit code.

    `start` sees to the bridge once the first frame is painted. Raises SettingsError,
    StoreUnavailable, StoreUnusable. Collecting garbage while importing finds none and costs a
    tenth of the start, so it waits.
    """
    gc.disable()
    # Repaints soon after one another, and bytes that the writing thread gets out while others
    # still compute: both make a key feel immediate. Textual reads its variable when imported.
    os.environ.setdefault("TEXTUAL_FPS", REPAINTS_A_SECOND)
    sys.setswitchinterval(SWITCH_SECONDS)
    from core.identity.session import LocalSession  # noqa: PLC0415
    from core.store.open import open_store  # noqa: PLC0415 - after the collector paused
    from tui.app import CapcoadaApp  # noqa: PLC0415
    from tui.choices import check_choices  # noqa: PLC0415
    from tui.late_bridge import LateBridge  # noqa: PLC0415
    from tui.screens.inbox import InboxScreen  # noqa: F401, PLC0415 - the first place to be shown
    from tui.services import Services  # noqa: PLC0415

    check_choices(settings.console, folder.settings_file)
    session = LocalSession(settings.operator.uid, settings.operator.name)
    bridge = LateBridge(folder, session, start=start, url=settings.cloud.bridge_url)
    store = open_store(folder, settings, clock=clock)
    services = Services(store, bridge, settings, clock, folder, session)
    app = CapcoadaApp(services)
    gc.freeze()
    gc.enable()
    app.run()
    return app.return_code or 0
