"""Two tellings of one message become one, whichever of them knows more."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.ingest.messages import Doc, changed, merged, seen
from bridge.whatsapp.facts import MessageEdited, MessageRevoked, ReactionSet
from core.model.documents import Heading
from core.model.ids import Jid
from tests.support.accounts import LID, PHONE, at, message, receipt

SOMEBODY = Jid("40733333333", "s.whatsapp.net")
CHANGES = [
    MessageEdited(chat=message().chat, message_id="M1", body="nou", at=at(5)),
    MessageEdited(chat=message().chat, message_id="M1", body="mai nou", at=at(6)),
    ReactionSet(chat=message().chat, message_id="M1", reactor_jid=PHONE, emoji="👍", at=at(7)),
    ReactionSet(chat=message().chat, message_id="M1", reactor_jid=PHONE, emoji="", at=at(8)),
    ReactionSet(chat=message().chat, message_id="M1", reactor_jid=SOMEBODY, emoji="❤️", at=at(9)),
    MessageRevoked(chat=message().chat, message_id="M1", at=at(10)),
    receipt("delivered", "M1", seconds=11),
    receipt("read", "M1", seconds=12),
]
WAITING: dict[str, Any] = {"type": "unsupported", "body": "", "heading": Heading(code="waiting")}


def telling(*changes: Any, **fields: Any) -> Doc:
    doc = seen(None, message(from_me=True, **fields), account_id="WA-01", client_jid=str(LID))
    for change in changes:
        doc = changed(doc, change)
    return doc


@given(st.permutations(CHANGES), st.integers(0, len(CHANGES)), st.integers(0, len(CHANGES)))
def test_what_happened_to_either_has_happened(changes: list[Any], end: int, begin: int) -> None:
    begin = min(begin, end)  # each copy heard of some, and together they heard of all
    one, other = telling(*changes[:end]), telling(*changes[begin:])
    assert merged(one, other) == merged(other, one) == telling(*changes)


@pytest.mark.parametrize("fields", [{"body": "Da"}, {"body": "", "type": "image"}])
def test_what_could_be_decrypted_takes_the_place_of_what_could_not(fields: dict[str, Any]) -> None:
    real, waiting = telling(**fields), telling(**WAITING, is_placeholder=True)
    assert merged(real, waiting) == merged(waiting, real) == real
    assert merged(waiting, waiting) == waiting


def test_that_it_could_not_be_decrypted_elsewhere_says_nothing_of_what_is_there() -> None:
    real = telling(body="", type="image")
    waiting = message(from_me=True, **WAITING, is_placeholder=True)
    assert seen(real, waiting, account_id="WA-01", client_jid=str(LID)) == real
