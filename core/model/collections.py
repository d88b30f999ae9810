"""The one table of collections: what is exported, moved and compared, in this order.

The store's port cannot list collections, so whoever goes through all documents goes by this table;
a test fails when the code writes into a collection that is not in it.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from core.model.ids import (
    ACCOUNTS,
    ALIASES,
    CLIENTS,
    CONFIG,
    COUNTERS,
    EVENTS,
    EXTRACTIONS,
    HISTORY,
    MESSAGES,
    OUTBOX,
    PRESENCE,
    STAFF,
    THREADS,
    counter_path,
)
from core.store.port import DOCUMENT_ID, Query


class Collection(msgspec.Struct, frozen=True):
    """A collection of the data model, or all those of one id below documents of another."""

    name: str
    """Its id."""
    parent: str = ""
    """The id of the collection whose documents hold it; empty when it stands by itself."""

    @property
    def query(self) -> Query:
        """The query of all its documents, ordered by their paths."""
        return Query(self.name, all_descendants=bool(self.parent)).order_by(DOCUMENT_ID)

    def path(self, parent_id: str = "") -> str:
        """Return its path, below one document of the parent."""
        return f"{self.parent}/{parent_id}/{self.name}" if self.parent else self.name

    def holds(self, document_path: str) -> bool:
        """Whether a document lies in it."""
        segments = document_path.split("/")
        return segments[:-1:2] == ([self.parent] if self.parent else []) + [self.name]


COLLECTIONS: Final = (
    Collection(ACCOUNTS),
    Collection(STAFF),
    Collection(CONFIG),
    Collection(COUNTERS),
    Collection(CLIENTS),
    Collection(THREADS),
    Collection(MESSAGES, THREADS),
    Collection(ALIASES, THREADS),
    Collection(EXTRACTIONS, THREADS),
    Collection(OUTBOX),
    Collection(EVENTS),
    Collection(HISTORY, EVENTS),
)
"""What lasts; parents stand before what is below them."""

PASSING: Final = (Collection(PRESENCE, THREADS),)
"""What is over within a minute, so that no copy takes it along."""

EVENT_CURSOR: Final = counter_path("eventTriggers")
"""How far the bridge has followed the changes of events in one store's file."""

STAYING: Final = frozenset({EVENT_CURSOR})
"""Documents that say something about one store alone, so that no copy takes them along."""


def collection_of(document_path: str) -> Collection | None:
    """Return the lasting collection that a document lies in; None if it lies in none of them."""
    return next((one for one in COLLECTIONS if one.holds(document_path)), None)


def named(names: Iterable[str]) -> list[Collection]:
    """Return the collections of these ids in the table's order. Raises KeyError for another."""
    wanted = set(names)
    if unknown := wanted - {one.name for one in COLLECTIONS}:
        raise KeyError(min(unknown))
    return [one for one in COLLECTIONS if one.name in wanted]
