"""A window onto a long ordered list of documents: what is near is known, the rest is never read.

The list is ordered newest first by a moment and then by id. A page of it, read or watched, says
all there is between two places; the window holds the joined pages as rows and forgets those far
from where the reader is, so that its size is bounded whatever the length of the list.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final, Generic, Protocol, TypeVar

from core.clock import EPOCH
from core.store.port import Direction, Document, Query

_MOST_UNWATCHED: Final = 200
"""So many documents that came from no watch are kept before they are let go together."""

Key = tuple[datetime, str]
"""A place in the list: the moment, and the id where moments are equal."""


class Row(Protocol):
    """What a window can hold."""

    @property
    def id(self) -> str:
        """The document's id."""
        ...

    @property
    def moment(self) -> datetime:
        """What the list is ordered by."""
        ...


R = TypeVar("R", bound=Row)


def key_of_row(row: Row) -> Key:
    """Return a row's place."""
    return (row.moment, row.id)


class Window(Generic[R]):
    """Rows around a place, oldest first inside, each id once."""

    def __init__(
        self,
        base: Query,
        moment_field: str,
        make_row: Callable[[Document], R | None],
        *,
        most_rows: int,
    ) -> None:
        """Look at what `base` selects; `make_row` returns None for what is not to be shown."""
        self._base = base
        self._field = moment_field
        self._make_row = make_row
        self._most_rows = most_rows
        self._keys: list[Key] = []
        self._rows: dict[str, R] = {}
        self._sources: dict[str, Document] = {}
        """What rows were made from lately, so that they are not made again."""
        self._reach: Key | None = None
        """Down to here everything is known, shown or not; None before the first page."""
        self._newest: Key | None = None
        """Up to here everything is known while newer rows were forgotten."""
        self._head: Sequence[Document] = ()
        self._span: Sequence[Document] = ()
        self.has_older = True
        """Whether the list goes on beyond the oldest row."""
        self.is_at_newest = True
        """Whether the newest rows are in the window; they were forgotten when it grew too long."""
        self.in_view_from: Key | None = None
        """The oldest row that somebody looks at: what is newer is kept, however long the list."""
        self.generation = 0
        """Counts how often the rows were thrown away; a page asked for before is then useless."""
        self.version = 0
        """Counts changes of what is shown."""

    # -- reading ----------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, row_id: object) -> bool:
        return row_id in self._rows

    def get(self, row_id: str) -> R | None:
        """Return the row of an id, if it is in the window."""
        return self._rows.get(row_id)

    def at(self, index: int) -> R:
        """Return a row by its place, 0 being the oldest. Raises IndexError."""
        return self._rows[self._keys[index][1]]

    def index(self, row_id: str) -> int | None:
        """Return the place of a row, 0 being the oldest; None if it is not in the window."""
        row = self._rows.get(row_id)
        return None if row is None else bisect_left(self._keys, key_of_row(row))

    def oldest_first(self) -> Iterator[R]:
        """Yield all rows, oldest first."""
        return (self._rows[key[1]] for key in self._keys)

    # -- queries ----------------------------------------------------------------------------------

    def head_query(self, limit: int) -> Query:
        """Return the query of the newest documents, to be read or watched."""
        return self._base.order_by(self._field, "desc").limit(limit)

    def older_query(self, limit: int) -> Query:
        """Return the query of the page below the oldest row known."""
        query = self.head_query(limit)
        return query if self._reach is None else query.start_after(*self._reach)

    def newer_query(self, limit: int) -> Query:
        """Return the query of the page above the newest row, oldest first."""
        query = self._base.order_by(self._field, "asc").limit(limit)
        return query if self._newest is None else query.start_after(*self._newest)

    def span_query(self, newest: Key, limit: int) -> Query:
        """Return the query of `limit` documents from a place down, to be watched."""
        return self.head_query(limit).start_at(*newest)

    def around_query(self, moment: datetime, limit: int, direction: Direction) -> Query:
        """Return the query of what comes before a moment, itself included, or after it."""
        query = self._base.order_by(self._field, direction).limit(limit)
        return query.start_at(moment) if direction == "desc" else query.start_after(moment)

    # -- taking pages in --------------------------------------------------------------------------

    def take_head(self, documents: Sequence[Document], limit: int) -> bool:
        """Take in the newest documents, newest first; return whether what is shown changed."""
        before = self.key_of(self._head[0]) if self._head else None
        known = {document.id for document in self._head}
        self._head = documents
        if not self.is_at_newest:
            return self._touch(documents)
        low = self.key_of(documents[-1]) if len(documents) >= limit else None
        if low is not None and before is not None and low > before:
            self._clear()  # so many are new that some between may be unknown
        elif low is not None and not self.has_older:
            is_new = (each.id not in known and each.id not in self._rows for each in documents)
            is_late = (before is None or self.key_of(each) < before for each in documents)
            if any(new and late for new, late in zip(is_new, is_late, strict=True)):
                self._reach = low  # history is coming in: the end of the list is not what it was
                self.has_older = True
        changed = self._replace(documents, high=None, low=low)
        self._forget_surplus()
        return changed

    def take_older(self, documents: Sequence[Document], limit: int) -> bool:
        """Take in the answer to `older_query`; return whether what is shown changed."""
        high = self._reach
        low = self.key_of(documents[-1]) if len(documents) >= limit else None
        changed = self._replace(documents, high=high, low=low, is_high_open=True)
        if len(self._keys) > self._most_rows:
            self._forget_newest()
            changed = True
        return changed

    def take_newer(self, documents: Sequence[Document], limit: int) -> bool:
        """Take in the answer to `newer_query`; return whether what is shown changed."""
        changed = False
        for document in documents:
            changed |= self._put(document)
        if documents:
            self._newest = max(self._newest or (EPOCH, ""), self.key_of(documents[-1]))
        if len(documents) < limit:
            self.is_at_newest = changed = True  # what waits to be sent is shown from now on
            self._newest = None
            self._touch(self._head)
        if len(self._keys) > self._most_rows:
            self._forget_oldest(len(self._keys) - self._most_rows)
        self._forget_sources()
        self.version += changed
        return changed

    def take_around(self, older: Sequence[Document], newer: Sequence[Document], limit: int) -> None:
        """Look at another place: forget what is known, take both answers to `around_query` in."""
        self._clear()
        for document in (*older, *newer):
            self._put(document)
        self.has_older = len(older) >= limit
        self._reach = self.key_of(older[-1]) if self.has_older else (EPOCH, "")
        self.is_at_newest = len(newer) < limit
        self._newest = None if self.is_at_newest else self.key_of(newer[-1])
        self._forget_sources()
        self.version += 1

    def return_to_newest(self) -> None:
        """Forget what is known, to begin anew with the newest documents."""
        self._clear()
        self.is_at_newest = True
        self._newest = None

    def take_span(self, documents: Sequence[Document], newest: Key, limit: int) -> bool:
        """Take in a snapshot of `span_query`; return whether what is shown changed."""
        self._span = documents
        if self._reach is None or newest < self._reach:
            return False
        low = self.key_of(documents[-1]) if len(documents) >= limit else None
        if low is not None and low < self._reach:
            documents = [each for each in documents if self.key_of(each) >= self._reach]
            low = self._reach
        return self._replace(documents, high=newest, low=low)

    def key_of(self, document: Document) -> Key:
        """Return a document's place; one without a moment is older than all."""
        moment = document.data.get(self._field)
        return (moment if isinstance(moment, datetime) else EPOCH, document.id)

    # -- inside -----------------------------------------------------------------------------------

    def _replace(
        self,
        documents: Sequence[Document],
        *,
        high: Key | None,
        low: Key | None,
        is_high_open: bool = False,
    ) -> bool:
        """Make `documents` all that is known between two places; None is the end of the list."""
        first = 0 if low is None else bisect_left(self._keys, low)
        if high is None:
            last = len(self._keys)
        else:
            last = (bisect_left if is_high_open else bisect_right)(self._keys, high)
        named = {document.id for document in documents}
        gone = [key[1] for key in self._keys[first:last] if key[1] not in named]
        for row_id in gone:
            self._drop(row_id)
        changed = bool(gone)
        for document in documents:
            changed |= self._put(document)
        if low is None:
            self.has_older = False
            self._reach = (EPOCH, "")
        elif self._reach is None or low < self._reach:
            self._reach = low
            self.has_older = True
        self._forget_sources()
        if changed:
            self.version += 1
        return changed

    def _touch(self, documents: Sequence[Document]) -> bool:
        """Update rows that are there already; let those go that became newer than the window."""
        changed = False
        for document in documents:
            if document.id in self._rows or self.is_at_newest:
                if not self.is_at_newest and self.key_of(document) > (self._newest or (EPOCH, "")):
                    self._drop(document.id)
                    changed = True
                else:
                    changed |= self._put(document)
        if changed:
            self.version += 1
        return changed

    def _put(self, document: Document) -> bool:
        known = self._rows.get(document.id)
        if known is not None and self._sources.get(document.id) is document:
            return False  # a watch hands out what did not change as the same object
        row = self._make_row(document)
        if row is None:
            if known is not None:
                self._drop(document.id)
            return known is not None
        if known == row:
            self._sources[row.id] = document
            return False
        if known is not None:
            if key_of_row(known) == key_of_row(row):
                self._rows[row.id] = row
                self._sources[row.id] = document
                return True
            self._drop(row.id)
        key = key_of_row(row)
        self._keys.insert(bisect_left(self._keys, key), key)
        self._rows[row.id] = row
        self._sources[row.id] = document
        return True

    def _drop(self, row_id: str) -> None:
        row = self._rows.pop(row_id)
        self._sources.pop(row_id, None)
        del self._keys[bisect_left(self._keys, key_of_row(row))]

    def _clear(self) -> None:
        self._keys.clear()
        self._rows.clear()
        self._sources.clear()
        self._reach = None
        self.has_older = True
        self.generation += 1

    def _forget_newest(self) -> None:
        for _moment, row_id in self._keys[self._most_rows :]:
            del self._rows[row_id]
            self._sources.pop(row_id, None)
        del self._keys[self._most_rows :]
        self._newest = self._keys[-1]
        self.is_at_newest = False

    def _forget_surplus(self) -> None:
        """Let old rows go that new ones pushed out of sight; now and then, not one by one."""
        surplus = len(self._keys) - self._most_rows
        if self.in_view_from is not None:
            surplus = min(surplus, bisect_left(self._keys, self.in_view_from))
        if surplus > self._most_rows // 10:
            self._forget_oldest(surplus)

    def _forget_oldest(self, surplus: int) -> None:
        for _moment, row_id in self._keys[:surplus]:
            del self._rows[row_id]
            self._sources.pop(row_id, None)
        del self._keys[:surplus]
        self._reach = self._keys[0]
        self.has_older = True
        self.generation += 1

    def _forget_sources(self) -> None:
        """Let go of documents that no watch hands out again: each weighs as much as five rows."""
        watched = (*self._head, *self._span)
        if len(self._sources) > 2 * len(watched) + _MOST_UNWATCHED:
            known = self._sources
            self._sources = {each.id: each for each in watched if known.get(each.id) is each}
