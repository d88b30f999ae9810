"""A message that is taken over and claimed in one commit, where none waits before it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bridge.ingest.messages import Doc
from core.service.callables import SendAnswer
from core.store.port import Transaction


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that is in the outbox."""

    answer: SendAnswer
    item: Doc | None
    """Its item as it was written; None where it was there before."""


WriteMessage = Callable[[Transaction, Doc], Awaitable[Taken]]
"""Puts a message into the outbox, its item with these fields, and into the chat."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a console waits for while the sender writes its message."""

    request_id: str
    write: WriteMessage
    taken: asyncio.Future[Taken | None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    """None when the message has to wait for its turn, and is not written."""

    def settle(self, taken: Taken | None) -> None:
        """Tell what came of it, unless nobody waits any more or knows already."""
        if not self.taken.done():
            self.taken.set_result(taken)

    def fail(self, error: Exception) -> None:
        """Tell why the message was not taken over."""
        if not self.taken.done():
            self.taken.set_exception(error)
