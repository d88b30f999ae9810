"""Which stored message an exported one is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bridge.chat_import.classify import Content
from bridge.chat_import.matching import EXPORT_PRECISION, Known, Matcher, known_from
from bridge.chat_import.naming import Named
from bridge.chat_import.reader import Exported
from core.model.documents import Media, Message, to_data
from core.store.port import Document

MINUTE = datetime(2025, 3, 12, 12, 5, tzinfo=UTC)


def exported(content: Content, *, sender: str = "Ana", at: datetime = MINUTE) -> Named:
    local = at.replace(tzinfo=None)
    direction = "outbound" if sender == "P" else "inbound"
    return Named(Exported(1, local, at, sender, content), "e" * 64, direction)  # type: ignore[arg-type]


def stored(seconds: float, body: str = "", message_id: str = "3EB0", **more: object) -> Document:
    at = MINUTE + timedelta(seconds=seconds)
    fields: dict[str, object] = {"direction": "inbound", "wa_message_id": message_id, **more}
    message = Message(
        message_id=message_id, account_id="A", client_jid="1@s.whatsapp.net", body=body,
        ts_client=at, **fields,  # type: ignore[arg-type]
    )  # fmt: skip
    return Document(f"threads/t/messages/{message_id}", to_data(message), at, at)


def match(
    batch: list[Named], known: list[Known | None], *, has_seconds: bool = False
) -> list[Known | None]:
    matcher = Matcher(timedelta(seconds=1 if has_seconds else 60))
    return matcher.match([named.printed for named in batch], [each for each in known if each])


def imported(seconds: float) -> Document:
    """A message of an earlier import."""
    document = stored(seconds, "salut", "b" * 64, wa_message_id=None)
    return Document(
        document.path,
        {**document.data, EXPORT_PRECISION: 60},
        document.create_time,
        document.update_time,
    )


def queued(seconds: float) -> Document:
    """A message that was sent from the console: its id is the request's."""
    return stored(seconds, "salut", "a" * 64, wa_message_id="3EB0", direction="outbound")


TEXT = Content("text", "salut")
VOICE = Content("voice", has_media=True)


@pytest.mark.parametrize(
    ("named", "document", "is_same"),
    [
        (exported(TEXT), stored(0, "salut"), True),
        (exported(TEXT), stored(59.9, " salut\n"), True),
        (exported(TEXT), stored(119, "salut"), True),
        (exported(TEXT), stored(-60, "salut"), True),
        (exported(TEXT), stored(120, "salut"), False),
        (exported(TEXT), stored(0, "Salut"), False),
        (exported(TEXT), stored(0, "salut", direction="outbound"), False),
        (exported(TEXT), stored(0, "salut", type="image"), False),
        (exported(TEXT, sender="P"), queued(130), True),
        (exported(TEXT, sender="P"), queued(200), False),
        # Times of another export are exact: the next minute is another message.
        (exported(TEXT), imported(60), False),
        (exported(TEXT), imported(1), True),
        (exported(Content("text", "hai @Ion", comparable="hai @")),
         stored(0, "hai @40733000111"), True),
        (exported(VOICE), stored(0, type="audio"), True),
        (exported(VOICE), stored(0, type="image"), False),
        (exported(VOICE), stored(0, type="unsupported"), True),
        (exported(Content("unsupported", has_media=True)), stored(0, "tort", type="image"), True),
        (exported(Content("unsupported", has_media=True)), stored(0, "tort"), False),
        (exported(Content("location", "https://x")), stored(0, "Location", type="location"), True),
        (exported(Content("system", "Missed voice call")), stored(0, "Apel", type="system"), True),
        (exported(Content("system", "Missed voice call")), stored(0, "Missed voice call"), False),
        (exported(Content("text", is_revoked=True)), stored(0, "vechi"), True),
        (exported(Content("text", "nou", is_edited=True)), stored(0, "vechi"), True),
        (exported(Content("text", "nou", is_edited=True)), stored(0, type="image"), False),
    ],
)  # fmt: skip
def test_same(named: Named, document: Document, is_same: bool) -> None:
    known = known_from(document)
    assert known is not None
    assert match([named], [known]) == [known if is_same else None]


def test_to_the_second() -> None:
    documents = [stored(3, "salut", "far"), stored(1, "salut", "near"), stored(0.5, "salut", "at")]
    known = [known_from(document) for document in documents]
    found = match([exported(TEXT)] * 3, known, has_seconds=True)
    assert [each and each.message_id for each in found] == ["at", "near", None]


def test_exact_times_go_before_near_ones() -> None:
    """The first could be either by its minute's neighbour; the second only the stored one."""
    known = known_from(stored(65, "salut"))
    assert known is not None
    batch = [exported(TEXT), exported(TEXT, at=MINUTE + timedelta(minutes=1))]
    assert match(batch, [known]) == [None, known]


PHOTO = Content("image", has_media=True)


def test_of_photos_of_one_minute_those_with_the_same_file_are_the_same() -> None:
    known = [known_from(stored(2, f"{size}", f"W{size}", type="image", media=Media(size=size)))
             for size in (200, 300)]  # fmt: skip
    batch = [replace(exported(PHOTO).printed, size=n) for n in (100, 200, 300)]
    found = Matcher(timedelta(minutes=1)).match(batch, [each for each in known if each])
    assert [each and each.message_id for each in found] == [None, "W200", "W300"]


def test_of_photos_of_one_minute_those_with_the_same_caption_are_the_same() -> None:
    known = [known_from(stored(2, body, body, type="image")) for body in ("tort", "baloane")]
    batch = [exported(Content("image", body, has_media=True)) for body in ("", "baloane", "tort")]
    assert [each and each.message_id for each in match(batch, known)] == [None, "baloane", "tort"]


def test_photos_of_one_minute_that_nothing_tells_apart_are_taken_in_their_order() -> None:
    known = [known_from(stored(n, "", f"W{n}", type="image")) for n in (1, 2)]
    assert [each and each.message_id for each in match([exported(PHOTO)] * 2, known)] == [
        "W1",
        "W2",
    ]


def test_two_changed_messages_of_one_minute_are_not_guessed() -> None:
    known = [known_from(stored(0, text, text)) for text in "ab"]
    gone = exported(Content("text", is_revoked=True))
    assert match([gone, gone], known) == [None, None]


def test_a_document_that_is_no_message_is_left_alone() -> None:
    assert known_from(Document("threads/t/messages/x", {}, MINUTE, MINUTE)) is None
