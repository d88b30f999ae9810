"""The sanitiser: nothing that a terminal would act on, everything that a person would read."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import _UNSAFE, MOST_MARKS, clean_line, clean_text

_BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
HOSTILE = st.one_of(
    st.text(),
    st.lists(
        st.one_of(
            st.sampled_from(
                ["\x1b[31m", "\x1b]0;x\x07", "\x1b]", "\x9b1m", "\x1bP", "\x1b\\", "\u202e",
                 "\ud83d", "\u0301", "\u200d", "\ufe0f", "\r\n", "\u2028", "\t", "[/red]", "👩",
                 " ", "\x00"]
            ),
            st.text(st.characters(), max_size=3),
        )
    ).map("".join),
)  # fmt: skip


@given(HOSTILE)
def test_no_output_character_is_acted_upon_by_a_terminal(text: str) -> None:
    for character in clean_text(text):
        assert character == "\n" or unicodedata.category(character) not in ("Cc", "Cs")
        assert unicodedata.bidirectional(character) not in _BIDI
        assert character not in "\u200e\u200f\u061c\u2028\u2029\x1b"


@given(HOSTILE)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@given(HOSTILE)
def test_a_line_is_one_line_that_encodes(text: str) -> None:
    line = clean_line(text)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    line.encode()


@pytest.mark.parametrize(
    "text",
    [
        "Bună ziua, ce mai faceți?",
        "👩‍👩‍👧‍👦 ❤️ 👍🏽 1️⃣ 🇷🇴",
        "e\u0301 a\u0302\u0323",
        "नमस्ते ไทย 日本語 שָׁלוֹם مرحبا",
        "می‌خواهم",
        "[/foo] [red]bold[/]",
        "two\nlines",
    ],
)
def test_what_people_write_is_kept(text: str) -> None:
    assert clean_text(text) == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;left open, text kept", "52;left open, text kept"),
        ("\x9b2Jgone", "gone"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\u200bb\ufeffc", "abc"),
        ("\u3164", ""),
        ("lone \ud83d surrogate", "lone  surrogate"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\tb", "a b"),
    ],
)
def test_what_terminals_act_upon_is_removed(text: str, clean: str) -> None:
    assert clean_text(text) == clean


def test_marks_beyond_reason_are_dropped() -> None:
    assert clean_text("Z" + "\u0301" * 500 + "x") == "Z" + "\u0301" * MOST_MARKS + "x"
    assert clean_text("Z" + "\u0301\u200c" * 50) == "Z" + "\u0301\u200c" * (MOST_MARKS // 2)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\u200db", "ab"),
        ("\u200d❤\ufe0f", "❤\ufe0f"),
        ("a\ufe0f", "a"),
        ("👩\u200d🎨", "👩\u200d🎨"),
        ("क\u094d\u200dष", "क\u094d\u200dष"),
        ("1\ufe0f\u20e3", "1\ufe0f\u20e3"),
    ],
)
def test_joiners_stay_only_where_they_join(text: str, clean: str) -> None:
    assert clean_text(text) == clean


def test_every_unsafe_character_is_taken_out_of_otherwise_printable_text() -> None:
    unsafe = filter(re.compile(_UNSAFE).match, map(chr, range(0x110000)))
    assert not [each for each in unsafe if each in clean_text(f"ă{each}b")]
