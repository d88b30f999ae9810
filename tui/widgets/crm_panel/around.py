"""What the store holds around an event that is being written: those of its day, of its client."""

from datetime import date
from typing import TYPE_CHECKING

from core.crm.agenda import agenda_query
from core.crm.events import Event, StoredEvent, read_event
from core.model.ids import EVENTS
from core.store.port import Query
from tui.events import WatchDelivered
from tui.live import Live, Outages

if TYPE_CHECKING:
    from textual.widget import Widget

_MOST_OF_A_CLIENT = 100


class Around:
    """Follows both for a widget, which hands on what is delivered to it."""

    def __init__(self, live: Live, receiver: "Widget") -> None:
        self._live = live
        self._receiver = receiver
        self._watched = ("", "")
        self._outages = Outages()
        self.day_events: list[Event] = []
        self.client_events: dict[str, StoredEvent] = {}

    @property
    def is_live(self) -> bool:
        """Whether all of it is as it is now."""
        return not self._outages.reason

    @property
    def candidates(self) -> dict[str, StoredEvent]:
        """The client's events that may be changed."""
        return {name: one for name, one in self.client_events.items() if one.event.is_open}

    def follow(self, day: str, phone: str) -> None:
        """Follow the events of a day, as `YYYY-MM-DD`, and of a client; empty for neither."""
        was_day, was_phone = self._watched
        self._watched = (day, phone)
        if day != was_day:
            self.day_events = []
            first = date.fromisoformat(day) if day else None
            self._watch("day", None if first is None else agenda_query(first, 1), day)
        if phone != was_phone:
            self.client_events = {}
            query = Query(EVENTS).where("phoneE164", "==", phone).order_by("date", "desc")
            self._watch("client", query.limit(_MOST_OF_A_CLIENT) if phone else None, phone)

    def end(self) -> None:
        """Follow nothing any more."""
        for what in ("day", "client"):
            self._live.unwatch(self._name(what))

    def take(self, event: WatchDelivered) -> bool:
        """Take in what was delivered; return whether it is about what is followed now."""
        if event.tag not in self._watched:
            return False
        self._outages.note(event)
        if not event.snapshot.is_live:
            return True
        found = [read_event(document) for document in event.snapshot.documents]
        if event.name == self._name("day"):
            self.day_events = [stored.event for stored in found]
        else:
            self.client_events = {stored.event.event_id: stored for stored in found}
        return True

    def _watch(self, what: str, query: Query | None, tag: str) -> None:
        name = self._name(what)
        self._outages.forget(name)
        if query is not None:
            self._live.watch(name, query, self._receiver, tag=tag)
        else:
            self._live.unwatch(name)

    def _name(self, what: str) -> str:
        return f"{self._receiver.name}-{what}"
