"""Times for messages of one printed minute or second, so that their order stays."""

from datetime import UTC, datetime, timedelta
from typing import Self

_TICK = timedelta(milliseconds=1)


class Placer:
    """Gives messages of one printed minute or second times that keep their order."""

    def __init__(self) -> None:
        self._slot = datetime.min.replace(tzinfo=UTC)
        self._last = self._slot

    def fork(self) -> Self:
        """Return the same placer, which may be used apart: for an attempt that may fail."""
        other = type(self)()
        other._slot, other._last = self._slot, self._last
        return other

    def place(self, slot: datetime, known_at: datetime | None, precision: timedelta) -> datetime:
        """Return the time of the next message; `known_at` if the store tells it."""
        if slot != self._slot:
            self._slot, self._last = slot, slot - _TICK
        at = self._last + _TICK
        if known_at is not None:
            at = known_at
        elif at >= slot + precision:
            at = slot + precision - _TICK
        self._last = max(at, self._last)
        return at
