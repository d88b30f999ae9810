"""A console whose bridge reads events with the real handler and answers questions as told."""

import asyncio
from datetime import timedelta
from typing import Any

from bridge.crm.extract_callable import extract_event
from core.crm.events import Event, event_data
from core.model.ids import event_path
from core.service.callables import ExtractAnswer, ExtractRequest
from core.store.port import Set, Write
from tests.support.console import NOW, Stage, message, thread, thread_id_of

T = thread_id_of(0)
PHONE = "+40710000000"
BOOKING = "Vreau pe 10 feb la 18:00, Str. Lalelelor nr 3, Spiderman + Elsa, buget 1200"


def booking(*more: str) -> list[Write]:
    """Return a thread in which a customer books, and what they write afterwards."""
    texts = ("Bună ziua!", BOOKING, *more)
    return [
        thread(0, "Maria Ionescu", lastMessageAt=NOW - timedelta(minutes=60 - len(texts))),
        *(
            message(T, f"M{n}", text, at=NOW - timedelta(minutes=60 - n))
            for n, text in enumerate(texts)
        ),
    ]


def event(event_id: str, **fields: Any) -> Set:
    """Return a stored event of Maria's."""
    data = event_data(Event(event_id=event_id, phone_e164=PHONE))
    payment = data["payment"] | fields.pop("payment", {})
    stamps = {"createdAt": NOW, "updatedAt": NOW, "createdBy": "local", "updatedBy": "local"}
    return Set(event_path(event_id), data | stamps | fields | {"payment": payment})


def reads_chats(stage: Stage) -> asyncio.Event:
    """Let the stage's bridge read chats by the rules; while the event is clear, it takes time."""
    may_answer = asyncio.Event()
    may_answer.set()

    async def extract(request: ExtractRequest) -> ExtractAnswer:
        await may_answer.wait()
        settings = stage.app.services.settings
        return await extract_event(stage.store, settings, lambda: NOW, "local", request)

    stage.bridge.answers[ExtractRequest] = extract
    return may_answer
