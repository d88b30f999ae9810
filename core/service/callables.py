"""Requests and answers of the bridge's callables: these models are their documentation.

Protocol: Firebase's callable protocol (https://firebase.google.com/docs/functions/callable-reference):
`POST /{name}` with `{"data": …}` and `Authorization: Bearer <token>`, `Accept-Language` for the
language of what it says; the answer is `{"result": …}`
or `{"error": {"status", "message", "details"}}`. Times are ISO 8601 strings in UTC.
"""

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

import msgspec

from core.crm.draft import Action, EventDraft, ExistingEvent, Intent
from core.service.presence import PresenceState

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=256, pattern="^[^/]*$")]
Body = Annotated[str, msgspec.Meta(min_length=1, max_length=65_536)]
Question = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
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


class WritersAnswer(Payload, frozen=True, kw_only=True):
    """Who may write in a thread from now on, besides admins."""

    thread_id: str
    owner_uid: str | None
    co_writer_uids: list[str]


class AddCoWriterRequest(Request[WritersAnswer], frozen=True, kw_only=True):
    """whatsappProxyAddCoWriter: the owner or an admin lets a colleague write in a thread."""

    thread_id: Id
    uid: Id


class RemoveCoWriterRequest(Request[WritersAnswer], frozen=True, kw_only=True):
    """whatsappProxyRemoveCoWriter: take that back; a co-writer may also leave."""

    thread_id: Id
    uid: Id


class HandOverRequest(Request[WritersAnswer], frozen=True, kw_only=True):
    """whatsappProxyHandOverThread: the owner or an admin makes another operator the owner."""

    thread_id: Id
    uid: Id
    """The new owner; an admin who takes a thread over names themselves."""


class FindOperatorAnswer(Payload, frozen=True, kw_only=True):
    """Whom the project's sign-in knows by an e-mail address."""

    uid: str
    email: str
    name: str
    """Empty when not told."""


class FindOperatorRequest(Request[FindOperatorAnswer], frozen=True, kw_only=True):
    """whatsappProxyFindOperator: an admin asks for the user ID of whoever is to work here."""

    email: Annotated[str, msgspec.Meta(min_length=3, max_length=320)]


class PresenceAnswer(Payload, frozen=True, kw_only=True):
    """Whether there is any colleague who could see it; if not, nothing was written."""

    is_shown: bool


class PresenceRequest(Request[PresenceAnswer], frozen=True, kw_only=True):
    """whatsappProxyPresence: tell the others who have a thread open what the operator does there.

    It is forgotten by itself, so it is repeated for as long as it holds; see
    `core.service.presence`.
    """

    thread_id: Id
    state: PresenceState


class ExtractAnswer(Payload, frozen=True, kw_only=True):
    """What a chat proposes; nothing of it is saved as an event."""

    thread_id: str
    account_id: str
    message_id: str | None
    """The newest message of the customer that was read; names the stored extraction."""
    client_request_id: str | None
    """Save the draft with it: the same draft saved twice makes one event."""
    phone_e164: str | None = msgspec.field(name="phoneE164")
    """The customer's, from the thread; None while a hidden identity is not resolved."""
    intent: Intent
    action: Action
    """`UPDATE_EVENT` also when an open event has the draft's date."""
    target_event_id: str | None
    """The event to update; None with `UPDATE_EVENT` when the operator must choose."""
    draft_event: EventDraft | None
    """What the chat states and nothing more; money as numbers."""
    evidence: dict[str, list[str]] = {}
    """Field (`payment.amount`, `roles`, …) to the ids of the messages that it came from."""
    confidence: float = 0.0
    """0 to 1."""
    field_confidence: dict[str, float] = {}
    reasons: list[str] = []
    """Sentences for the operator, in the language that the call asks for."""
    engine: str
    """`groq` or `rules`: which one made the draft."""
    model: str | None = None
    candidates: list[ExistingEvent] = []
    """The customer's open events, the likeliest first."""
    cached: bool = False
    """Whether the thread was unchanged, so that the stored extraction answered."""
    created_at: datetime
    """When the chat was read."""


class ExtractRequest(Request[ExtractAnswer], frozen=True, kw_only=True):
    """whatsappExtractEventFromThread: propose an event from a thread's newest messages."""

    thread_id: Id
    account_id: Id
    """The account that the thread must belong to."""
    dry_run: bool = True
    """Kept from the original; extraction never saves an event, so false is refused."""
    engine: Literal["auto", "groq", "rules"] | None = None
    """The settings' choice when absent; `auto` falls back to the rules when Groq fails."""
    refresh: bool = False
    """Read anew even when the thread is unchanged."""


class AskSource(Payload, frozen=True, kw_only=True):
    """An event that an answer rests on."""

    event_id: str
    event_short_id: int | None
    date: str | None
    """ISO `YYYY-MM-DD`."""
    details: str
    """The event on one line, in the language of the question."""


class AskAnswer(Payload, frozen=True, kw_only=True):
    """An answer whose every number, date and short id is in the client's data."""

    answer: str
    sources: list[AskSource] = []
    engine: str
    """`facts` when the program answered from the data, `groq` when a model worded it."""
    reasons: list[str] = []
    """Why it was not the model that answered, if it should have been."""


class AskRequest(Request[AskAnswer], frozen=True, kw_only=True):
    """clientCrmAsk: answer a question about a client from their events; never writes anything."""

    phone_e164: Annotated[str, msgspec.Meta(pattern=r"^\+[1-9][0-9]{6,14}$")] = msgspec.field(
        name="phoneE164"
    )
    question: Question
    engine: Literal["auto", "groq", "facts"] | None = None


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
    "whatsappProxyAddCoWriter": AddCoWriterRequest,
    "whatsappProxyRemoveCoWriter": RemoveCoWriterRequest,
    "whatsappProxyHandOverThread": HandOverRequest,
    "whatsappProxyPresence": PresenceRequest,
    "whatsappProxyFindOperator": FindOperatorRequest,
    "whatsappExtractEventFromThread": ExtractRequest,
    "clientCrmAsk": AskRequest,
}
"""Name on the wire to request model."""
