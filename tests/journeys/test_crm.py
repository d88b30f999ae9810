"""Journeys 8 to 10: from the chat to an event, to the client, to an answer, by keys alone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from core.crm.events import make_client_request_id, make_event_id
from core.model.ids import Jid, client_path, event_path, extraction_path, make_thread_id
from core.store.port import Document
from tests.journeys.engines import on_both_engines
from tests.journeys.stack import CUSTOMER, SHOP, Stack

pytestmark = [pytest.mark.journey, pytest.mark.timeout(180), on_both_engines]

FIRST = "Vreau pe 10 feb la 18:00, Str. X nr 3, Spiderman + Elsa, buget 1200"
SECOND = "Mai vreau pe 20 martie 17:00, altă adresă, Mickey, 900"
BUCHAREST = ZoneInfo("Europe/Bucharest")


def next_day(month: int, day: int, after: datetime) -> str:
    """Return the next such day from a moment on, in the business's time zone."""
    today = after.astimezone(BUCHAREST).date()
    found = date(today.year, month, day)
    return (found if found >= today else found.replace(year=today.year + 1)).isoformat()


async def customer_books(stack: Stack) -> tuple[str, Document]:
    """Pair, let the customer write, open the chat; return the thread's id and the message."""
    account_id = await stack.pairs("Petreceri", SHOP)
    await stack.clicks_away("its conversations are coming in")
    thread_id = make_thread_id(account_id, Jid.of_phone(CUSTOMER))
    await stack.simulator.customer_writes(CUSTOMER, FIRST, to=SHOP)
    message = await stack.one(f"threads/{thread_id}/messages", lambda data: data["body"] == FIRST)
    stack.presses("f3")
    await stack.sees("Maria Ionescu")
    stack.presses("enter")
    await stack.sees("Vreau pe 10 feb")
    return thread_id, message


async def first_is_saved(stack: Stack) -> tuple[str, Document, Document]:
    """Book, extract and save; return the thread's id, the message and the event."""
    thread_id, message = await customer_books(stack)
    stack.presses("ctrl+e")
    await stack.sees("Animator Elsa", "not saved yet")
    stack.presses("ctrl+s")
    await stack.clicks_away("Saved: ")
    event_id = make_event_id(make_client_request_id(thread_id, message.id))
    event = await stack.document(event_path(event_id), lambda data: data["eventShortId"])
    return thread_id, message, event


async def second_is_saved(stack: Stack, thread_id: str) -> tuple[Document, Document]:
    """The customer books again: extract and save; return the message and the event."""
    await stack.simulator.customer_writes(CUSTOMER, SECOND, to=SHOP)
    message = await stack.one(f"threads/{thread_id}/messages", lambda data: data["body"] == SECOND)
    await stack.sees("The conversation went on")
    stack.presses("ctrl+e")
    await stack.sees("Animator Mickey", "not saved yet")
    stack.presses("ctrl+s")
    await stack.clicks_away("Saved: ")
    event_id = make_event_id(make_client_request_id(thread_id, message.id))
    return message, await stack.document(
        event_path(event_id), lambda data: data["eventShortId"] is not None
    )


async def test_8_a_draft_out_of_the_chat(stack: Stack) -> None:
    thread_id, message = await customer_books(stack)
    expected = next_day(2, 10, message.data["tsClient"])
    stack.presses("ctrl+e")
    screen = await stack.sees(expected, "18:00", "Str. X nr 3", "Spiderman", "Elsa", "1200")
    for part in ("RON", "unpaid", "sure", "built-in rules", CUSTOMER):
        assert part in screen, part
    await stack.sees("▶", "Date: from 1 message")
    extraction = await stack.document(
        extraction_path(thread_id, message.id), lambda data: data["status"] == "success"
    )
    data = extraction.data
    draft = data["draftEvent"]
    assert (data["intent"], data["action"]) == ("BOOKING", "CREATE_EVENT")
    assert (draft["date"], draft["startTime"]) == (expected, "18:00")
    assert draft["address"] == "Str. X nr 3"
    assert [(role["roleType"], role["label"]) for role in draft["roles"]] == [
        ("ANIMATOR", "Spiderman"), ("ANIMATOR", "Elsa"),
    ]  # fmt: skip
    payment = draft["payment"]
    assert (payment["amount"], payment["currency"], payment["status"]) == (1200, "RON", "UNPAID")
    assert draft["phoneE164"] == CUSTOMER
    assert 0 < data["confidence"] <= 1
    assert data["reasons"]
    for field in ("date", "startTime", "address", "roles", "payment.amount"):
        assert data["evidence"][field] == [message.id]
    assert data["clientRequestId"] == make_client_request_id(thread_id, message.id)
    await stack.sees("a new event, not saved yet")
    assert await stack.all("evenimente") == []


async def test_9_saving_twice_is_one_event_and_a_second_party_a_second(stack: Stack) -> None:
    thread_id, message, event = await first_is_saved(stack)
    data = event.data
    assert data["schemaVersion"] == 3
    assert data["createdBy"] == stack.engine.uid
    assert data["isArchived"] is False
    assert data["phoneE164"] == CUSTOMER
    assert data["date"] == next_day(2, 10, message.data["tsClient"])
    assert (data["startTime"], data["address"]) == ("18:00", "Str. X nr 3")
    assert sorted(data["rolesBySlot"]) == ["01A", "01B"]
    assert data["payment"]["amount"] == 1200
    assert data["source"]["threadId"] == thread_id
    assert data["source"]["extractionId"] == message.id
    client = await stack.document(client_path(CUSTOMER), lambda data: data["eventsCount"] == 1)
    assert (client.data["lifetimeSpendAll"], client.data["lifetimeSpendPaid"]) == (1200, 0)
    await stack.sees("saved as #1")
    stack.presses("ctrl+s")
    await stack.clicks_away("saved already")
    assert len(await stack.all("evenimente")) == 1

    # The same party again is offered as an update of its event.
    stack.presses("ctrl+e")
    await stack.sees("A change to a booking", "update of #1")

    before = (await stack.document(event.path, lambda data: data["eventShortId"] == 1)).data
    again, second = await second_is_saved(stack, thread_id)
    assert second.data["date"] == next_day(3, 20, again.data["tsClient"])
    assert second.data["startTime"] == "17:00"
    assert second.data["payment"]["amount"] == 900
    assert [(role["roleType"], role["label"]) for role in second.data["rolesBySlot"].values()] == [
        ("ANIMATOR", "Mickey")
    ]
    client = await stack.document(client_path(CUSTOMER), lambda data: data["eventsCount"] == 2)
    assert (client.data["lifetimeSpendAll"], client.data["lifetimeSpendPaid"]) == (2100, 0)
    first = await stack.document(event.path, lambda _: True)
    assert first.data == before
    assert len(await stack.all("evenimente")) == 2


async def test_10_an_answer_with_its_sources(stack: Stack) -> None:
    thread_id, _message, first = await first_is_saved(stack)
    _again, second = await second_is_saved(stack, thread_id)
    await stack.document(client_path(CUSTOMER), lambda data: data["lifetimeSpendAll"] == 2100)
    stack.presses("f5")
    await stack.sees("2100 RON", "#1", "#2", "Outstanding")
    stack.presses("i")
    stack.terminal.type("Cât a cheltuit clientul?")
    stack.presses("enter")
    screen = await stack.sees("2100 RON", "from the data")
    for part in (first.data["date"], second.data["date"], "Spiderman", "Mickey", "1200 RON"):
        assert part in screen, part
    stack.terminal.write("\x1b[Z")  # shift and tab: to the sources
    stack.presses("enter")
    await stack.sees("saved as #2", second.data["date"])
    assert len(await stack.all("evenimente")) == 2
