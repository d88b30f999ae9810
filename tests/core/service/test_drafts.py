"""What was written and not sent is there again the next time, whatever happened to the file."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.service.drafts import Draft, Drafts, DraftsUnusable, Unsent

THREAD = "WA-01__40712345678@s.whatsapp.net"


def unsent(number: int, *, thread_id: str = THREAD) -> Unsent:
    return Unsent(
        thread_id=thread_id, account_id="WA-01", to_jid="40712345678@s.whatsapp.net",
        text=f"nr {number} 🎉\n", client_message_id=f"c{number}",
        written_at=datetime(2026, 2, 1, 12, number, 0, 123456, tzinfo=UTC), quoted_id="M1",
        reason="The bridge is away.",
    )  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "drafts.json"


def opened(path: Path) -> Drafts:
    drafts = Drafts(path)
    drafts.load()
    return drafts


def test_what_is_kept_is_there_the_next_time(path: Path) -> None:
    drafts = opened(path)
    drafts.keep(THREAD, Draft("Bună\nziua", "M1"))
    drafts.keep("other", Draft("x"))
    drafts.keep("other", Draft(" "))
    for number in (2, 1):
        drafts.keep_unsent(unsent(number))
    drafts.keep_unsent(unsent(3, thread_id="other"))
    drafts.drop_unsent("c3")
    drafts.keep_event(THREAD, b'{"a":[1,"\xc4\x83"]}')
    drafts.keep_event("other", b"{}")
    drafts.keep_event("other", b"")
    drafts.save()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = opened(path)
    assert again.event(THREAD) == b'{"a":[1,"\xc4\x83"]}'
    assert again.event("other") == b""
    assert again.draft(THREAD) == Draft("Bună\nziua", "M1")
    assert again.draft("other") == Draft("")
    assert again.unsent(THREAD) == [unsent(1), unsent(2)]
    assert again.unsent("other") == []
    assert again.take_snapshot() is None


def test_a_file_of_a_later_version_is_read(path: Path) -> None:
    path.write_text(
        '{"drafts":{"t":{"text":"a","quoted_id":"","mood":"good"}},"unsent":[{"thread_id":"t",'
        '"account_id":"A","to_jid":"j","text":"b","client_message_id":"c","quoted_id":"",'
        '"written_at":"2026-02-01T12:00:00+00:00","reason":"","more":1}],"version":2}'
    )
    drafts = opened(path)
    assert drafts.draft("t").text == "a"
    assert [each.text for each in drafts.unsent("t")] == ["b"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"drafts":{"t":{"text":5}}}',
        b'{"unsent":[{"thread_id":"t","account_id":"A","to_jid":"j","text":"b",'
        b'"client_message_id":"c","written_at":"2026-02-01T12:00:00"}]}',
    ],
)
def test_a_damaged_file_is_kept_aside(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    drafts = Drafts(path)
    with pytest.raises(DraftsUnusable, match="kept as"):
        drafts.load()
    drafts.keep(THREAD, Draft("new"))
    drafts.save()
    assert path.with_suffix(".damaged").read_bytes() == content
    assert opened(path).draft(THREAD).text == "new"


def test_each_damaged_file_is_kept(path: Path) -> None:
    for content in (b"the first", b"the second"):
        path.write_bytes(content)
        with pytest.raises(DraftsUnusable):
            Drafts(path).load()
    kept = {file.read_bytes() for file in path.parent.glob("*.damaged*")}
    assert kept == {b"the first", b"the second"}


def test_what_cannot_be_read_is_not_written_over(path: Path) -> None:
    path.mkdir()
    (path / "kept").write_text("precious")
    drafts = Drafts(path)
    with pytest.raises(DraftsUnusable):
        drafts.load()
    drafts.keep(THREAD, Draft("new"))
    drafts.save()
    assert (path.with_suffix(".damaged") / "kept").read_text() == "precious"
    assert opened(path).draft(THREAD).text == "new"


def test_a_write_that_fails_is_tried_again(path: Path) -> None:
    drafts = Drafts(path.parent / "later" / path.name)
    drafts.keep(THREAD, Draft("a"))
    with pytest.raises(DraftsUnusable, match="cannot be kept"):
        drafts.save()
    (path.parent / "later").mkdir()
    drafts.save()
    assert opened(path.parent / "later" / path.name).draft(THREAD).text == "a"


def test_an_older_snapshot_does_not_replace_a_newer_one(path: Path) -> None:
    """A thread may be late with the first while the console leaves and writes the last."""
    drafts = opened(path)
    drafts.keep(THREAD, Draft("a"))
    late = drafts.take_snapshot()
    assert late is not None
    drafts.keep(THREAD, Draft("ab"))
    drafts.save()
    drafts.write(late)
    assert opened(path).draft(THREAD).text == "ab"
