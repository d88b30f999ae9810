"""Events of neonize's as facts, for an account that knows its own addresses."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from bridge.whatsapp.addresses import OwnJids, jid_of_text
from bridge.whatsapp.facts import Fact, MessageEdited, MessageRevoked, MessageSeen, ReactionSet
from bridge.whatsapp.translate import translate
from core.model.documents import to_data
from core.service.kinds import headed, heading_words
from tests.support.neonize_events import OWN_LID, OWN_PHONE, code_of

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
OWN = OwnJids(jid_of_text(OWN_PHONE), jid_of_text(OWN_LID))


def facts(event: Any, own: OwnJids = OWN) -> list[Fact]:
    """Return what an event tells that came an hour after it happened."""
    return list(
        translate(code_of(event), event.SerializeToString(), own=own, received_at=LATER, seq=1)
    )


def messages(found: Iterable[Fact]) -> list[MessageSeen]:
    """Return the messages among facts."""
    return [fact for fact in found if isinstance(fact, MessageSeen)]


def seen(event: Any) -> MessageSeen:
    """Return the one message that an event tells of."""
    (found,) = messages(facts(event))
    return found


def shown(fact: MessageSeen) -> str:
    """Return a message's text under the words of its heading, of which there are some."""
    words = heading_words(to_data(fact.heading) if fact.heading else None)
    assert bool(words) == (fact.heading is not None)
    return headed(words, fact.body)


def chat_facts(event: Any) -> Iterator[Fact]:
    """Return what an event tells of messages, and not of names and addresses."""
    kinds = (MessageSeen, MessageEdited, MessageRevoked, ReactionSet)
    return (fact for fact in facts(event) if isinstance(fact, kinds))
