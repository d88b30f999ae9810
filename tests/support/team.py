"""Consoles of several operators on one store and one bridge that is in this process."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from core.identity.session import LocalSession
from core.paths import DataFolder
from core.service.bridge import BridgeClient
from core.service.callables import Answer, Health, Request
from core.service.errors import BridgeUnreachable
from core.settings import Operator, Settings
from core.store.open import open_operator_store
from tests.support.clocks import HeldClock
from tests.support.console import OnScreen
from tests.support.office import Office
from tui.app import CapcoadaApp
from tui.services import Services


class Wire:
    """The real client of the bridge; a test sees what goes over it."""

    def __init__(self, client: BridgeClient) -> None:
        self._client = client
        self.calls: list[Any] = []
        """Every request, in order."""
        self.is_cut = False
        """Whether nothing comes through any more."""

    async def call(self, request: Request[Answer]) -> Answer:
        self.calls.append(request)
        if self.is_cut:
            raise BridgeUnreachable("The bridge cannot be reached.")
        return await self._client.call(request)

    def begin(self, request: Request[Answer]) -> Callable[[], Awaitable[Answer]]:
        if self.is_cut:
            return partial(self.call, request)
        self.calls.append(request)
        return self._client.begin(request)

    async def health(self) -> Health:
        return await self._client.health()

    async def ensure_running(self) -> Health:
        return await self._client.health()

    async def close(self) -> None:
        await self._client.close()


class Seat(OnScreen):
    """The console of one operator of a team."""

    def __init__(self, app: CapcoadaApp, pilot: Pilot[int], wire: Wire) -> None:
        super().__init__(app, pilot)
        self.wire = wire

    async def shows(self, text: str) -> None:
        """Wait until a text is on the screen."""
        await self.until(lambda: text in self.text())

    async def hides(self, text: str) -> None:
        """Wait until a text is no longer on the screen."""
        await self.until(lambda: text not in self.text())

    async def write(self, text: str) -> None:
        """Type a text."""
        names = {" ": "space"}
        await self.pilot.press(*(names.get(character, character) for character in text))


@asynccontextmanager
async def seat(
    office: Office, uid: str, clock: HeldClock, *, size: tuple[int, int] = (120, 36)
) -> AsyncIterator[Seat]:
    """Open the console of an operator: drafts and settings are theirs, store and bridge shared."""
    own = DataFolder(Path(office.folder.root).parent / f"home-{uid}")
    own.prepare()
    session = LocalSession(uid)
    wire = Wire(BridgeClient(office.folder, session))
    settings = Settings(operator=Operator(uid=uid))
    store = open_operator_store(office.folder, settings, session, clock=clock)
    app = CapcoadaApp(Services(store, wire, settings, clock, own, session))
    async with app.run_test(size=size, notifications=True) as pilot:
        desk = Seat(app, pilot, wire)
        await desk.until(lambda: bool(app.world.team.profiles) or app.world.team.is_shut_out)
        yield desk
