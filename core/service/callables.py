"""Requests and answers of the bridge's callables: these models are their documentation.

Protocol: Firebase's callable protocol (https://firebase.google.com/docs/functions/callable-reference):
`POST /{name}` with `{"data": …}` and `Authorization: Bearer <token>`; the answer is `{"result": …}`
or `{"error": {"status", "message", "details"}}`. Times are ISO 8601 strings in UTC.
"""

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

import msgspec

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
Body = Annotated[str, msgspec.Meta(min_length=1, max_length=65_536)]
Phone = Annotated[str, msgspec.Meta(pattern=r"^\+?[0-9 ()./-]{6,24}$")]


class Payload(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True
):
    """Base of all requests and answers: camelCase on the wire, unknown fields refused."""


Answer = TypeVar("Answer", bound=Payload)


class Request(Payload, Generic[Answer], frozen=True, kw_only=True):
    """A request; its type parameter is the answer's model."""


class SendAnswer(Payload, frozen=True, kw_only=True):
    """A message was taken over: it is durable and will be sent."""

    request_id: str
    duplicate: bool
    """Whether this very send had been taken over before."""


class SendRequest(Request[SendAnswer], frozen=True, kw_only=True):
    """whatsappProxySend: put a message into the outbox; repeating it is harmless."""

    thread_id: Id
    account_id: Id
    to_jid: Id
    text: Body
    client_message_id: Id
    """Chosen by the console, one per message the operator sends."""
    quoted_message_id: Id | None = None


class ResolveAnswer(Payload, frozen=True, kw_only=True):
    """What became of an uncertain or failed message."""

    status: str


class ResolveRequest(Request[ResolveAnswer], frozen=True, kw_only=True):
    """whatsappProxyResolve: the operator settles a message that is uncertain, failed or waiting."""

    request_id: Id
    action: Literal["retry", "mark_sent", "cancel"]


class AccountAnswer(Payload, frozen=True, kw_only=True):
    """The account that was acted on."""

    account_id: str


class AddAccountRequest(Request[AccountAnswer], frozen=True, kw_only=True):
    """whatsappProxyAddAccount: make an account and start pairing it by QR."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    account_id: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")] | None = (
        None
    )
    """Chosen by the bridge (WA-01, WA-02, …) when absent."""


class RegenerateQrRequest(Request[AccountAnswer], frozen=True, kw_only=True):
    """whatsappProxyRegenerateQr: start a new pairing round; also reconnects a stopped account."""

    account_id: Id


class PairPhoneAnswer(Payload, frozen=True, kw_only=True):
    """The code to type on the phone."""

    account_id: str
    pairing_code: str


class PairPhoneRequest(Request[PairPhoneAnswer], frozen=True, kw_only=True):
    """whatsappProxyPairPhone: pair by a code typed on the phone instead of a QR."""

    account_id: Id
    phone: Phone


class DisconnectRequest(Request[AccountAnswer], frozen=True, kw_only=True):
    """whatsappProxyDisconnectAccount: stop an account; with `log_out`, unlink it from the phone."""

    account_id: Id
    log_out: bool = False
    archive: bool = False


class BackfillAnswer(Payload, frozen=True, kw_only=True):
    """How much history there is, and whether more can come."""

    account_id: str
    threads: int
    messages: int
    note: str
    """A sentence on what can be done to get more."""


class BackfillRequest(Request[BackfillAnswer], frozen=True, kw_only=True):
    """whatsappProxyBackfillAccount: work off what the journal holds and tell the coverage."""

    account_id: Id


class MarkReadAnswer(Payload, frozen=True, kw_only=True):
    """How many messages were marked."""

    marked: int


class MarkReadRequest(Request[MarkReadAnswer], frozen=True, kw_only=True):
    """whatsappProxyMarkRead: the operator has seen a thread; tells the customer if so set."""

    thread_id: Id
    up_to_message_id: Id | None = None


class AccountHealth(Payload, frozen=True, kw_only=True):
    """One account as its supervisor sees it right now."""

    account_id: str
    status: str
    condition: str = ""
    last_heard_at: datetime | None = None
    """When anything last came from WhatsApp for this account."""
    journal_backlog: int = 0
    """Events received but not yet in the store."""
    next_attempt_at: datetime | None = None


class Health(Payload, frozen=True, kw_only=True):
    """`GET /health`: liveness, accounts, queues."""

    version: str
    pid: int
    started_at: datetime
    now: datetime
    store: Literal["ok", "away"]
    store_error: str = ""
    outbox_waiting: int = 0
    outbox_uncertain: int = 0
    accounts: list[AccountHealth] = []


CALLABLES: dict[str, type[Request]] = {  # type: ignore[type-arg]  # each has its own answer
    "whatsappProxySend": SendRequest,
    "whatsappProxyResolve": ResolveRequest,
    "whatsappProxyAddAccount": AddAccountRequest,
    "whatsappProxyRegenerateQr": RegenerateQrRequest,
    "whatsappProxyPairPhone": PairPhoneRequest,
    "whatsappProxyDisconnectAccount": DisconnectRequest,
    "whatsappProxyBackfillAccount": BackfillRequest,
    "whatsappProxyMarkRead": MarkReadRequest,
}
"""Name on the wire to request model."""
