"""Emoji are written as wide as they were counted, whatever the terminal thinks of them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from core.text import clean_text
from tui.steady import steady

PIECES = st.sampled_from(
    ["❤", "👩", "👍", "1", "#", "a", "é", "e\u0301", "漢", "ක", "\ufe0f", "\u200d", "\u20e3", "🏽",
     "🎨", "♀", "🇷🇴", " ", "\x1b[0m"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("❤️!", "❤ !"),
        ("👩🏽‍🎨 Zoe", "👩 Zoe"),
        ("👩‍👩‍👧‍👦|", "👩|"),
        ("1️⃣ unu", "1  unu"),
        ("👍🏽👍", "👍👍"),
        ("🇷🇴 ✅ 漢字", "🇷🇴 ✅ 漢字"),
        ("می‌خواهم क्‍ष", "می‌خواهم क्‍ष"),
    ],
)
def test_a_cluster_becomes_its_first_character(text: str, written: str) -> None:
    assert steady(text) == written


@given(st.lists(PIECES).map("".join))
def test_the_cells_that_were_counted_are_the_cells_that_are_written(pieces: str) -> None:
    text = "\x1b[0m".join(clean_text(part) for part in pieces.split("\x1b[0m"))
    plain = text.replace("\x1b[0m", "")
    assert cell_len(steady(plain)) == cell_len(plain)
    assert steady(text).count("\x1b[0m") == text.count("\x1b[0m")
    for before, character in zip(steady(text), steady(text)[1:], strict=False):
        if character == "\ufe0f":
            assert unicodedata.category(before) != "So"
