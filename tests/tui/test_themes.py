"""Colours that can be read, whichever scheme is chosen."""

from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from core.settings import Console
from tests.support.console import accounts, console, thread
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


@pytest.mark.parametrize("name", ["ansi-dark", "ansi-light"])
async def test_the_terminals_own_colours_are_left_to_the_terminal(
    tmp_path: Path, name: str
) -> None:
    settings = Console(theme=name)
    writes = [*accounts("WA-01"), thread(0, "Maria", unreadCount=1)]
    async with console(tmp_path, writes, settings=settings) as stage:
        await stage.pilot.press("down")
        strips = stage.screen._compositor.render_strips()
        segments = [each for strip in strips for each in strip if each.style is not None]
        backgrounds = {each.style.bgcolor for each in segments if each.style} - {None}
        assert all(
            colour.is_default or colour.number is not None for colour in backgrounds if colour
        )
        maria = next(each.style for each in segments if "Maria" in each.text)
        assert maria is not None
        assert maria.color is None or maria.color.is_default
