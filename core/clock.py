"""Time as a value that can be handed in, so that tests and screenshots stand still."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the present moment as an aware UTC datetime."""

Ticks = Callable[[], float]
"""Returns seconds since some moment, by a clock that nobody sets."""

FROZEN_CLOCK_VARIABLE = "CAPCOADA_CLOCK"
"""Environment variable: an ISO moment at which `process_clock` stands still."""


def system_clock() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def process_clock() -> Clock:
    """Return this process's clock: the system's, or one frozen by `CAPCOADA_CLOCK`.

    Raises ValueError when the variable does not hold an aware ISO 8601 moment.
    """
    frozen = os.environ.get(FROZEN_CLOCK_VARIABLE)
    if not frozen:
        return system_clock
    moment = datetime.fromisoformat(frozen)
    if moment.tzinfo is None:
        raise ValueError(f"{FROZEN_CLOCK_VARIABLE} needs a time zone: {frozen!r}")
    moment = moment.astimezone(UTC)
    return lambda: moment


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
