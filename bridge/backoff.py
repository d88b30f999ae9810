"""When an account may connect again: the numbers that keep WhatsApp from punishing a number.

Base 2 s doubling to 60 s with 25 % jitter; after 6 throttling closes a cooldown of 15 minutes that
doubles to 60; at most 60 connects within 24 hours; only 30 s of open connection count as healthy.
Taken over from a client that was locked out after about 3,600 reconnects in seven hours.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class BackoffPolicy:
    """The numbers; times in seconds."""

    base: float = 2.0
    ceiling: float = 60.0
    jitter: float = 0.25
    """Part of the delay by which it may be longer or shorter."""
    throttles_to_break: int = 6
    cooldown_base: float = 15 * 60.0
    cooldown_ceiling: float = 60 * 60.0
    budget: int = 60
    """Connects within `budget_window`."""
    budget_window: float = 24 * 3600.0
    healthy_after: float = 30.0


DEFAULT_POLICY = BackoffPolicy()


@dataclass(frozen=True, slots=True)
class Backoff:
    """What one account's attempts have come to; each method returns a changed copy."""

    policy: BackoffPolicy = DEFAULT_POLICY
    failures: int = 0
    """Attempts since the connection was last healthy."""
    throttles: int = 0
    """Throttling closes since the last cooldown or healthy connection."""
    cooldowns: int = 0
    connects: tuple[datetime, ...] = ()
    """Moments of the connects within the budget's window."""

    def connected(self, now: datetime) -> "Backoff":
        """Note one attempt to connect."""
        return replace(self, connects=(*self._recent(now), now))

    def healthy(self) -> "Backoff":
        """Note that the connection stayed open long enough to count."""
        return replace(self, failures=0, throttles=0, cooldowns=0)

    def has_budget(self, now: datetime) -> bool:
        """Whether one more connect is allowed today."""
        return len(self._recent(now)) < self.policy.budget

    def failed(self, *, throttled: bool = False) -> "Backoff":
        """Note that an attempt or connection ended; `throttled` when WhatsApp asked to slow down.

        The throttle that breaks the breaker begins a cooldown, see `delay`.
        """
        if not throttled:
            return replace(self, failures=self.failures + 1)
        if self.throttles + 1 < self.policy.throttles_to_break:
            return replace(self, failures=self.failures + 1, throttles=self.throttles + 1)
        return replace(self, failures=0, throttles=0, cooldowns=self.cooldowns + 1)

    @property
    def is_cooling(self) -> bool:
        """Whether the last throttle broke the breaker."""
        return self.cooldowns > 0 and self.failures == 0

    def delay(self, chance: random.Random) -> float:
        """Return the seconds to wait before the next attempt."""
        policy = self.policy
        if self.is_cooling:
            wait = min(policy.cooldown_base * 2.0 ** (self.cooldowns - 1), policy.cooldown_ceiling)
        elif self.failures == 0:
            return 0.0
        else:
            wait = min(policy.base * 2.0 ** min(self.failures - 1, 30), policy.ceiling)
        return wait * (1 + policy.jitter * (2 * chance.random() - 1))

    def granted(self) -> "Backoff":
        """Forget failures and cooldown: a person asked for a new attempt. The budget stays."""
        return replace(self, failures=0, throttles=0, cooldowns=0)

    def with_connects(self, moments: Sequence[datetime]) -> "Backoff":
        """Take over the connects that an earlier process noted."""
        return replace(self, connects=tuple(sorted(moments)))

    def _recent(self, now: datetime) -> tuple[datetime, ...]:
        since = now - timedelta(seconds=self.policy.budget_window)
        return tuple(moment for moment in self.connects if moment > since)
