"""What console tests stand on: a real store in a temporary folder and a bridge that answers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from core.identity.session import LocalSession
from core.model.ids import (
    Jid,
    account_path,
    make_request_id,
    make_thread_id,
    message_path,
    thread_path,
)
from core.paths import DataFolder
from core.service.callables import (
    Answer,
    Health,
    MarkReadAnswer,
    MarkReadRequest,
    Request,
    ResolveAnswer,
    ResolveRequest,
    SendAnswer,
    SendRequest,
)
from core.service.errors import BridgeUnreachable
from core.settings import Business, Console, Settings
from core.store.open import open_operator_store, open_store
from core.store.port import Set, Store, Write
from tests.support.waiting import PATIENCE_SECONDS
from tui.app import CapcoadaApp
from tui.screens.inbox import InboxScreen
from tui.services import Services

NOW = datetime(2026, 1, 19, 12, 30, tzinfo=UTC)
"""How long a condition is waited for; a machine with busy cores needs some."""


class FakeBridge:
    """Obeys the interface of the bridge's client; a send is written to the store as queued."""

    def __init__(self) -> None:
        self.store: Store | None = None
        self.is_away = False
        self.held: asyncio.Event | None = None
        """What calls wait for, where a bridge takes its time."""
        self.calls: list[Any] = []
        self.begun: list[Any] = []
        """Those that were made without any waiting."""
        self.answers: dict[type[Any], Callable[[Any], Awaitable[Any]]] = {}
        """What answers the requests that this bridge does not know itself, by their type."""

    async def call(self, request: Request[Answer]) -> Answer:
        if self.is_away:
            raise BridgeUnreachable("The bridge cannot be reached.", hint="Start it.")
        if self.held is not None:
            await self.held.wait()
        self.calls.append(request)
        answer: Any
        match request:
            case SendRequest():
                request_id = make_request_id(request.thread_id, "local", request.client_message_id)
                assert self.store is not None
                await self.store.commit([
                    message(request.thread_id, request_id, request.text, is_outbound=True,
                            status="queued", at=NOW)
                ])  # fmt: skip
                answer = SendAnswer(request_id=request_id, duplicate=False)
            case ResolveRequest():
                answer = ResolveAnswer(status="queued")
            case MarkReadRequest():
                answer = MarkReadAnswer(marked=1)
            case _ if type(request) in self.answers:
                answer = await self.answers[type(request)](request)
            case _:
                raise AssertionError(request)
        return answer  # type: ignore[no-any-return]

    def begin(self, request: Request[Answer]) -> Callable[[], Awaitable[Answer]]:
        self.begun.append(request)
        return partial(self.call, request)

    async def health(self) -> Health:
        if self.is_away:
            raise BridgeUnreachable("The bridge cannot be reached.", hint="Start it.")
        return Health(version="1", pid=1, started_at=NOW, now=NOW, store="ok")

    async def ensure_running(self) -> Health:
        return await self.health()

    async def close(self) -> None:
        return None


def thread_id_of(n: int, account: str = "WA-01") -> str:
    return make_thread_id(account, Jid.parse(f"4071{n:07}@s.whatsapp.net"))


def thread(n: int, name: str = "", *, account: str = "WA-01", **fields: Any) -> Set:
    thread_id = thread_id_of(n, account)
    data = {
        "threadId": thread_id, "accountId": account, "clientJid": thread_id.partition("__")[2],
        "phoneE164": f"+4071{n:07}", "displayName": name or f"Client {n}",
        "lastMessageText": f"text {n}", "lastMessageAt": NOW - timedelta(minutes=n),
        "lastMessageDirection": "inbound", "lastMessageStatus": None, "unreadCount": 0,
        "isGroup": False, "isArchived": False,
    }  # fmt: skip
    return Set(thread_path(thread_id), data | fields)


def message(
    thread_id: str, message_id: str, body: str, *, at: datetime, is_outbound: bool = False,
    **fields: Any,
) -> Set:  # fmt: skip
    data = {
        "messageId": message_id, "accountId": thread_id.partition("__")[0],
        "clientJid": thread_id.partition("__")[2], "senderJid": "", "senderName": "",
        "direction": "outbound" if is_outbound else "inbound", "type": "text", "body": body,
        "tsClient": at, "status": None, "isEdited": False, "isRevoked": False,
    }  # fmt: skip
    return Set(message_path(thread_id, message_id), data | fields)


def accounts(*ids: str) -> list[Write]:
    return [
        Set(account_path(each), {"accountId": each, "name": each, "status": "connected"})
        for each in ids
    ]


async def commit(store: Store, writes: Sequence[Write]) -> None:
    for start in range(0, len(writes), 400):
        await store.commit(writes[start : start + 400])


class OnScreen:
    """A running console as its operator sees it."""

    def __init__(self, app: CapcoadaApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> InboxScreen:
        assert isinstance(self.app.screen, InboxScreen)
        return self.app.screen

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something holds; fail with the screen's text when it does not in time."""
        end = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while not condition():
            assert asyncio.get_running_loop().time() < end, f"waited in vain; shown:\n{self.text()}"
            await self.pilot.pause(0.01)

    async def writing(self) -> None:
        """Wait for the text field to have the focus."""
        await self.until(lambda: self.screen.chat.composer.has_editor_focus)

    def text(self) -> str:
        """Return what is on the screen, line by line; an empty one before it is painted."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in lines) or "\n"


class Stage(OnScreen):
    """A running console and what it stands on."""

    def __init__(
        self, app: CapcoadaApp, pilot: Pilot[int], store: Store, bridge: FakeBridge
    ) -> None:
        super().__init__(app, pilot)
        self.store = store
        self.bridge = bridge


@asynccontextmanager
async def console(
    folder: Path, writes: Sequence[Write], *, size: tuple[int, int] = (120, 36),
    settings: Console | None = None, business: Business | None = None,
) -> AsyncIterator[Stage]:  # fmt: skip
    """Run the console on a store that holds `writes`."""
    data = DataFolder(folder)
    data.prepare()
    bridge = FakeBridge()
    chosen = Settings(business=business or Business(), console=settings or Console())
    session = LocalSession()
    async with open_store(data, clock=lambda: NOW) as store:
        bridge.store = store
        await commit(store, writes)
        judged = open_operator_store(data, chosen, session, clock=lambda: NOW)
        app = CapcoadaApp(Services(judged, bridge, chosen, lambda: NOW, data, session))
        async with app.run_test(size=size, notifications=True) as pilot:
            stage = Stage(app, pilot, store, bridge)
            await pilot.pause()
            yield stage
