"""Which events of one day get in each other's way."""

from collections.abc import Iterable, Sequence

from core.crm.events import Event

USUAL_DURATION_MIN = 120
"""What an event without a duration is taken to last."""


def span_of(event: Event) -> tuple[int, int] | None:
    """Return begin and end in minutes after midnight; None without a time."""
    if not event.start_time:
        return None
    hours, minutes = map(int, event.start_time.split(":"))
    begin = hours * 60 + minutes
    return begin, begin + (event.duration_min or USUAL_DURATION_MIN)


def clash(one: Event, other: Event) -> bool:
    """Whether two open events overlap on the same day."""
    if not one.date or one.date != other.date or one.event_id == other.event_id:
        return False
    spans = span_of(one), span_of(other)
    if spans[0] is None or spans[1] is None or not (one.is_open and other.is_open):
        return False
    return spans[0][0] < spans[1][1] and spans[1][0] < spans[0][1]


def clashing_with(event: Event, others: Iterable[Event]) -> list[Event]:
    """Return the events among `others` that overlap with `event`."""
    return [other for other in others if clash(event, other)]


def clashing(events: Sequence[Event]) -> frozenset[str]:
    """Return the ids of all events that overlap with another one of them."""
    return frozenset(
        each.event_id for each in events if any(clash(each, other) for other in events)
    )
