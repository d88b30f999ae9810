"""Events of neonize's as facts, for an account that knows its own addresses."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bridge.whatsapp.addresses import OwnJids, jid_of_text
from bridge.whatsapp.facts import Fact, MessageEdited, MessageRevoked, MessageSeen, ReactionSet
from bridge.whatsapp.translate import translate
from tests.support.neonize_events import OWN_LID, OWN_PHONE, code_of

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
OWN = OwnJids(jid_of_text(OWN_PHONE), jid_of_text(OWN_LID))


def facts(event: Any) -> list[Fact]:
    """Return what an event tells."""
    return list(
        translate(code_of(event), event.SerializeToString(), own=OWN, received_at=NOW, seq=1)
    )


def seen(event: Any) -> MessageSeen:
    """Return the one message that an event tells of."""
    (found,) = [fact for fact in facts(event) if isinstance(fact, MessageSeen)]
    return found


def chat_facts(event: Any) -> Iterator[Fact]:
    """Return what an event tells of messages, and not of names and addresses."""
    kinds = (MessageSeen, MessageEdited, MessageRevoked, ReactionSet)
    return (fact for fact in facts(event) if isinstance(fact, kinds))
