"""A console on a real embedded store, with a bridge and a clock that the test holds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from core.identity.session import LocalSession
from core.model.documents import Account, to_data
from core.model.ids import account_path
from core.paths import DataFolder
from core.settings import Business, Settings
from core.store.open import open_operator_store, open_store
from core.store.port import Set, Store
from tests.support.bridge import ScriptedBridge
from tests.support.clocks import HeldClock
from tui.app import CapcoadaApp
from tui.services import Services


class Desk:
    """A running console as its operator and its surroundings see it."""

    def __init__(
        self, pilot: Pilot[Any], store: Store, bridge: ScriptedBridge, clock: HeldClock
    ) -> None:
        self.pilot = pilot
        self.store = store
        self.bridge = bridge
        self.clock = clock

    @property
    def app(self) -> App[Any]:
        """The console."""
        return self.pilot.app

    @property
    def screen(self) -> Screen[Any]:
        """The screen on top."""
        return self.pilot.app.screen

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self.pilot.press(*keys)

    async def write(self, text: str) -> None:
        """Type a text."""
        names = {" ": "space", "+": "plus"}
        await self.pilot.press(*(names.get(character, character) for character in text))

    async def put(self, *accounts: Account) -> None:
        """Write account documents as the bridge does."""
        await self.store.commit([Set(account_path(a.account_id), to_data(a)) for a in accounts])

    def text(self) -> str:
        """Return what is on the screen; an empty line before it is painted."""
        strips = self.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips) or "\n"

    async def until(self, condition: Callable[[], object], seconds: float = 30.0) -> None:
        """Wait until something holds; fail with the screen's text when it does not in time."""
        end = asyncio.get_running_loop().time() + seconds
        while not condition():
            assert asyncio.get_running_loop().time() < end, f"waited in vain; shown:\n{self.text()}"
            await self.pilot.pause(0.02)

    async def shows(self, text: str, seconds: float = 30.0) -> None:
        """Wait until a text is on the screen."""
        await self.until(lambda: text in self.text(), seconds)

    async def hides(self, text: str, seconds: float = 30.0) -> None:
        """Wait until a text is no longer on the screen."""
        await self.until(lambda: text not in self.text(), seconds)


@asynccontextmanager
async def console(
    folder: Path,
    *accounts: Account,
    size: tuple[int, int] = (80, 24),
    bridge: ScriptedBridge | None = None,
    settings: Settings | None = None,
    place: str = "accounts",
) -> AsyncIterator[Desk]:
    """Open a console on `folder` whose store holds these accounts, at a place."""
    data = DataFolder(folder)
    data.prepare()
    clock = HeldClock()
    bridge = bridge or ScriptedBridge()
    settings = settings or Settings(business=Business(time_zone="Europe/Bucharest"))
    session = LocalSession()
    async with (
        open_store(data, clock=clock) as store,
        open_operator_store(data, settings, session, clock=clock) as judged,
    ):
        app = CapcoadaApp(Services(judged, bridge, settings, clock, data, session))
        async with app.run_test(size=size, notifications=True) as pilot:
            desk = Desk(pilot, store, bridge, clock)
            await desk.put(*accounts)
            app.action_go(place)
            await pilot.pause()
            yield desk
