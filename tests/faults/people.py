"""Customers, the owner of the phone, and operators at their consoles, who do what the plan says.

A console remembers what it was not told is done, and repeats it with the same id, as the real one.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import partial
from typing import Any, Protocol

from bridge.errors import SimulatorError
from bridge.simulator.client import SimulatorClient
from core.crm.events import Event, EventPayment, EventRole, make_event_id
from core.crm.save import archive_event, change_payment, create_event, load_event
from core.model.ids import OUTBOX, THREADS, messages_path
from core.service.callables import (
    Answer,
    MarkReadRequest,
    Request,
    ResolveRequest,
    SendRequest,
)
from core.service.errors import BridgeUnreachable, CallRefused
from core.store.errors import StoreUnavailable
from core.store.port import Query, Store
from tests.faults.plan import ACCOUNT, CUSTOMERS, GROUP, PHONE, Deed

UID = "ana"
_CONTENTS: dict[str, dict[str, Any]] = {
    "image": {"kind": "image", "caption": "C-{n}", "size": 2000},
    "document": {"kind": "document", "file_name": "oferta.pdf", "caption": "C-{n}"},
    "voice": {"kind": "voice", "seconds": 7},
    "location": {"kind": "location", "name": "C-{n}", "latitude": 44.4, "longitude": 26.1},
}


class Calls(Protocol):
    """How a console calls a bridge."""

    async def call(
        self, request: Request[Answer], *, deadline_seconds: float | None = None
    ) -> Answer:
        """Call it. Raises BridgeUnreachable, CallRefused."""
        ...


class People:
    """Everybody outside the program."""

    def __init__(self, sim: SimulatorClient, bridge: Calls, store: Store, console: Store) -> None:
        self.group = ""
        """The group's JID."""
        self.taken: set[str] = set()
        self.saved: set[str] = set()
        self.done: Counter[str] = Counter()
        """Deeds by kind, and how often a console had to try."""
        self._sim = sim
        self._bridge = bridge
        self._store = store
        self._console = console
        """The store as an operator's console opens it, judged by the rules."""
        self._written: list[tuple[str, str, str]] = []
        """Chat, author and id of what customers wrote."""
        self._events: list[str] = []
        self._sends: list[SendRequest] = []
        self._drafts: list[tuple[Event, str]] = []

    async def meet(self, customers: list[str]) -> None:
        """Everybody says hello, so that there are conversations."""
        for number in customers:
            await self._write(number, "", {"kind": "text", "text": f"Salut de la {number}"})
        await self._write(customers[0], self.group, {"kind": "text", "text": "Salut tuturor"})

    # -- outside -----------------------------------------------------------------------------

    async def act(self, deeds: list[Deed]) -> None:
        """Do everything: phones at their pace, consoles at theirs."""
        phones = [one for one in deeds if one.kind in _PHONES]
        consoles = [one for one in deeds if one.kind in _CONSOLES]
        await asyncio.gather(self._on_phones(phones), self._at_consoles(consoles))

    async def _on_phones(self, deeds: list[Deed]) -> None:
        for deed in deeds:
            try:
                await self._on_phone(deed)
            except SimulatorError:  # a message that is no one's any more, a device that is not
                self.done[f"{deed.kind} refused"] += 1
            else:
                self.done[deed.kind] += 1

    async def _on_phone(self, deed: Deed) -> None:
        detail = deed.detail
        chat, serial = detail.get("chat", ""), detail["serial"]
        group = self.group if chat == GROUP else ""
        number = CUSTOMERS[0] if group else chat
        match deed.kind:
            case "write":
                await self._write(number, group, {"kind": "text", "text": f"C-{serial}"})
            case "media":
                content = {
                    key: value.replace("{n}", str(serial)) if isinstance(value, str) else value
                    for key, value in _CONTENTS[detail["content"]].items()
                }
                await self._write(number, group, content)
            case "quote":
                quoted = self._pick(detail["pick"], group or number)
                content = {"kind": "text", "text": f"C-{serial}"}
                await self._write(number, group, content, quoted=quoted[2] if quoted else "")
            case "edit" | "revoke" | "react":
                await self._change(deed)
            case "read":
                await self._sim.customer_reads(number)
            case "offline":
                await self._sim.customer(number, delivers=False)
            case "online":
                await self._come_online(number)
            case "owner_writes":
                await self._sim.owner_writes(PHONE, number, f"P-{serial}")
            case "owner_reads":
                await self._sim.owner_reads(PHONE, number)

    async def _write(
        self, number: str, group: str, content: dict[str, object], quoted: str = ""
    ) -> None:
        to = "" if group else PHONE
        wrote = await self._sim.customer_writes(
            number, to=to, group=group, content=content, quoted=quoted
        )
        self._written.append((group or number, number, wrote))

    async def _change(self, deed: Deed) -> None:
        written = self._pick(deed.detail["pick"])
        # A history that comes with the next pairing does not tell of changes.
        is_linked = any(one["phone"] for one in await self._sim.devices())
        if written is None or not is_linked:
            return
        _chat, author, message_id = written
        if deed.kind == "edit":
            await self._sim.customer_edits(author, message_id, f"E-{deed.detail['serial']}")
        elif deed.kind == "revoke":
            await self._sim.customer_revokes(author, message_id)
            self._written.remove(written)
        else:
            await self._sim.customer_reacts(author, message_id, deed.detail["emoji"])

    def _pick(self, pick: float, chat: str = "") -> tuple[str, str, str] | None:
        """Return one of the later messages of customers."""
        found = [one for one in self._written if chat in ("", one[0])][-20:]
        return found[int(pick * len(found))] if found else None

    async def _come_online(self, number: str) -> None:
        await self._sim.customer(number, delivers=True)

    async def everybody_online(self, customers: list[str]) -> None:
        """Every phone gets what waited for it."""
        for number in customers:
            await self._come_online(number)

    # -- consoles ----------------------------------------------------------------------------

    async def _at_consoles(self, deeds: list[Deed]) -> None:
        await self.try_again()
        for deed in deeds:
            await self._patiently(deed.kind, partial(self._at_console, deed))

    async def try_again(self) -> None:
        """Hand over what no console was told is taken over or saved."""
        for send in list(self._sends):
            await self._patiently("send again", partial(self._send, send))
        for event, draft_id in list(self._drafts):
            await self._patiently("event again", partial(self._save, event, draft_id))

    @property
    def waits(self) -> int:
        """How much is not handed over."""
        return len(self._sends) + len(self._drafts)

    async def _patiently(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do something that fails while the bridge or the store is away."""
        try:
            await work()
        except (BridgeUnreachable, StoreUnavailable):
            self.done[f"{name} unanswered"] += 1
        except CallRefused as error:
            if error.status not in ("UNAVAILABLE", "INTERNAL", "FAILED_PRECONDITION"):
                raise
            self.done[f"{name} {error.status.lower()}"] += 1
        else:
            self.done[name] += 1

    async def _at_console(self, deed: Deed) -> None:
        detail = deed.detail
        match deed.kind:
            case "send":
                await self._write_message(detail["chat"], detail["serial"])
            case "mark_read":
                await self._mark_read(self._thread(detail["chat"])[0])
            case "event":
                await self._write_event(deed)
            case "event_change":
                await self._change_event(deed)
            case "event_archive":
                if self._events:
                    event_id = self._events[int(detail["pick"] * len(self._events))]
                    await archive_event(self._console, event_id, reason="", uid=UID)
            case "resolve":
                await self._resolve(detail["action"])

    def _thread(self, chat: str) -> tuple[str, str]:
        """Return thread id and address of a conversation."""
        jid = self.group if chat == GROUP else f"{chat}@s.whatsapp.net"
        return f"{ACCOUNT}__{jid}", jid

    async def _is_shown(self, thread_id: str) -> bool:
        """Whether an operator sees a conversation: its first message may be under way."""
        return await self._store.get(f"{THREADS}/{thread_id}") is not None

    async def _mark_read(self, thread_id: str) -> None:
        if await self._is_shown(thread_id):
            await self._bridge.call(MarkReadRequest(thread_id=thread_id), deadline_seconds=3)

    async def _write_message(self, chat: str, serial: int) -> None:
        thread_id, jid = self._thread(chat)
        if not await self._is_shown(thread_id):
            return
        quoted = None
        if serial % 4 == 0:
            newest = Query(messages_path(thread_id)).order_by("tsClient", "desc").limit(1)
            quoted = (await self._store.query(newest))[0].id
        request = SendRequest(
            thread_id=thread_id,
            account_id=ACCOUNT,
            to_jid=jid,
            text=f"S-{serial}",
            client_message_id=f"S-{serial}",
            quoted_message_id=quoted,
        )
        self._sends.append(request)
        await self._send(request)

    async def _send(self, request: SendRequest) -> None:
        answer = await self._bridge.call(request, deadline_seconds=3)
        self.taken.add(answer.request_id)
        self._sends.remove(request)

    async def _write_event(self, deed: Deed) -> None:
        detail = deed.detail
        event = Event(
            phone_e164=f"+{detail['chat']}",
            date=f"2027-03-{detail['day']:02d}",
            start_time="17:00",
            roles_by_slot={"01A": EventRole(slot="01A", role_type="ANIMATOR")},
            payment=EventPayment(
                amount=Decimal(detail["amount"]),
                currency="RON",
                status=detail["status"],
                deposit=Decimal("100"),
            ),
        )
        draft = (event, f"draft-{detail['serial']}")
        self._drafts.append(draft)
        await self._save(*draft)

    async def _save(self, event: Event, draft_id: str) -> None:
        await create_event(self._console, event, uid=UID, client_request_id=draft_id)
        self._drafts.remove((event, draft_id))
        self._events.append(make_event_id(draft_id))
        self.saved.add(self._events[-1])

    async def _change_event(self, deed: Deed) -> None:
        if not self._events:
            return
        event_id = self._events[int(deed.detail["pick"] * len(self._events))]
        base = await load_event(self._console, event_id)
        await change_payment(self._console, base, uid=UID, status=deed.detail["status"])

    async def _resolve(self, action: str) -> None:
        """The operator decides about the oldest message that is uncertain."""
        query = Query(OUTBOX).where("accountId", "==", ACCOUNT)
        found = await self._store.query(
            query.where("status", "==", "uncertain").order_by("createdAt").limit(1)
        )
        for item in found:
            request = ResolveRequest(request_id=item.id, action=action)  # type: ignore[arg-type]
            await self._bridge.call(request, deadline_seconds=3)


_PHONES = frozenset(
    {"write", "media", "quote", "edit", "revoke", "react", "read", "offline", "online"}
    | {"owner_writes", "owner_reads"}
)
_CONSOLES = frozenset({"send", "mark_read", "event", "event_change", "event_archive", "resolve"})
