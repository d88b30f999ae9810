"""Dates of an export: which number is the day, and which moment a wall clock meant.

An export has no time zone and its date order follows the phone's settings. The order is found from
the whole file: the one in which every date exists, lies between WhatsApp's first year and today,
and none goes far back. Where several fit equally, conventions of the language and of the shape
decide if they are known to; otherwise the operator must.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from bridge.chat_import.lines import Shape, Stamp

DateOrder = Literal["dmy", "mdy", "ymd"]
Certainty = Literal["certain", "likely", "given", "unknown"]

_FIRST_YEAR = date(2009, 1, 1)
"""WhatsApp came out in 2009."""
_SLACK = timedelta(days=2)
"""Messages that waited for a network stand a little out of order; time zones add to that."""
_ORDERS: dict[str, tuple[DateOrder, ...]] = {
    "first": ("ymd",),
    "last": ("dmy", "mdy"),
    "short": ("dmy", "mdy", "ymd"),
}
_FEW = 3
"""So many changes of one number, and none of the other, make it the day."""


class Decision(NamedTuple):
    """Which order dates are read in, and how sure that is."""

    order: DateOrder
    certainty: Certainty


def read_date(stamp: Stamp, order: DateOrder) -> date | None:
    """Return the date that a stamp tells in an order, or None if there is no such day."""
    if order == "dmy":
        day, month, year = stamp.a, stamp.b, stamp.c
    elif order == "mdy":
        month, day, year = stamp.a, stamp.b, stamp.c
    else:
        year, month, day = stamp.a, stamp.b, stamp.c
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None


def is_possible(day: date, today: date) -> bool:
    """Whether a message can be of a day: after WhatsApp came out, and not in the future."""
    return _FIRST_YEAR <= day <= today + _SLACK


@dataclass(slots=True)
class _Candidate:
    order: DateOrder
    against: int = 0
    """How many dates speak against it."""
    last: date = _FIRST_YEAR

    def see(self, stamp: Stamp, today: date) -> None:
        day = read_date(stamp, self.order)
        if day is None or not is_possible(day, today):
            self.against += 1
            return
        if day < self.last - _SLACK:
            self.against += 1
        self.last = day


class DateEvidence:
    """Weighs the possible orders over all dates of one file; memory stays small."""

    def __init__(self, shape: Shape, today: date) -> None:
        orders = _ORDERS[shape.year]
        self._shape = shape
        self._today = today
        self._candidates = [_Candidate(order) for order in orders]
        self._last: tuple[int, int, int] | None = None
        self._changes_a = 0
        self._changes_b = 0
        self._a_changed = 0
        self._c_changed = 0
        self._padded = 0
        self._upper = 0

    def add(self, stamp: Stamp) -> None:
        """Take one more date into account."""
        triple = stamp[:3]
        if triple == self._last:
            return
        for candidate in self._candidates:
            candidate.see(stamp, self._today)
        if self._last is not None:
            self._a_changed += triple[0] != self._last[0]
            self._c_changed += triple[2] != self._last[2]
        if self._last is not None and triple[2] == self._last[2]:
            self._changes_a += triple[0] != self._last[0] and triple[1] == self._last[1]
            self._changes_b += triple[1] != self._last[1] and triple[0] == self._last[0]
        self._padded += stamp.is_padded
        self._upper += stamp.is_upper
        self._last = triple

    def decide(self, language: str) -> Decision:
        """Return the best order; its certainty is `unknown` when the operator must say it."""
        best = min(candidate.against for candidate in self._candidates)
        orders = [each.order for each in self._candidates if each.against == best]
        if "ymd" in orders and len(orders) > 1:
            if self._c_changed > self._a_changed:
                return Decision("ymd", "likely")  # years change least
            orders.remove("ymd")
        if len(orders) == 1:
            return Decision(orders[0], "certain")
        return self._by_custom(language)

    def _by_custom(self, language: str) -> Decision:
        shape = self._shape
        if shape.separator == "." or language == "ro":
            return Decision("dmy", "likely")  # no locale writes month.day.year; Romanian never
        if self._changes_a >= _FEW and not self._changes_b:
            return Decision("dmy", "likely")
        if self._changes_b >= _FEW and not self._changes_a:
            return Decision("mdy", "likely")
        if language == "en" and shape.has_halves and shape.separator == "/":
            # CLDR short dates: M/d/yy, h:mm AM in the United States; d/M, am elsewhere.
            if self._upper and not self._padded and shape.year == "short":
                return Decision("mdy", "likely")
            if not self._upper:
                return Decision("dmy", "likely")
        return Decision("dmy", "unknown")


class WallClock:
    """Turns what the phone's clock showed into moments of one time zone.

    A time that the clocks jumped over is read as if they had not (the moment is right if the phone
    lagged). A time that happened twice is the first, unless an earlier message was later already.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._hour: datetime | None = None
        self._offsets = (timedelta(), timedelta())
        self._last = datetime.min.replace(tzinfo=UTC)

    def read(self, stamp: Stamp, order: DateOrder) -> tuple[datetime, datetime] | None:
        """Return the naive local time and the UTC moment, or None if there is no such time."""
        day = read_date(stamp, order)
        hour = stamp.hour
        if stamp.half:
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if stamp.half == "p" else 0)
        if day is None or hour > 23 or stamp.minute > 59 or stamp.second > 59:
            return None
        local = datetime(day.year, day.month, day.day, hour, stamp.minute, stamp.second)
        try:
            return local, self._moment(local)
        except OverflowError:
            return None

    def _moment(self, local: datetime) -> datetime:
        hour = local.replace(minute=local.minute - local.minute % 15, second=0)
        if hour != self._hour:  # offsets change on quarters of an hour at most
            first = hour.replace(tzinfo=self._zone).utcoffset()
            second = hour.replace(tzinfo=self._zone, fold=1).utcoffset()
            assert first is not None
            assert second is not None
            self._hour, self._offsets = hour, (first, second)
        moment = (local - self._offsets[0]).replace(tzinfo=UTC)
        if self._offsets[1] < self._offsets[0]:  # the clocks went back: this time came twice
            again = (local - self._offsets[1]).replace(tzinfo=UTC)
            if moment < self._last.replace(second=0) <= again + timedelta(hours=1):
                moment = again
        self._last = moment
        return moment
