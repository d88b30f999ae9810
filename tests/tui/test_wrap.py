"""Measuring and breaking text in cells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from core.text import clean_text
from tui.widgets.cells import clip, fit
from tui.widgets.wrap import wrap

TEXTS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "👩‍👩‍👧",
                "❤️",
                "日本語",
                "e\u0301",
                "👍🏽",
                "🇷🇴",
                " ",
                "  ",
                "\n",
                "word",
                "ș",
                "1️⃣",
                "नमस्ते",
            ]
        ),
        st.text(max_size=8),
    )
).map(lambda parts: clean_text("".join(parts)))


@given(TEXTS, st.integers(2, 40))
def test_every_line_fits_and_nothing_but_blanks_is_lost(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(TEXTS, st.integers(1, 40))
def test_fitting_gives_exactly_the_width(text: str, width: int) -> None:
    line = " ".join(text.split())
    assert cell_len(fit(line, width)) == width
    assert cell_len(clip(line, width)) <= width


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("one two three", 7, ["one two", "three"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("a\n\nb", 5, ["a", "", "b"]),
        ("日本語テキスト", 5, ["日本", "語テ", "キス", "ト"]),
        ("x 👩‍👩‍👧👩‍👩‍👧", 3, ["x", "👩‍👩‍👧", "👩‍👩‍👧"]),
    ],
)
def test_breaking(text: str, width: int, lines: list[str]) -> None:
    assert wrap(text, width) == lines


def test_what_is_cut_off_leaves_a_mark() -> None:
    assert clip("Maria Ionescu", 8) == "Maria I…"
    assert clip("日本語", 4) == "日…"
