"""What a batch is made of, what is known before it, and what it comes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bridge.ingest.messages import Change
from bridge.ingest.places import Place
from bridge.ingest.runs import Tellable
from bridge.ingest.sent_ids import SentMessage
from bridge.ingest.summary import Summary
from bridge.whatsapp.facts import (
    MessageEdited,
    MessageRevoked,
    MessageSeen,
    ReactionSet,
    ReceiptSeen,
)
from core.model.ids import Jid

CHANGES = (MessageEdited, MessageRevoked, ReactionSet, ReceiptSeen)


@dataclass(frozen=True, slots=True)
class Told:
    """A fact, or a run of them, and the journal entry that it came from."""

    fact: Tellable
    received_at: datetime
    seq: int = 0


@dataclass(slots=True)
class Applied:
    """What a batch came to."""

    new_threads: int = 0
    new_messages: int = 0
    created: list[tuple[str, str]] = field(default_factory=list)
    """Thread and WhatsApp id of each new message."""
    early: list[tuple[str, str, Change, datetime]] = field(default_factory=list)
    """Thread, WhatsApp id, fact and arrival of what is about messages nobody knows."""
    carried: "Carried" = field(default_factory=dict)
    """What is still to be told to the thread whose history goes on."""

    def then(self, later: "Applied") -> "Applied":
        """Return what this and the batch after it came to."""
        return Applied(
            self.new_threads + later.new_threads,
            self.new_messages + later.new_messages,
            self.created + later.created,
            self.early + later.early,
            later.carried,
        )


Carried = dict[str, tuple[Place, Summary]]
"""By thread, what its history says and the thread was not told yet."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was found out before the transaction."""

    places: Mapping[Jid, Place]
    """By the JID that a fact names."""
    ids: Mapping[str, SentMessage]
    """By WhatsApp id, the messages that were sent from the console."""
    carried: Carried = field(default_factory=dict)
    """What earlier batches left to be told to threads."""
    open_thread: str = ""
    """The thread whose history goes on in the next batch, so that it is written then."""
    are_repeated: bool = False
    """Whether messages of a thread that is not there may be there all the same."""


def ids_in(fact: Tellable) -> tuple[str, ...]:
    """Return the WhatsApp ids of the messages that a fact is about."""
    match fact:
        case ReceiptSeen(message_ids=ids):
            return ids
        case MessageSeen() | MessageEdited() | MessageRevoked() | ReactionSet():
            return (fact.message_id,)
        case _:
            return ()
