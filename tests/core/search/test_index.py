"""The index of words finds what was put in, newest first, and stands every kind of text."""

import random
import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.search.errors import SearchUnusable
from core.search.index import Progress, SearchIndex, Text
from core.search.words import expression, holds, places, wanted_words

NOON = datetime(2026, 1, 19, 12, 0, tzinfo=UTC)


def text(number: int, body: str, *, thread: str = "WA-01__1@s.whatsapp.net") -> Text:
    return Text(thread, f"M{number}", NOON + timedelta(minutes=number), body)


def found(index: SearchIndex, asked: str, *, before: int | None = None) -> list[str]:
    hits = index.search(wanted_words(asked), before=before, goes_on=lambda: True)
    return [hit.message_id for hit in hits]


@pytest.fixture
def index(tmp_path: Path) -> SearchIndex:
    return SearchIndex.open(tmp_path / "search.db")


def test_words_are_found_with_or_without_diacritics_as_they_are_typed(index: SearchIndex) -> None:
    index.add(
        [text(1, "Bună! Vreau o petrecere sâmbătă"), text(2, "petrecerea a fost SUPER")],
        Progress(1, 5, 5, ""),
    )
    assert found(index, "petrec") == ["M2", "M1"]
    assert found(index, "sambata petre") == ["M1"]
    assert found(index, "SÂMBĂTĂ") == ["M1"]
    assert found(index, "super") == ["M2"]
    assert found(index, "duminica") == []
    assert found(index, "p") == []
    assert found(index, "o vreau") == ["M1"]
    assert found(index, "petrecere ") == ["M2", "M1"]
    assert found(index, "fost ") == ["M2"]
    assert found(index, "fos ") == []
    assert index.progress() == Progress(1, 5, 5, "")


def test_a_search_goes_on_below_the_last_one_had(index: SearchIndex) -> None:
    index.add([text(number, "la mulți ani") for number in range(9)], Progress())
    first = list(index.search(wanted_words("multi"), goes_on=lambda: True))[:4]
    assert [hit.message_id for hit in first] == ["M8", "M7", "M6", "M5"]
    assert found(index, "multi ", before=first[-1].place) == ["M4", "M3", "M2", "M1", "M0"]


def test_the_same_message_is_there_once_and_an_edited_one_under_both_texts(
    index: SearchIndex,
) -> None:
    for body in ("Elsa", "Elsa", "Spiderman"):
        index.add([text(1, body)], Progress())
    assert found(index, "elsa ") == ["M1"]
    assert found(index, "spiderman ") == ["M1"]


def test_messages_of_one_moment_all_have_a_place(index: SearchIndex) -> None:
    index.add([Text("WA-01__1@lid", f"M{n}", NOON, "odată") for n in range(40)], Progress())
    assert len(set(found(index, "odata "))) == 40


def test_a_moment_of_more_messages_than_it_has_room_for_goes_on_in_the_next(
    index: SearchIndex,
) -> None:
    one_after = Text("t", "after", NOON + timedelta(milliseconds=1), "mai târziu")
    index.add([one_after], Progress())
    index.add([Text("t", f"M{n}", NOON, "la mulți ani") for n in range(2100)], Progress())
    assert sorted(found(index, "multi")) == sorted(f"M{n}" for n in range(2100))
    assert found(index, "tarziu") == ["after"]


def test_who_searches_sees_what_another_process_adds_and_nothing_while_there_is_none(
    tmp_path: Path,
) -> None:
    path = tmp_path / "search.db"
    assert SearchIndex.read(path) is None
    writer = SearchIndex.open(path)
    reader = SearchIndex.read(path)
    assert reader is not None
    assert not reader.is_complete()
    writer.add([text(1, "baloane")], Progress(1, 9, 9, ""))
    assert found(reader, "baloane") == ["M1"]
    assert reader.is_complete()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    reader.close()
    writer.close()


@pytest.mark.parametrize("content", [b"no database at all, but long enough to look", b""])
def test_a_damaged_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "search.db"
    path.write_bytes(content)
    index = SearchIndex.open(path)
    index.add([text(1, "nou")], Progress())
    assert found(index, "nou") == ["M1"]


def test_a_file_of_another_version_is_made_anew_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    SearchIndex.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    assert SearchIndex.read(path) is None
    index = SearchIndex.open(path)
    assert index.progress() == Progress()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(SearchUnusable, match="missing"):
        SearchIndex.open(tmp_path / "missing" / "search.db")


def test_a_search_that_must_not_go_on_ends(index: SearchIndex) -> None:
    index.add([text(number, "cuvânt des") for number in range(3000)], Progress())
    hits = list(index.search(wanted_words("cuvant des"), goes_on=lambda: False))
    assert len(hits) < 3000


def test_what_is_found_agrees_with_a_look_through_all(tmp_path: Path) -> None:
    chooser = random.Random(5)
    words = ["ana", "anca", "mere", "Mâine", "pere", "10", "🎉", "it's", "a_b"]
    bodies = [" ".join(chooser.choices(words, k=chooser.randint(0, 5))) for _ in range(200)]
    index = SearchIndex.open(tmp_path / "search.db")
    index.add([text(number, body) for number, body in enumerate(bodies)], Progress())
    for asked in ("an", "ana me", "maine", "10 pe", "it", "mere mere"):
        expected = [f"M{n}" for n in reversed(range(200)) if holds(bodies[n], wanted_words(asked))]
        assert found(index, asked) == expected, asked


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.text(max_size=20))
def test_no_text_breaks_the_index_or_the_question(body: str, asked: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE words USING fts5(body, detail='none')")
    connection.execute("INSERT INTO words VALUES (?)", (body.encode(errors="replace").decode(),))
    if words := wanted_words(asked):
        connection.execute("SELECT rowid FROM words WHERE words MATCH ?", (expression(words),))
    connection.close()
    for start, end in places(body, wanted_words(body)):
        assert 0 <= start < end <= len(body)


def test_the_places_of_words_are_told_in_the_text_as_it_is() -> None:
    body = "Sâmbătă, la Elsa"
    assert [body[a:b] for a, b in places(body, wanted_words("samb el"))] == ["Sâmb", "El"]
