"""What each callable does. A new one is a handler here and a line in `REGISTRY`."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from bridge.account import RunningAccount
from bridge.crm import ask_callable
from bridge.crm.ask_callable import ask_about_client
from bridge.crm.extract_callable import DEADLINE_SECONDS, extract_event
from bridge.metrics import Metrics
from bridge.outbox.accept import accept
from bridge.outbox.resolve import resolve
from bridge.server.mark_read import mark_read, tell_whatsapp
from bridge.staff.access import Access, account_refusal
from bridge.staff.directory import Staff
from bridge.staff.find import find_operator
from bridge.staff.presence import tell_presence
from bridge.staff.writers import add_co_writer, check_writer, hand_over, remove_co_writer
from bridge.supervisor import Supervisor
from core.clock import Clock
from core.i18n import _
from core.model.documents import StaffProfile
from core.model.ids import THREADS, outbox_path, thread_path
from core.service.callables import (
    AccountAnswer,
    AddAccountRequest,
    AddCoWriterRequest,
    Answer,
    AskAnswer,
    AskRequest,
    BackfillAnswer,
    BackfillRequest,
    DisconnectRequest,
    ExtractAnswer,
    ExtractRequest,
    FindOperatorAnswer,
    FindOperatorRequest,
    HandOverRequest,
    MarkReadAnswer,
    MarkReadRequest,
    PairPhoneAnswer,
    PairPhoneRequest,
    PresenceAnswer,
    PresenceRequest,
    RegenerateQrRequest,
    RemoveCoWriterRequest,
    Request,
    ResolveAnswer,
    ResolveRequest,
    SendAnswer,
    SendRequest,
    WritersAnswer,
)
from core.service.errors import CallRefused
from core.settings import Settings
from core.store.port import Query, Store

_DRAIN_SECONDS = 30.0
_TELL_SECONDS = 10.0
_SHOWN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Bridge:
    """What the callables work with."""

    store: Store
    staff: Staff
    supervisor: Supervisor
    settings: Settings
    clock: Clock
    metrics: Metrics = field(default_factory=Metrics)


R = TypeVar("R", bound=Request[Any])
Handler = Callable[[Bridge, StaffProfile, R], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Callable_(Generic[R]):  # noqa: N801 - `callable` and `Callable` are Python's own
    """A callable: its request's model, what it does, who may call it, how long it may take."""

    request: type[R]
    handler: Handler[R]
    access: Access
    deadline_seconds: float = 15.0


async def send(bridge: Bridge, caller: StaffProfile, request: SendRequest) -> SendAnswer:
    """Take a message over; the account's sender has it at once, or is woken."""
    await bridge.supervisor.threads.turn(request.thread_id)
    account = bridge.supervisor.running(request.account_id)
    sender = None if account is None else account.sender
    answer = await accept(bridge.store, bridge.staff, request, caller, bridge.clock, sender=sender)
    if sender is not None:
        sender.wake()
    return answer


async def settle(bridge: Bridge, caller: StaffProfile, request: ResolveRequest) -> ResolveAnswer:
    """Settle a message as the operator decided: whoever sent it, or may write in its thread."""
    document = await bridge.store.get(outbox_path(request.request_id))
    if document is None:
        raise CallRefused("NOT_FOUND", _("There is no such message."), field="requestId")
    item = document.data
    if (refusal := account_refusal(bridge.staff, caller, item["accountId"])) is not None:
        raise refusal
    if item["createdByUid"] != caller.uid:
        thread = await bridge.store.get(thread_path(item["threadId"]))
        if thread is not None:
            check_writer(bridge.staff, dict(thread.data), caller)
    await bridge.supervisor.threads.turn(item["threadId"])
    answer = await resolve(bridge.store, request, bridge.clock)
    if (account := bridge.supervisor.running(item["accountId"])) is not None:
        account.sender.wake()
    return answer


async def add_account(
    bridge: Bridge, _caller: StaffProfile, request: AddAccountRequest
) -> AccountAnswer:
    """Make an account; its pairing begins at once."""
    if not (name := request.name.strip()):
        raise CallRefused("INVALID_ARGUMENT", _("The name is empty."), field="name")
    account = await bridge.supervisor.add(name, request.account_id)
    await _shown(account)
    return AccountAnswer(account_id=account.account_id)


async def regenerate_qr(
    bridge: Bridge, _caller: StaffProfile, request: RegenerateQrRequest
) -> AccountAnswer:
    """Begin a new pairing round, or reconnect."""
    account = await bridge.supervisor.find(request.account_id)
    await account.runner.connect()
    await _shown(account)
    return AccountAnswer(account_id=account.account_id)


async def pair_phone(
    bridge: Bridge, _caller: StaffProfile, request: PairPhoneRequest
) -> PairPhoneAnswer:
    """Get a code to type on the phone."""
    phone = international(request.phone, bridge.settings.business.region)
    account = await bridge.supervisor.find(request.account_id)
    code = await account.runner.pair_phone(phone)
    await _shown(account)
    return PairPhoneAnswer(account_id=account.account_id, pairing_code=code)


async def disconnect(
    bridge: Bridge, _caller: StaffProfile, request: DisconnectRequest
) -> AccountAnswer:
    """Stop an account, unlink it if so asked, archive it if so asked."""
    account = await bridge.supervisor.find(request.account_id)
    await account.runner.disconnect(log_out=request.log_out)
    await _shown(account)
    if request.archive:
        await bridge.supervisor.archive(request.account_id)
    return AccountAnswer(account_id=account.account_id)


async def backfill(
    bridge: Bridge, _caller: StaffProfile, request: BackfillRequest
) -> BackfillAnswer:
    """Work off what was received and tell how much history there is."""
    account = await bridge.supervisor.find(request.account_id, asks=False)
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            await account.ingest.drained()
    except TimeoutError:
        note = _("Messages that were received are still being stored.")
    else:
        note = _(
            "WhatsApp sends history only when a phone is paired; import a chat export to fill gaps."
        )
    account.document.put(lastBackfillAt=bridge.clock())
    threads = Query(THREADS).where("accountId", "==", request.account_id)
    return BackfillAnswer(
        account_id=request.account_id,
        threads=(await bridge.store.aggregate(threads)).count,
        messages=account.ingest.sync.messages,
        note=note,
    )


async def mark_as_read(
    bridge: Bridge, _caller: StaffProfile, request: MarkReadRequest
) -> MarkReadAnswer:
    """Note that a conversation was seen, and tell the customer if so set."""
    await bridge.supervisor.threads.turn(request.thread_id)
    marked = await mark_read(bridge.store, request)
    account = bridge.supervisor.running(marked.account_id)
    worker = account.runner.worker if account and account.runner.is_connected else None
    if worker is not None and marked.count and bridge.settings.console.mark_read_on_view:
        with contextlib.suppress(TimeoutError):  # then only the customer's ticks stay as they are
            async with asyncio.timeout(_TELL_SECONDS):
                await tell_whatsapp(worker, marked)
    return MarkReadAnswer(marked=marked.count)


async def let_write(
    bridge: Bridge, caller: StaffProfile, request: AddCoWriterRequest
) -> WritersAnswer:
    """Let a colleague write in a conversation."""
    await bridge.supervisor.threads.turn(request.thread_id)
    return await add_co_writer(bridge.store, bridge.staff, caller, request)


async def let_no_longer_write(
    bridge: Bridge, caller: StaffProfile, request: RemoveCoWriterRequest
) -> WritersAnswer:
    """Take that back."""
    await bridge.supervisor.threads.turn(request.thread_id)
    return await remove_co_writer(bridge.store, bridge.staff, caller, request)


async def give_thread(
    bridge: Bridge, caller: StaffProfile, request: HandOverRequest
) -> WritersAnswer:
    """Make another operator the one who answers a conversation."""
    await bridge.supervisor.threads.turn(request.thread_id)
    return await hand_over(bridge.store, bridge.staff, caller, request)


async def find(
    bridge: Bridge, _caller: StaffProfile, request: FindOperatorRequest
) -> FindOperatorAnswer:
    """Tell an admin the user ID of somebody who is to work here."""
    return await find_operator(bridge.settings.cloud, request.email)


async def presence(
    bridge: Bridge, caller: StaffProfile, request: PresenceRequest
) -> PresenceAnswer:
    """Tell the others who is looking at a conversation."""
    return await tell_presence(bridge.store, bridge.staff, caller, request, bridge.clock)


async def extract(bridge: Bridge, caller: StaffProfile, request: ExtractRequest) -> ExtractAnswer:
    """Propose an event from a conversation."""
    try:
        answer = await extract_event(
            bridge.store, bridge.settings, bridge.clock, caller.uid, request
        )
    except CallRefused:
        bridge.metrics.extractions.labels("none", "failed").inc()
        raise
    outcome = "cached" if answer.cached else answer.action.lower()
    bridge.metrics.extractions.labels(answer.engine, outcome).inc()
    return answer


async def ask(bridge: Bridge, _caller: StaffProfile, request: AskRequest) -> AskAnswer:
    """Answer a question about a client."""
    answer = await ask_about_client(bridge.store, bridge.settings, bridge.clock, request)
    bridge.metrics.answers.labels(answer.engine).inc()
    return answer


async def _shown(account: RunningAccount) -> None:
    """Let the account's document catch up, so that the caller finds what it asked for."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_SHOWN_SECONDS):
            await account.document.saved()


def international(phone: str, region: str) -> str:
    """Return a phone number as digits with its country code. Raises CallRefused."""
    import phonenumbers  # noqa: PLC0415 - large tables, needed only here

    try:
        number = phonenumbers.parse(phone, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise CallRefused("INVALID_ARGUMENT", _("That is not a phone number."), field="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).lstrip("+")


REGISTRY: dict[str, Callable_[Any]] = {
    "whatsappProxySend": Callable_(SendRequest, send, "account"),
    "whatsappProxyResolve": Callable_(ResolveRequest, settle, "employee"),
    "whatsappProxyAddAccount": Callable_(AddAccountRequest, add_account, "admin"),
    "whatsappProxyRegenerateQr": Callable_(RegenerateQrRequest, regenerate_qr, "admin"),
    "whatsappProxyPairPhone": Callable_(PairPhoneRequest, pair_phone, "admin", 95.0),
    "whatsappProxyDisconnectAccount": Callable_(DisconnectRequest, disconnect, "admin", 30.0),
    "whatsappProxyBackfillAccount": Callable_(BackfillRequest, backfill, "account", 45.0),
    "whatsappProxyMarkRead": Callable_(MarkReadRequest, mark_as_read, "account"),
    "whatsappProxyAddCoWriter": Callable_(AddCoWriterRequest, let_write, "account"),
    "whatsappProxyRemoveCoWriter": Callable_(RemoveCoWriterRequest, let_no_longer_write, "account"),
    "whatsappProxyHandOverThread": Callable_(HandOverRequest, give_thread, "account"),
    "whatsappProxyPresence": Callable_(PresenceRequest, presence, "account"),
    "whatsappProxyFindOperator": Callable_(FindOperatorRequest, find, "admin", 30.0),
    "whatsappExtractEventFromThread": Callable_(
        ExtractRequest, extract, "account", DEADLINE_SECONDS
    ),
    "clientCrmAsk": Callable_(AskRequest, ask, "employee", ask_callable.DEADLINE_SECONDS),
}
"""Name on the wire to what it does."""

__all__ = ["REGISTRY", "Answer", "Bridge", "Callable_", "international"]
