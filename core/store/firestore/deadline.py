"""Time that runs out, and pauses that grow, so that nothing waits for ever and nothing storms."""

import asyncio
import random


class Deadline:
    """A moment by which something must be done, on the event loop's clock."""

    def __init__(self, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = self._loop.time() + seconds

    def left(self) -> float:
        """Return the seconds that are left; none is 0."""
        return max(0.0, self._end - self._loop.time())


class Pauses:
    """Pauses that double up to a longest, each spread so that many do not come at once."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._next = first

    def next(self) -> float:
        """Return the next pause in seconds: half to all of what it may be."""
        longest, self._next = self._next, min(self._longest, self._next * 2)
        return random.uniform(longest / 2, longest)  # noqa: S311 - only spreads

    def reset(self) -> None:
        """Begin with the shortest again."""
        self._next = self._first

    def stretch(self) -> None:
        """Go on with the longest."""
        self._next = self._longest
