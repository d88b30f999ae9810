"""What the history of a conversation says to its thread, gathered until the thread is written.

A conversation of thousands of messages is stored in many commits, and the thread, which follows
only a few of them, in the last one.
"""

from datetime import datetime
from typing import Self

from bridge.ingest import threads
from bridge.ingest.messages import Doc

_NOT_REAL = ("reaction", "system")


class Summary:
    """The latest of the customer's messages, of ours, and of those shown in a list of threads."""

    def __init__(self) -> None:
        self._latest: dict[str, Doc] = {}
        self._read_up_to: datetime | None = None

    def copy(self) -> Self:
        """Return the same summary, to be added to apart."""
        other = type(self)()
        other._latest = dict(self._latest)
        other._read_up_to = self._read_up_to
        return other

    def add(self, message: Doc) -> None:
        """Take in a message, new or changed."""
        is_ours = message["direction"] == "outbound"
        kinds = ["ours" if is_ours else "theirs"]
        if message.get("type") not in _NOT_REAL:
            kinds.append("real")
        for kind in kinds:
            known = self._latest.get(kind)
            if known is None or threads.rank(message) >= threads.rank(known):
                self._latest[kind] = message
        if is_ours:
            self.read(message["tsClient"])

    def read(self, moment: datetime) -> None:
        """Note that everything up to a moment was read."""
        self._read_up_to = max(self._read_up_to or moment, moment)

    def told_to(self, thread: Doc) -> Doc:
        """Return the thread after all of this; its unread count is due anew if that was read."""
        several = {message["messageId"]: message for message in self._latest.values()}
        # The newest first: only that one has to be made ready for being shown.
        for message in sorted(several.values(), key=threads.rank, reverse=True):
            thread = threads.with_message(thread, message, was_live=True)
        return threads.read_up_to(thread, self._read_up_to)
