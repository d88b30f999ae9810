"""Short ids of events: numbers from `counters/evenimente`, without gaps and without repeats."""

from dataclasses import dataclass

from core.crm.events import Event
from core.model.ids import EVENTS, counter_path
from core.store.port import Query, Set, Transaction, Write

COUNTER = "evenimente"


@dataclass(frozen=True, slots=True)
class Numbering:
    """An event's number, and what must be written with it in the same transaction."""

    number: int
    writes: tuple[Write, ...] = ()


async def look_up_number(transaction: Transaction, event: Event, *, is_new: bool) -> Numbering:
    """Return the number of an event: its own, or the next one of the counter.

    A number that came with an event seen for the first time is kept when no other event has it;
    the counter then goes on behind it.
    """
    number = event.event_short_id
    if number is not None and not is_new:
        return Numbering(number)
    counter = await transaction.get(counter_path(COUNTER))
    kept = counter.data.get("value") if counter else None
    last = kept if isinstance(kept, int) else await _highest(transaction)
    if number is not None and await _is_free(transaction, number, event.event_id):
        is_counted = kept is not None and number <= last
        return Numbering(number, () if is_counted else (_count_to(max(number, last)),))
    return Numbering(last + 1, (_count_to(last + 1),))


def _count_to(value: int) -> Write:
    return Set(counter_path(COUNTER), {"value": value})


async def _highest(transaction: Transaction) -> int:
    """Return the highest number that any event has; for a store without a counter."""
    query = Query(EVENTS).where("eventShortId", ">", 0).order_by("eventShortId", "desc").limit(1)
    found = await transaction.query(query)
    return int(found[0].data["eventShortId"]) if found else 0


async def _is_free(transaction: Transaction, number: int, event_id: str) -> bool:
    found = await transaction.query(Query(EVENTS).where("eventShortId", "==", number).limit(2))
    return all(document.id == event_id for document in found)
