"""Time as a value that can be handed in, so that tests and screenshots stand still."""

import os
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the present moment as an aware UTC datetime."""

Ticks = Callable[[], float]
"""Returns seconds since some moment, by a clock that nobody sets."""

FROZEN_CLOCK_VARIABLE = "CAPCOADA_CLOCK"
"""Environment variable: an ISO moment at which `process_clock` stands still; or by how many seconds
it is wrong, with its sign, and after how many seconds of the process: `+3600`, `-90@1.5`; or the
absolute path of a file whose time of change is the time of everybody who reads it."""

_WRONG = r"([+-]\d+(?:\.\d+)?)(?:@(\d+(?:\.\d+)?))?"


def system_clock() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def process_clock() -> Clock:
    """Return this process's clock: the system's, or what `CAPCOADA_CLOCK` makes of it.

    Raises ValueError when the variable holds neither an aware ISO 8601 moment nor an error nor a
    path.
    """
    frozen = os.environ.get(FROZEN_CLOCK_VARIABLE)
    if not frozen:
        return system_clock
    if os.path.isabs(frozen):
        return lambda: from_microseconds(os.stat(frozen).st_mtime_ns // 1000)
    if wrong := re.fullmatch(_WRONG, frozen):
        return jumping_clock(float(wrong[1]), after=float(wrong[2] or 0))
    moment = datetime.fromisoformat(frozen)
    if moment.tzinfo is None:
        raise ValueError(f"{FROZEN_CLOCK_VARIABLE} needs a time zone: {frozen!r}")
    moment = moment.astimezone(UTC)
    return lambda: moment


def jumping_clock(by: float, *, after: float, ticks: Ticks = time.monotonic) -> Clock:
    """Return the system's clock that jumps `by` seconds when `after` seconds have gone by."""
    jumps_at = ticks() + after
    error = timedelta(seconds=by)
    return lambda: system_clock() + (error if ticks() >= jumps_at else timedelta())


def boot_seconds() -> float:
    """Return seconds since the machine started, its sleep included; one clock for all processes."""
    boot_clock: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_clock is None else time.clock_gettime(boot_clock)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_microseconds(moment: datetime) -> int:
    """Return an aware datetime as whole microseconds since the Unix epoch, without rounding."""
    since = moment - EPOCH  # Its parts: a division of timedeltas takes three times as long.
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def from_microseconds(microseconds: int) -> datetime:
    """Return microseconds since the Unix epoch as an aware UTC datetime."""
    return EPOCH + timedelta(microseconds=microseconds)
