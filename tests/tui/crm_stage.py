"""A console whose bridge reads events with the real handler and answers questions as told."""

import asyncio
import re
from datetime import timedelta
from typing import Any

from bridge.crm.extract_callable import extract_event
from core.crm.events import Event, event_data
from core.model.ids import EVENTS, event_path
from core.service.callables import ExtractAnswer, ExtractRequest
from core.store.port import Query, Set, Write
from tests.support.console import NOW, Stage, message, thread, thread_id_of
from tests.support.waiting import until_found

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


async def extract(stage: Stage, sign: str = "sure") -> None:
    """Press the key and wait for the draft."""
    await stage.pilot.press("enter")
    await stage.writing()
    await stage.pilot.press("ctrl+e")
    await stage.until(lambda: sign in stage.text() and not is_reading(stage))
    await stage.pilot.pause()


def is_reading(stage: Stage) -> bool:
    return stage.screen.panel is None or stage.screen.panel.is_reading


async def events(stage: Stage) -> list[dict[str, Any]]:
    return [dict(found.data) for found in await stage.store.query(Query(EVENTS))]


async def wait_events(stage: Stage, count: int) -> list[dict[str, Any]]:
    async def look() -> list[dict[str, Any]] | None:
        found = await events(stage)
        return found if len(found) == count else None

    return await until_found(look, f"{count} events")


async def fill(stage: Stage, text: str) -> None:
    """Write something else into the focused field."""
    await stage.pilot.press("end", "ctrl+u", *text)


def row_of(stage: Stage, start: str) -> str:
    """Return the line of the form that begins with a name; empty while it shows none."""
    found = (line for line in stage.text().splitlines() if re.search(rf"[ •]{start}  ", line))
    return next(found, "")
