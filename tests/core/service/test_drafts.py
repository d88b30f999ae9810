"""What was written and not sent is there again the next time, whatever happened to the file."""

import errno
import os
import stat
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_consoles_side_by_side_keep_what_the_other_wrote(path: Path) -> None:
    one, other = opened(path), opened(path)
    one.keep(THREAD, Draft("of one"))
    one.keep_unsent(unsent(1))
    one.save()
    other.keep("other", Draft("of another"))
    other.keep_event("other", b"{}")
    other.save()
    one.drop_unsent("c1")
    one.keep("third", Draft("later"))
    one.save()
    after = opened(path)
    assert [after.draft(each).text for each in (THREAD, "other", "third")] == [
        "of one", "of another", "later",
    ]  # fmt: skip
    assert after.event("other") == b"{}"
    assert after.unsent(THREAD) == []


def test_what_another_console_settled_does_not_come_back(path: Path) -> None:
    one = opened(path)
    one.keep_unsent(unsent(1))
    one.keep(THREAD, Draft("to be sent"))
    one.save()
    other = opened(path)
    other.drop_unsent("c1")
    other.keep(THREAD, Draft(""))
    other.save()
    one.keep("other", Draft("x"))
    one.save()
    after = opened(path)
    assert (after.unsent(THREAD), after.draft(THREAD).text) == ([], "")


def test_a_change_whose_write_failed_goes_with_the_next(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = opened(path)
    drafts.keep(THREAD, Draft("a"))

    def full(_path: Path, _content: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("core.files.replace_file", full)
        with pytest.raises(DraftsUnusable, match="No space"):
            drafts.save()
    drafts.keep("other", Draft("b"))
    drafts.save()
    assert [opened(path).draft(each).text for each in (THREAD, "other")] == ["a", "b"]


def test_a_folder_that_cannot_be_locked_is_written_all_the_same(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a network's file system may say of a folder."""

    def refuse(_handle: int, _operation: int) -> None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    monkeypatch.setattr("fcntl.flock", refuse)
    drafts = opened(path)
    drafts.keep(THREAD, Draft("a"))
    drafts.save()
    assert opened(path).draft(THREAD).text == "a"


def test_a_file_that_is_gone_or_damaged_meanwhile_is_written_whole(path: Path) -> None:
    drafts = opened(path)
    for number, harmed in enumerate((None, b"{")):
        drafts.keep(THREAD, Draft(f"a{number}"))
        drafts.keep_unsent(unsent(number))
        drafts.save()
        path.unlink()
        if harmed is not None:
            path.write_bytes(harmed)
        drafts.keep("other", Draft(f"b{number}"))
        drafts.save()
        again = opened(path)
        assert [again.draft(each).text for each in (THREAD, "other")] == [
            f"a{number}",
            f"b{number}",
        ]
        assert again.unsent(THREAD) == [unsent(each) for each in range(number + 1)]
    assert path.with_suffix(".damaged").read_bytes() == b"{"


_STEPS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from("abc"), st.sampled_from(["", "x", "y"]),
              st.booleans()), max_size=30,
)  # fmt: skip


@given(_STEPS)
def test_the_last_word_on_each_text_counts(steps: list[tuple[int, str, str, bool]]) -> None:
    """Of two consoles, in any order, each leaving what it did not change."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "drafts.json"
        consoles = opened(path), opened(path)
        written: dict[str, str] = {}
        unwritten: tuple[dict[str, str], dict[str, str]] = ({}, {})
        for which, thread, text, is_saved in [
            *steps,
            (0, "a", "last", True),
            (1, "b", "last", True),
        ]:
            if consoles[which].draft(thread).text != text:
                consoles[which].keep(thread, Draft(text))
                unwritten[which][thread] = text
            if is_saved:
                consoles[which].save()
                written |= unwritten[which]
                unwritten[which].clear()
        after = opened(path)
        assert {each: after.draft(each).text for each in written} == written
