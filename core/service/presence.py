"""Who else has a chat open: what a console tells of its operator, and what it shows of others.

Each console repeats its sign for as long as it holds; the bridge writes it to
`threads/{threadId}/presence/{uid}`, over the one before, with the moment at which it runs out.
Nothing has to be taken back, so a console that was killed is forgotten by itself.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from core.clock import Clock
from core.model.ids import presence_path
from core.store.port import Document, Query
from core.text import clean_line

PresenceState = Literal["viewing", "typing", "left"]

HOLDS_SECONDS: Final[dict[PresenceState, float]] = {"viewing": 45.0, "typing": 10.0, "left": 0.0}
"""How long a sign holds; that somebody has a chat open is still true after a lost repetition."""
REPEAT_SECONDS: Final[dict[PresenceState, float]] = {"viewing": 20.0, "typing": 4.0}
"""How often a sign that still holds is told again."""
TYPING_STOPS_SECONDS: Final = 5.0
"""So long after the last key, nobody types any more."""
SETTLE_SECONDS: Final = 0.4
"""How long a chat must be open before it is told: whoever passes through a list says nothing."""

_LONG_AGO: Final = timedelta(minutes=10)

Sign = tuple[str, PresenceState]
"""Thread id, and what is done there."""


class PresenceTeller:
    """Decides what one console tells, and when; it neither waits nor calls anybody itself."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._thread_id = ""
        self._opened_at = clock()
        self._typed_at: datetime | None = None
        self._told: Sign = ("", "left")
        self._told_at = clock()

    def look_at(self, thread_id: str) -> None:
        """Note which thread is open before the operator; empty for none."""
        if thread_id != self._thread_id:
            self._thread_id = thread_id
            self._opened_at = self._clock()
            self._typed_at = None

    def type(self, *, is_typing: bool = True) -> None:
        """Note that the operator writes in the open thread, or is done with it."""
        self._typed_at = self._clock() if is_typing else None

    @property
    def last(self) -> Sign:
        """What was told last."""
        return self._told

    def told(self, sign: Sign) -> None:
        """Note what was told just now, whether or not it arrived: it is repeated anyway."""
        self._told, self._told_at = sign, self._clock()

    def due(self) -> Sign | None:
        """Return what must be told now; None when nothing must."""
        now = self._clock()
        told_thread, told_state = self._told
        is_told = told_state != "left" and told_thread == self._thread_id
        if told_state != "left" and not is_told:
            return told_thread, "left"
        if not self._thread_id:
            return None
        state: PresenceState = "typing" if self._is_typing(now) else "viewing"
        if not is_told:
            is_settled = not _left(SETTLE_SECONDS, self._opened_at, now)
            return (self._thread_id, state) if is_settled or state == "typing" else None
        is_old = not _left(REPEAT_SECONDS[state], self._told_at, now)
        return (self._thread_id, state) if is_old or state != told_state else None

    def wait_seconds(self) -> float | None:
        """Return how long nothing becomes due by itself; None when nothing ever does."""
        if self.due() is not None:
            return 0.0
        if not self._thread_id:
            return None
        now = self._clock()
        told_thread, told_state = self._told
        if told_state == "left" or told_thread != self._thread_id:
            waits = [_left(SETTLE_SECONDS, self._opened_at, now)]
        else:
            waits = [_left(REPEAT_SECONDS[told_state], self._told_at, now)]
        if self._typed_at is not None and self._is_typing(now):
            waits.append(_left(TYPING_STOPS_SECONDS, self._typed_at, now))
        return min(waits).total_seconds()

    def _is_typing(self, now: datetime) -> bool:
        typed_at = self._typed_at
        return typed_at is not None and bool(_left(TYPING_STOPS_SECONDS, typed_at, now))


def _left(seconds: float, since: datetime, now: datetime) -> timedelta:
    """Return how much is left of some seconds since a moment, 0 when they are over.

    They are over, too, when the moment is yet to come: the clock was set back.
    """
    left = since + timedelta(seconds=seconds) - now
    return left if since <= now and left > timedelta() else timedelta()


class Visitor(msgspec.Struct, frozen=True):
    """Somebody else who has the chat open; the name is safe to show."""

    uid: str
    name: str
    is_typing: bool
    until: datetime
    """When the sign runs out, by the bridge's clock."""


def presence_query(thread_id: str, now: datetime) -> Query:
    """Return the query of who has a thread open, to be watched; `now` is the bridge's clock.

    Signs that ran out long ago are not read again each time a chat is opened.
    """
    return Query(presence_path(thread_id)).where("expiresAt", ">", now - _LONG_AGO)


def visitors(documents: Iterable[Document], now: datetime, own_uid: str) -> list[Visitor]:
    """Return the others whose signs hold at `now` (the bridge's clock), by name.

    What is no sign is left out: a newer version may write other states.
    """
    read = (_visitor(document) for document in documents)
    there = (each for each in read if each is not None and each.until > now)
    return sorted((each for each in there if each.uid != own_uid), key=lambda each: each.name)


def _visitor(document: Document) -> Visitor | None:
    data = document.data
    state, until = data.get("state"), data.get("expiresAt")
    if state not in ("viewing", "typing") or not isinstance(until, datetime):
        return None
    name = clean_line(str(data.get("name") or document.id))
    return Visitor(document.id, name, state == "typing", until)
