"""The index of words finds what was put in, newest first, and stands every kind of text."""

import random
import sqlite3
import stat
import tempfile
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.crm.folding import tidy
from core.search.errors import SearchUnusable
from core.search.index import Progress, SearchIndex, Text
from core.search.words import holds, places, wanted_words

NOON = datetime(2026, 1, 19, 12, 0, tzinfo=UTC)


def text(number: int, body: str, *, thread: str = "WA-01__1@s.whatsapp.net") -> Text:
    return Text(thread, f"M{number}", NOON + timedelta(minutes=number), body)


def found(index: SearchIndex, asked: str, *, before: int | None = None) -> list[str]:
    hits = index.search(wanted_words(asked), before=before, goes_on=lambda: True)
    return [hit.message_id for hit in hits]


def looked_through(bodies: list[str], asked: str) -> list[str]:
    """Return what is found by looking at every message."""
    words = wanted_words(asked)
    there = [n for n, body in enumerate(bodies) if words and holds(tidy(body), words)]
    return [f"M{n}" for n in reversed(there)]


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
        expected = [
            f"M{n}" for n in reversed(range(200)) if holds(tidy(bodies[n]), wanted_words(asked))
        ]
        assert found(index, asked) == expected, asked


letters = st.text(max_size=30) | st.text("aă ș0-+.79\n\u0306\u0326йЙ🥳🎈_'\"*", max_size=30)


@settings(max_examples=150, deadline=None)
@given(st.lists(letters, max_size=5), letters)
def test_no_text_breaks_the_index_or_the_question(bodies: list[str], asked: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        index = SearchIndex.open(Path(folder) / "search.db")
        index.add([text(number, body) for number, body in enumerate(bodies)], Progress())
        for one in (asked, *bodies):
            words = wanted_words(one)
            there = [
                n for n in reversed(range(len(bodies))) if words and holds(tidy(bodies[n]), words)
            ]
            assert found(index, one) == [f"M{n}" for n in there]
        index.close()
    for body in map(tidy, bodies):
        wanted = wanted_words(body)
        marked = places(body, wanted)
        assert bool(marked) == bool(wanted)
        ends = [0, *(place for pair in marked for place in pair), len(body)]
        assert ends == sorted(ends)


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ("🥳Petrecere🥳", "petrecere"),
        ("ne vedem🧁", "vedem "),
        (unicodedata.normalize("NFD", "mulțumesc, până mâine"), "mulțumesc pana maine"),
        ("mulțumesc, până mâine", unicodedata.normalize("NFD", "până mâine")),
        ("Дякую, йогурт і ёлка", "йогурт елка"),
        ("Καλημέρα σε όλους", "καλημερα ολους"),
        ("𝐏𝐞𝐭𝐫𝐞𝐜𝐞𝐫𝐞 mare", "petrecere"),
        ("petre\u00adcere", "petrecere"),
        ("tort de ciocolată", '^tort* -"ciocolata" (de:)'),
        ("AND OR NOT", "and or not"),
        ("x" * 70_000, "x" * 900),
        ("cod 0123", "123"),
    ],
)
def test_a_word_is_found_however_it_is_written(index: SearchIndex, body: str, asked: str) -> None:
    index.add([text(1, body)], Progress())
    assert found(index, asked) == ["M1"]


FORMS = (
    "+40 712 345 678", "0712345678", "0712 345 678", "0712.345.678", "0712-345-678",
    "0040712345678", "40712345678", "+40712345678",
)  # fmt: skip


@pytest.mark.parametrize("asked", FORMS)
def test_a_phone_number_is_found_in_every_form(index: SearchIndex, asked: str) -> None:
    index.add([text(n, f"sunați la {form}, da?") for n, form in enumerate(FORMS)], Progress())
    index.add([text(50, "sunați la 0712 345 679"), text(51, "0712 lei, 345, 678")], Progress())
    assert found(index, asked) == [f"M{n}" for n in reversed(range(len(FORMS)))]
    assert found(index, f"suna {asked} da") == found(index, asked)
    for form in FORMS:
        body = f"la {form}"
        assert [body[a:b] for a, b in places(body, wanted_words(asked))] == [form]


def test_a_number_is_found_while_it_is_typed(index: SearchIndex) -> None:
    index.add([text(1, "tel 0712345678"), text(2, "tel 0712 345 678")], Progress())
    for asked in ("0712", "07123", "071234567"):
        assert "M1" in found(index, asked), asked
        assert [hit for hit in found(index, asked) if hit not in {"M1", "M2"}] == []
    assert found(index, "0712 345 6") == ["M2"]


def test_days_and_sums_are_no_phone_numbers(index: SearchIndex) -> None:
    index.add([text(1, "pe 10.02.2026 la 16:30, 1200 lei")], Progress())
    for asked in ("10.02.2026", "2026", "2026 1200", "1200 lei", "10.02.2026 16"):
        assert found(index, asked) == ["M1"], asked


def test_the_places_of_words_are_told_in_the_text_as_it_is() -> None:
    body = "Sâmbătă, la Elsa"
    assert [body[a:b] for a, b in places(body, wanted_words("samb el"))] == ["Sâmb", "El"]
