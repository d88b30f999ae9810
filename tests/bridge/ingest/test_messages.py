"""Two tellings of one message become one, whichever of them knows more."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.ingest.messages import Doc, changed, merged, seen
from bridge.whatsapp.facts import Author, Chat, MessageEdited, MessageRevoked, ReactionSet
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


GROUP = Chat(jid=Jid("40712345678-1500000000", "g.us"))
ME, CUSTOMER = Author(True, None), Author(False, PHONE)
OTHER, HIDDEN = Author(False, SOMEBODY), Author(False, LID)


@pytest.mark.parametrize(
    ("chat", "from_me", "author", "is_edited", "is_revoked"),
    [
        (message().chat, True, ME, True, True),
        (message().chat, True, CUSTOMER, False, False),
        (message().chat, False, CUSTOMER, True, True),
        (message().chat, False, ME, False, False),
        (message().chat, False, HIDDEN, True, True),
        (message().chat, True, None, True, True),
        (GROUP, True, CUSTOMER, False, True),  # an admin's
        (GROUP, False, OTHER, False, True),
        (GROUP, False, HIDDEN, True, True),
        (GROUP, False, CUSTOMER, True, True),
    ],
)
def test_a_message_is_changed_by_those_who_may(
    chat: Chat, from_me: bool, author: Author | None, is_edited: bool, is_revoked: bool
) -> None:
    fact = message("M1", "1200 lei", from_me=from_me)
    before = seen(None, fact, account_id="WA-01", client_jid=str(LID))
    edit = MessageEdited(chat=chat, message_id="M1", body="200 lei", at=at(5), author=author)
    revoke = MessageRevoked(chat=chat, message_id="M1", at=at(5), author=author)
    assert changed(before, edit)["body"] == ("200 lei" if is_edited else "1200 lei")
    assert changed(before, revoke).get("isRevoked", False) is is_revoked
