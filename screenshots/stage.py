"""The console on a copy of the company, with a bridge that stands still and a fixed clock."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import msgspec
from textual.pilot import Pilot

from core.errors import CapcoadaError
from core.identity.session import LocalSession
from core.model.ids import Jid, make_thread_id, message_path, messages_path, thread_path
from core.paths import DataFolder
from core.service.callables import AccountHealth, Answer, Health, Request
from core.settings import Console, Crm, Operator, Settings
from core.store.open import open_operator_store, open_store
from core.store.port import Query, Store, Update
from screenshots.company import NOW, clock
from screenshots.drawing import svg_of
from screenshots.rules import Answers, answers_by_rules
from tui.app import CapcoadaApp
from tui.services import Services

_PATIENCE_SECONDS = 60.0


class StillBridge:
    """A bridge whose state is set; it does nothing but read conversations and answer questions."""

    def __init__(self, health: Health, answers: Answers) -> None:
        self.answer: Health | CapcoadaError = health
        self._answers = answers

    async def call(self, request: Request[Answer]) -> Answer:
        """Answer what it can answer; the rest never: no picture waits for it."""
        if (answer := self._answers.get(type(request))) is not None:
            return cast(Answer, await answer(request))
        return await asyncio.Future()

    def begin(self, request: Request[Answer]) -> Callable[[], Awaitable[Answer]]:
        """Return what answers it."""
        return partial(self.call, request)

    async def health(self) -> Health:
        """Return the state, or be away."""
        if isinstance(self.answer, CapcoadaError):
            raise self.answer
        return self.answer

    async def ensure_running(self) -> Health:
        """Start nothing; return the state."""
        return await self.health()

    async def close(self) -> None:
        """Nothing to close."""


def healthy(**fields: Any) -> Health:
    """Return the state of a bridge with both accounts connected; fields replace parts of it."""
    heard = {"WA-01": NOW - timedelta(seconds=4), "WA-02": NOW - timedelta(minutes=2)}
    accounts = [
        AccountHealth(account_id=name, status="connected", last_heard_at=moment)
        for name, moment in heard.items()
    ]
    return msgspec.structs.replace(
        Health(version="0.1.0", pid=4711, started_at=NOW, now=NOW, store="ok", accounts=accounts),
        **fields,
    )


class Stage:
    """A running console, and ways to bring it where a picture is to be taken."""

    def __init__(
        self, app: CapcoadaApp, pilot: Pilot[Any], store: Store, bridge: StillBridge
    ) -> None:
        self.app = app
        self.pilot = pilot
        self.store = store
        self.bridge = bridge

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Type a text."""
        names = {" ": "space", "+": "plus", "\n": "ctrl+n"}
        await self.pilot.press(*(names.get(letter, letter) for letter in text))

    def text(self) -> str:
        """Return what is on the screen."""
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something holds; AssertionError with the screen when it does not in time."""
        end = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        while not condition():
            if asyncio.get_running_loop().time() > end:
                raise AssertionError(f"waited in vain; shown:\n{self.text()}")
            await self.pilot.pause(0.02)

    async def shows(self, text: str) -> None:
        """Wait until a text is on the screen."""
        await self.until(lambda: text in self.text())

    async def opens(self, phone: str, account_id: str = "WA-01") -> str:
        """Open the chat with a phone number; return the thread's id."""
        from tui.screens.inbox import InboxScreen  # noqa: PLC0415 - after the language

        thread_id = make_thread_id(account_id, Jid.of_phone(phone))
        screen = self.app.screen
        assert isinstance(screen, InboxScreen)
        await screen.open_thread(thread_id)
        await screen.chat.compose_now()
        await self.until(lambda: screen.chat.thread_id == thread_id)
        return thread_id

    async def change(self, thread_id: str, is_own: bool, place: int, **fields: Any) -> None:
        """Change one of a thread's messages: counted from the end, those of one side."""
        direction = "outbound" if is_own else "inbound"
        query = Query(messages_path(thread_id)).order_by("tsClient", "desc").limit(200)
        rows = [row for row in await self.store.query(query) if row.data["direction"] == direction]
        row = rows[place - 1]
        writes = [Update(message_path(thread_id, row.id), fields)]
        if place == 1 and is_own and "status" in fields:
            writes.append(Update(thread_path(thread_id), {"lastMessageStatus": fields["status"]}))
        await self.store.commit(writes)

    async def settle(self) -> None:
        """Wait until nothing on the screen changes any more."""
        for field in self.app.screen.query("TextArea, Input"):
            field.cursor_blink = False  # type: ignore[attr-defined]
        before, same = "", 0
        while same < 4:
            await self.pilot.pause(0.05)
            now = svg_of(self.app)
            before, same = now, same + 1 if now == before else 0


@asynccontextmanager
async def console(
    company: Path | None, folder: Path, size: tuple[int, int], look: Console
) -> AsyncIterator[Stage]:
    """Open the console on a copy of the company's folder, or on an empty one."""
    place = folder / ".local" / "share" / "capcoada"
    if company is not None:
        shutil.copytree(company, place)
    os.environ["HOME"] = str(folder)
    data = DataFolder(place)
    data.prepare()
    settings = Settings(console=look, operator=Operator(name="Ana"), crm=Crm(engine="rules"))
    session = LocalSession()
    async with (
        open_store(data, clock=clock) as store,
        open_operator_store(data, settings, session, clock=clock) as judged,
    ):
        health = healthy() if company else healthy(accounts=[])
        bridge = StillBridge(health, answers_by_rules(store, settings, clock))
        app = CapcoadaApp(Services(judged, bridge, settings, clock, data, session))
        app.animation_level = "none"
        async with app.run_test(size=size, notifications=True) as pilot:
            stage = Stage(app, pilot, store, bridge)
            await stage.until(lambda: app.world.health is not None)
            await pilot.pause()
            yield stage
