"""What each callable does. A new one is a handler here and a line in `REGISTRY`."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bridge.account import RunningAccount
from bridge.crm import ask_callable
from bridge.crm.ask_callable import ask_about_client
from bridge.crm.extract_callable import DEADLINE_SECONDS, extract_event
from bridge.outbox.accept import accept
from bridge.outbox.resolve import resolve
from bridge.server.mark_read import mark_read, tell_whatsapp
from bridge.server.verifiers import Caller
from bridge.supervisor import Supervisor
from core.clock import Clock
from core.i18n import _
from core.model.ids import THREADS, outbox_path
from core.service.callables import (
    AccountAnswer,
    AddAccountRequest,
    Answer,
    AskAnswer,
    AskRequest,
    BackfillAnswer,
    BackfillRequest,
    DisconnectRequest,
    ExtractAnswer,
    ExtractRequest,
    MarkReadAnswer,
    MarkReadRequest,
    PairPhoneAnswer,
    PairPhoneRequest,
    RegenerateQrRequest,
    Request,
    ResolveAnswer,
    ResolveRequest,
    SendAnswer,
    SendRequest,
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
    supervisor: Supervisor
    settings: Settings
    clock: Clock


R = TypeVar("R", bound=Request[Any])
Handler = Callable[[Bridge, Caller, R], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Callable_(Generic[R]):  # noqa: N801 - `callable` and `Callable` are Python's own
    """A callable: its request's model, what it does, and how long it may take."""

    request: type[R]
    handler: Handler[R]
    deadline_seconds: float = 15.0


async def send(bridge: Bridge, caller: Caller, request: SendRequest) -> SendAnswer:
    """Take a message over and wake the account's sender."""
    answer = await accept(bridge.store, request, caller.uid, bridge.clock)
    if (account := bridge.supervisor.running(request.account_id)) is not None:
        account.sender.wake()
    return answer


async def settle(bridge: Bridge, _caller: Caller, request: ResolveRequest) -> ResolveAnswer:
    """Settle a message as the operator decided."""
    answer = await resolve(bridge.store, request, bridge.clock)
    document = await bridge.store.get(outbox_path(request.request_id))
    account_id = document.data["accountId"] if document else ""
    if (account := bridge.supervisor.running(account_id)) is not None:
        account.sender.wake()
    return answer


async def add_account(bridge: Bridge, _caller: Caller, request: AddAccountRequest) -> AccountAnswer:
    """Make an account; its pairing begins at once."""
    if not (name := request.name.strip()):
        raise CallRefused("INVALID_ARGUMENT", _("The name is empty."), field="name")
    account = await bridge.supervisor.add(name, request.account_id)
    await _shown(account)
    return AccountAnswer(account_id=account.account_id)


async def regenerate_qr(
    bridge: Bridge, _caller: Caller, request: RegenerateQrRequest
) -> AccountAnswer:
    """Begin a new pairing round, or reconnect."""
    account = await bridge.supervisor.find(request.account_id)
    await account.runner.connect()
    await _shown(account)
    return AccountAnswer(account_id=account.account_id)


async def pair_phone(bridge: Bridge, _caller: Caller, request: PairPhoneRequest) -> PairPhoneAnswer:
    """Get a code to type on the phone."""
    phone = international(request.phone, bridge.settings.business.region)
    account = await bridge.supervisor.find(request.account_id)
    code = await account.runner.pair_phone(phone)
    await _shown(account)
    return PairPhoneAnswer(account_id=account.account_id, pairing_code=code)


async def disconnect(bridge: Bridge, _caller: Caller, request: DisconnectRequest) -> AccountAnswer:
    """Stop an account, unlink it if so asked, archive it if so asked."""
    account = await bridge.supervisor.find(request.account_id)
    await account.runner.disconnect(log_out=request.log_out)
    await _shown(account)
    if request.archive:
        await bridge.supervisor.archive(request.account_id)
    return AccountAnswer(account_id=account.account_id)


async def backfill(bridge: Bridge, _caller: Caller, request: BackfillRequest) -> BackfillAnswer:
    """Work off what was received and tell how much history there is."""
    account = await bridge.supervisor.find(request.account_id)
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


async def mark_as_read(bridge: Bridge, _caller: Caller, request: MarkReadRequest) -> MarkReadAnswer:
    """Note that a conversation was seen, and tell the customer if so set."""
    marked = await mark_read(bridge.store, request)
    account = bridge.supervisor.running(marked.account_id)
    worker = account.runner.worker if account and account.runner.is_connected else None
    if worker is not None and marked.count and bridge.settings.console.mark_read_on_view:
        with contextlib.suppress(TimeoutError):  # then only the customer's ticks stay as they are
            async with asyncio.timeout(_TELL_SECONDS):
                await tell_whatsapp(worker, marked)
    return MarkReadAnswer(marked=marked.count)


async def extract(bridge: Bridge, caller: Caller, request: ExtractRequest) -> ExtractAnswer:
    """Propose an event from a conversation."""
    return await extract_event(bridge.store, bridge.settings, bridge.clock, caller.uid, request)


async def ask(bridge: Bridge, _caller: Caller, request: AskRequest) -> AskAnswer:
    """Answer a question about a client."""
    return await ask_about_client(bridge.store, bridge.settings, bridge.clock, request)


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
    "whatsappProxySend": Callable_(SendRequest, send),
    "whatsappProxyResolve": Callable_(ResolveRequest, settle),
    "whatsappProxyAddAccount": Callable_(AddAccountRequest, add_account),
    "whatsappProxyRegenerateQr": Callable_(RegenerateQrRequest, regenerate_qr),
    "whatsappProxyPairPhone": Callable_(PairPhoneRequest, pair_phone, deadline_seconds=95.0),
    "whatsappProxyDisconnectAccount": Callable_(DisconnectRequest, disconnect, 30.0),
    "whatsappProxyBackfillAccount": Callable_(BackfillRequest, backfill, 45.0),
    "whatsappProxyMarkRead": Callable_(MarkReadRequest, mark_as_read),
    "whatsappExtractEventFromThread": Callable_(ExtractRequest, extract, DEADLINE_SECONDS),
    "clientCrmAsk": Callable_(AskRequest, ask, ask_callable.DEADLINE_SECONDS),
}
"""Name on the wire to what it does."""

__all__ = ["REGISTRY", "Answer", "Bridge", "Callable_", "Caller", "international"]
