"""Starting the console: the one place that picks its store and its bridge client."""

import gc
import os
import sys
from typing import TYPE_CHECKING

from tui import last_frame
from tui.spare import spare_widgets

if TYPE_CHECKING:
    from core.clock import Clock
    from core.identity.session import Session
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

MIDDLE_TO_FULL = 30
"""Collections of middle-aged garbage to a full one, for which a key may have to wait 20 ms."""


async def start_bridge(bridge: "BridgeClient") -> "Health":
    """See that a bridge runs; it survives the console. Raises BridgeUnreachable."""
    return await bridge.ensure_running(simulator=os.environ.get(SIMULATOR_VARIABLE) or None)


def run_console(
    folder: "DataFolder", settings: "Settings", clock: "Clock", *, start: "Starter" = start_bridge
) -> int:
    """Run the console on a prepared data folder until the operator leaves; return the exit code.

    `start` sees to the bridge once the first frame is painted. In a team somebody has to sign in
    first, and whoever takes their place finds a console of their own. Raises SettingsError,
    StoreUnavailable, StoreUnusable.
    """
    # Repaints soon after one another, and bytes that the writing thread gets out while others
    # still compute: both make a key feel immediate. Textual reads its variable when imported.
    os.environ.setdefault("TEXTUAL_FPS", REPAINTS_A_SECOND)
    sys.setswitchinterval(SWITCH_SECONDS)
    if settings.cloud.project:
        return _run_for_team(folder, settings, clock, start)
    from core.identity.session import LocalSession  # noqa: PLC0415

    session = LocalSession(settings.operator.uid, settings.operator.name)
    return _run_for(session, folder, settings, clock, start)


def _run_for_team(
    folder: "DataFolder", settings: "Settings", clock: "Clock", start: "Starter"
) -> int:
    """Run the console for whoever signs in, one after the other; return the exit code."""
    from core.identity.open import open_session  # noqa: PLC0415 - not on a machine of its own
    from core.settings import load_settings  # noqa: PLC0415

    session = open_session(folder, settings.cloud, clock)
    while True:
        if not session.uid:
            from tui.sign_in import SignInApp  # noqa: PLC0415 - most starts need none

            gc.enable()  # the start left it off
            SignInApp(session, settings).run()
        if not (uid := session.uid):
            return 0
        code = _run_for(session, folder, settings, clock, start)
        if session.uid == uid:
            return code
        last_frame.forget(str(folder.root))
        settings = load_settings(folder)


def _run_for(
    session: "Session",
    folder: "DataFolder",
    settings: "Settings",
    clock: "Clock",
    start: "Starter",
) -> int:
    """Run the console for one operator; return the exit code.

    Collecting garbage finds none until the first frame is painted, and costs a tenth of the start:
    it waits until then.
    """
    gc.disable()
    spare_widgets()
    from core.settings import Console  # noqa: PLC0415
    from core.store.open import open_operator_store  # noqa: PLC0415 - after the collector paused
    from tui.app import CapcoadaApp  # noqa: PLC0415
    from tui.late_bridge import LateBridge  # noqa: PLC0415
    from tui.screens.inbox import InboxScreen  # noqa: F401, PLC0415 - the first place to be shown
    from tui.services import Services  # noqa: PLC0415

    if settings.console != Console():
        from tui.choices import check_choices  # noqa: PLC0415 - the defaults need no check

        check_choices(settings.console, folder.settings_file)
    bridge = LateBridge(folder, session, start=start, url=settings.cloud.bridge_url)
    store = open_operator_store(folder, settings, session, clock=clock)
    services = Services(store, bridge, settings, clock, folder, session)
    app = CapcoadaApp(services, when_painted=_collect_garbage)
    app.run()
    return app.return_code or 0


def _collect_garbage() -> None:
    """Collect garbage from now on, leaving alone what is there: it stays for as long as we do."""
    gc.freeze()
    young, middle, _old = gc.get_threshold()
    gc.set_threshold(young, middle, MIDDLE_TO_FULL)
    gc.enable()
