"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 1, 19, 12, 0, tzinfo=UTC)


class HeldClock:
    """A clock that moves when told."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float = 0.0, **span: float) -> None:
        """Let time pass; `span` is of `timedelta`."""
        self.now += timedelta(seconds=seconds, **span)
