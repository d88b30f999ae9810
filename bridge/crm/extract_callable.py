"""`whatsappExtractEventFromThread`: proposes an event from a thread, and saves none."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from bridge.crm.audit import Audit, stored_extraction
from bridge.crm.conversation import Conversation, existing, read_conversation
from bridge.crm.engines import choose_extractors
from core.clock import Clock
from core.crm.differences import decide
from core.crm.draft import Extraction, Reason
from core.crm.events import make_client_request_id
from core.crm.extractor import Extractor
from core.crm.reasons import sentence
from core.errors import CapcoadaError
from core.i18n import _
from core.model.documents import Thread, from_document
from core.model.ids import thread_path
from core.service.callables import ExtractAnswer, ExtractRequest
from core.service.errors import CallRefused, ServiceError
from core.settings import Settings
from core.store.port import Store

_log = logging.getLogger(__name__)

DEADLINE_SECONDS = 90.0
"""Of the whole call."""
_ENGINE_SECONDS = 60.0
"""Of one engine, so that there is time for the next."""


class EngineTimeout(ServiceError):
    """An engine did not finish in time."""


@dataclass(frozen=True, slots=True)
class Read:
    """An extraction, whether it was stored before, and what else the operator should know."""

    extraction: Extraction
    at: datetime
    """When the chat was read."""
    cached: bool = False
    notes: tuple[str, ...] = ()
    """Sentences."""


async def extract_event(
    store: Store, settings: Settings, clock: Clock, uid: str, request: ExtractRequest
) -> ExtractAnswer:
    """Return what the thread's newest messages propose. Raises CallRefused, StoreError."""
    thread = await _thread(store, request)
    wanted = request.engine or settings.crm.engine
    extractors = await choose_extractors(store, settings, wanted)
    conversation = await read_conversation(store, thread, settings, clock)
    if conversation.newest_inbound is None:
        nothing = Extraction(
            intent="OTHER",
            action="NOOP",
            reasons=[Reason("not_written")],
            engine=extractors[-1].name,
        )
        return _answer(thread, conversation, Read(nothing, clock()))
    audit = Audit(store, clock, thread, conversation, conversation.newest_inbound, uid)
    read = await _read(audit, extractors, refresh=request.refresh)
    return _answer(thread, conversation, read)


async def _thread(store: Store, request: ExtractRequest) -> Thread:
    if not request.dry_run:
        raise CallRefused(
            "INVALID_ARGUMENT",
            _("Extraction never saves: save the draft as an event instead."),
            field="dryRun",
        )
    for field, value in (("threadId", request.thread_id), ("accountId", request.account_id)):
        if "/" in value:
            raise CallRefused("INVALID_ARGUMENT", _("That is no id."), field=field)
    document = await store.get(thread_path(request.thread_id))
    if document is None:
        raise CallRefused("NOT_FOUND", _("There is no such conversation."), field="threadId")
    thread = from_document(document, Thread)
    if thread.account_id != request.account_id:
        raise CallRefused(
            "PERMISSION_DENIED",
            _("That conversation belongs to another account."),
            field="accountId",
        )
    return thread


async def _read(audit: Audit, extractors: list[Extractor], *, refresh: bool) -> Read:
    """Answer from the record, else ask the engines in turn. Raises CallRefused, StoreError."""
    stored = await audit.store.get(audit.path)
    failures: list[CapcoadaError] = []
    for extractor in extractors:
        if not refresh and stored is not None and audit.is_current(stored, extractor):
            began: datetime = stored.data["createdAt"]
            return Read(stored_extraction(stored), began, cached=True, notes=_told(failures))
        try:
            extraction = await _ask(audit, extractor)
        except CapcoadaError as error:
            _log.warning("the engine %s failed: %s", extractor.name, type(error).__name__)
            failures.append(error)
            continue
        return Read(extraction, audit.clock(), notes=_told(failures))
    last = failures[-1]
    if isinstance(last, CallRefused):
        raise last
    raise CallRefused("UNAVAILABLE", last.message, hint=last.hint) from last


async def _ask(audit: Audit, extractor: Extractor) -> Extraction:
    """Run one engine, and put on record what came of it."""
    loop = asyncio.get_running_loop()
    began = await audit.begin(extractor)
    start = loop.time()

    def latency_ms() -> int:
        return round((loop.time() - start) * 1000)

    try:
        async with asyncio.timeout(_ENGINE_SECONDS):
            extraction = await extractor.extract(audit.conversation.given)
    except TimeoutError as error:
        late = EngineTimeout(_("The engine {name} took too long.").format(name=extractor.name))
        await audit.fail(extractor, began, late, latency_ms())
        raise late from error
    except CapcoadaError as error:
        await audit.fail(extractor, began, error, latency_ms())
        raise
    extraction = replace(extraction, engine=extractor.name, model=extractor.model)
    await audit.succeed(extractor, began, extraction, latency_ms())
    return extraction


def _told(failures: list[CapcoadaError]) -> tuple[str, ...]:
    """Let the operator see why another engine than the preferred one answered."""
    said = _("{why} The built-in rules read the chat.")
    return tuple(said.format(why=error.message) for error in failures)


def _answer(thread: Thread, conversation: Conversation, read: Read) -> ExtractAnswer:
    extraction = read.extraction
    decision = decide(extraction, conversation.events)
    action = extraction.action
    reasons = [*map(sentence, extraction.reasons), *read.notes]
    if decision.action in ("update", "choose"):
        action = "UPDATE_EVENT"
    elif decision.action == "create":
        action = "CREATE_EVENT"
    if action != extraction.action and decision.target is not None:
        reasons.append(_("An open event of this customer has the same date."))
    message_id = conversation.newest_inbound
    return ExtractAnswer(
        thread_id=thread.thread_id,
        account_id=thread.account_id,
        message_id=message_id,
        client_request_id=(
            make_client_request_id(thread.thread_id, message_id) if message_id else None
        ),
        phone_e164=thread.phone_e164,
        intent=extraction.intent,
        action=action,
        target_event_id=decision.target.event_id if decision.target else None,
        draft_event=extraction.event,
        evidence=extraction.evidence,
        confidence=extraction.confidence,
        field_confidence=extraction.field_confidence,
        reasons=reasons,
        engine=extraction.engine,
        model=extraction.model,
        candidates=[existing(event) for event in decision.candidates],
        cached=read.cached,
        created_at=read.at,
    )
