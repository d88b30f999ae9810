"""Keeps thread documents from being written faster than Cloud Firestore takes one document.

About a write a second is what a document bears for long
(https://firebase.google.com/docs/firestore/best-practices).
"""

import asyncio
from typing import Final

CLOUD_SECONDS: Final = 1.0
_REMEMBERED: Final = 1000


class ThreadPace:
    """Gives whoever writes a thread its turn, so that turns of one thread lie apart.

    All writers of a process share one pace.
    """

    def __init__(self, seconds: float = 0.0) -> None:
        """Keep turns `seconds` apart; with 0, nobody waits."""
        self._seconds = seconds
        self._free_at: dict[str, float] = {}
        """By thread, when its next turn may begin, by the event loop's clock."""

    @property
    def is_kept(self) -> bool:
        """Whether anybody has to wait at all."""
        return self._seconds > 0

    async def turn(self, *thread_ids: str) -> None:
        """Wait until all these threads may be written, in the order of asking."""
        if not self._seconds:
            return
        now = asyncio.get_running_loop().time()
        if len(self._free_at) > _REMEMBERED:
            self._free_at = {name: at for name, at in self._free_at.items() if at > now}
        begin = max([now, *(self._free_at.get(name, now) for name in thread_ids)])
        self._free_at |= dict.fromkeys(thread_ids, begin + self._seconds)
        if begin > now:
            await asyncio.sleep(begin - now)
