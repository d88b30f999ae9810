"""What a watch holds of its target, brought up to date by what changed where that is enough."""

from bisect import bisect_left
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, Self

from core.store.keys import position
from core.store.port import Document
from core.store.shape import Shape

if TYPE_CHECKING:
    from core.store.capabilities import StoredChange

MOST_CHANGES: Final = 20
"""So many changes at once are worked in one by one; after more, reading anew is as quick."""


class Held:
    """The documents of a watched target as they were after a change of the store."""

    def __init__(self, seq: int, documents: Sequence[Document], shape: Shape | None = None) -> None:
        self.seq: Final = seq
        """The sequence number of that change."""
        self.documents: Final = documents
        """In the query's order."""
        self.shape: Final = shape
        """The query; None for a single document."""
        self._places: list[bytes] | None = None
        """The place of each document, made when a change is first worked in."""

    def after(self, changes: Sequence["StoredChange"], seq: int) -> Self | None:
        """Return what is held after all changes up to `seq`; None when it has to be read anew.

        That is so for a query with a limit whose last document may have moved out: what comes next
        was never read.
        """
        if self.shape is None:
            return None
        place_of = partial(_place, self.shape)
        documents = list(self.documents)
        if self._places is None:
            self._places = [place for one in documents if (place := place_of(one)) is not None]
        places = list(self._places)
        limit = self.shape.query.limit_count
        known_to = places[-1] if limit is not None and len(places) >= limit else None
        for change in changes:
            _take_out(change.path, documents, places)
        for change in changes:
            if change.document is None or (place := place_of(change.document)) is None:
                continue
            if known_to is None or place <= known_to:
                index = bisect_left(places, place)
                places.insert(index, place)
                documents.insert(index, change.document)
        if known_to is not None and limit is not None and len(places) < limit:
            return None
        held = type(self)(seq, documents[:limit], self.shape)
        held._places = places[:limit]
        return held


def _place(shape: Shape, document: Document) -> bytes | None:
    """Return the key of a document's place in a query's result; None when it has none."""
    name_key = shape.name_key(document)
    if not all(one.holds(name_key, document.data) for one in shape.conditions):
        return None
    place = shape.order_key(name_key, document.data)
    lower, upper = (position(boundary) for boundary in shape.bounds())
    return place if place is not None and lower <= place < upper else None


def _take_out(path: str, documents: list[Document], places: list[bytes]) -> None:
    for index, document in enumerate(documents):
        if document.path == path:
            del documents[index], places[index]
            return
