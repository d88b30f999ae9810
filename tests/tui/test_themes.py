"""Colours that can be read, whichever scheme is chosen."""

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from core.settings import Console
from tui.look import style_of
from tui.shell import Shell
from tui.themes import THEMES

BACKGROUNDS = ("bubble-in", "bubble-out", "row-selected", "row-focused", "head-active")
LEAST_CONTRAST = 3.0
"""Of text to its background: what the Web Content Accessibility Guidelines ask of bold text."""


def contrast(one: Color, other: Color) -> float:
    """Return the contrast of two colours, from 1 to 21, by the same guidelines."""
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (colour.r / 255, colour.g / 255, colour.b / 255)
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("name", [theme.name for theme in THEMES] + list(BUILTIN_THEMES))
def test_text_stands_out_from_what_it_is_painted_on(name: str) -> None:
    tokens = Shell(Console(theme=name)).theme_variables
    if tokens["background"] == "ansi_default":
        painted = [style_of(each, tokens) for each in ("in", "out", "row-focused")]
        assert all(style.bgcolor is None or style.bgcolor.is_default for style in painted)
        return
    text = Color.parse(tokens["foreground"])
    own = contrast(text, Color.parse(tokens["background"]))
    least = min(LEAST_CONTRAST, 0.5 * own)  # some schemes are faint by themselves
    badge = Color.parse(tokens["badge-text"]), Color.parse(tokens["accent"])
    assert contrast(*badge) >= LEAST_CONTRAST
    for each in BACKGROUNDS:
        assert contrast(text, Color.parse(tokens[each])) >= least, each
