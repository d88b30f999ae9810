"""`clientCrmAsk`: answers a question about a client; it reads, and never writes anything."""

import asyncio
from dataclasses import replace
from zoneinfo import ZoneInfo

from bridge.crm.engines import choose_answerer
from core.clock import Clock
from core.crm.ask.answers import Answer
from core.crm.ask.ask import ask
from core.crm.ask.facts import ClientFacts, gather
from core.crm.ask.phrases import Language
from core.crm.events import event_of
from core.i18n import _, spoken_language
from core.model.ids import EVENTS, THREADS, client_path
from core.service.callables import AskAnswer, AskRequest, AskSource
from core.service.errors import CallRefused
from core.settings import Settings
from core.store.port import Query, Store

DEADLINE_SECONDS = 60.0
"""Of the whole call."""
_MODEL_SECONDS = 45.0
"""Of all attempts of a model; then the facts speak for themselves."""


async def ask_about_client(
    store: Store, settings: Settings, clock: Clock, request: AskRequest
) -> AskAnswer:
    """Answer from the client's events. Raises CallRefused, StoreError."""
    question = request.question.strip()
    if not question:
        raise CallRefused("INVALID_ARGUMENT", _("The question is empty."), field="question")
    answerer = await choose_answerer(store, settings, request.engine or settings_engine(settings))
    facts = await read_facts(store, settings, clock, request.phone_e164)
    language: Language = "ro" if spoken_language() == "ro" else "en"
    try:
        async with asyncio.timeout(_MODEL_SECONDS):
            answer = await ask(question, facts, answerer=answerer, language=language)
    except TimeoutError:
        plain = await ask(question, facts, answerer=None, language=language)
        answer = replace(plain, reasons=(_("The model took too long; this is computed."),))
    return _answer(answer)


def settings_engine(settings: Settings) -> str:
    """Return the engine that the settings choose; the rules' counterpart here are the facts."""
    return "facts" if settings.crm.engine == "rules" else settings.crm.engine


async def read_facts(
    store: Store, settings: Settings, clock: Clock, phone_e164: str
) -> ClientFacts:
    """Return the facts about a client. Raises CallRefused when there is no such client."""
    client = await store.get(client_path(phone_e164))
    found = await store.query(Query(EVENTS).where("phoneE164", "==", phone_e164))
    if client is None and not found and not await _writes_to_us(store, phone_e164):
        raise CallRefused("NOT_FOUND", _("There is no such client."), field="phoneE164")
    return gather(
        (event_of(document.data, document.id) for document in found),
        phone_e164=phone_e164,
        name=(client.data.get("displayName") if client else "") or "",
        currency=settings.business.currency,
        today=clock().astimezone(ZoneInfo(settings.business.time_zone)).date(),
    )


async def _writes_to_us(store: Store, phone_e164: str) -> bool:
    """Whether there is a conversation with a number: that makes a client who booked nothing yet."""
    threads = Query(THREADS).where("phoneE164", "==", phone_e164)
    return bool(await store.query(threads.limit(1)))


def _answer(answer: Answer) -> AskAnswer:
    return AskAnswer(
        answer=answer.text,
        sources=[
            AskSource(
                event_id=source.event_id,
                event_short_id=source.event_short_id,
                date=source.date,
                details=source.details,
            )
            for source in answer.sources
        ],
        engine=answer.engine,
        reasons=list(answer.reasons),
    )
