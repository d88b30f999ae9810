"""What happened outside, as the messages that screens and widgets handle.

Written out, as are the widgets' own messages: making a dataclass costs the start a millisecond.
"""

from typing import TYPE_CHECKING

from textual.message import Message

from core.store.port import Snapshot

if TYPE_CHECKING:
    from core.service.callables import Health


class WatchDelivered(Message, bubble=False):
    """A watch of the store has a new snapshot."""

    def __init__(self, name: str, snapshot: Snapshot, tag: str = "") -> None:
        super().__init__()
        self.name = name
        """The name that the watch was started with."""
        self.snapshot = snapshot
        self.tag = tag
        """What the starter gave along, to tell an older watch of that name apart."""


class HealthChanged(Message, bubble=False):
    """The bridge was asked how it is."""

    def __init__(self, health: "Health | None", problem: str = "") -> None:
        super().__init__()
        self.health = health
        """None when no bridge answered."""
        self.problem = problem
        """Why there is no answer, in one sentence."""
