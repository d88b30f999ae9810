"""What happened outside, as the messages that screens and widgets handle."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from core.store.port import Snapshot

if TYPE_CHECKING:
    from core.service.callables import Health


@dataclass
class WatchDelivered(Message, bubble=False):
    """A watch of the store has a new snapshot."""

    name: str
    """The name that the watch was started with."""
    snapshot: Snapshot
    tag: str = ""
    """What the starter gave along, to tell an older watch of that name apart."""


@dataclass
class HealthChanged(Message, bubble=False):
    """The bridge was asked how it is."""

    health: "Health | None"
    """None when no bridge answered."""
    problem: str = ""
    """Why there is no answer, in one sentence."""
