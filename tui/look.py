"""How painted text looks: a table of names over the theme's tokens.

Painted widgets read it directly instead of through component classes in TCSS, because each of those
costs the first frame a rule to parse and a node to style.
"""

from collections.abc import Mapping
from functools import lru_cache

import msgspec
from rich.style import Style
from textual.color import Color


class Look(msgspec.Struct, frozen=True):
    """Theme tokens and attributes; what is empty is left as it is."""

    colour: str = ""
    background: str = ""
    bold: bool = False
    italic: bool = False


LOOKS = {
    # everywhere
    "strong": Look(bold=True),
    "plain": Look("foreground"),
    "muted": Look("muted"),
    "news": Look("accent", bold=True),
    "brand": Look("primary", bold=True),
    "good": Look("success"),
    "busy": Look("warning"),
    "off": Look("muted"),
    "bad": Look("error", bold=True),
    "key": Look("accent", bold=True),
    "scroll-bar": Look("panel"),
    "scroll-thumb": Look("muted"),
    # the list
    "bar": Look("primary", bold=True),
    "name": Look("foreground"),
    "unread": Look(bold=True),
    "time": Look("muted"),
    "preview": Look("muted"),
    "chip": Look("secondary"),
    "badge": Look("badge-text", "accent", bold=True),
    "trouble": Look("error", bold=True),
    "read": Look("primary", bold=True),
    "row-selected": Look(background="row-selected"),
    "row-focused": Look(background="row-focused"),
    # the chat
    "in": Look("foreground", "bubble-in"),
    "out": Look("foreground", "bubble-out"),
    "meta": Look("muted"),
    "quote": Look("muted"),
    "media": Look("secondary"),
    "gone": Look("muted", italic=True),
    "error": Look("error"),
    "day": Look("muted"),
    "system": Look("muted", italic=True),
    "cursor": Look("accent", bold=True),
    "evidence": Look(background="row-focused"),
    "pill": Look("badge-text", "accent", bold=True),
    "name0": Look("primary", bold=True),
    "name1": Look("secondary", bold=True),
    "name2": Look("accent", bold=True),
    "name3": Look("success", bold=True),
    "name4": Look("error", bold=True),
}
"""By name; a dotted name in painted text adds several up."""


def style_of(name: str, tokens: Mapping[str, str]) -> Style:
    """Return the style of a dotted name of looks in the colours of a theme."""
    style = Style.null()
    for part in filter(None, name.split(".")):
        look = LOOKS[part]
        style += _style(look, tokens.get(look.colour, ""), tokens.get(look.background, ""))
    return style


@lru_cache(maxsize=512)
def _style(look: Look, colour: str, background: str) -> Style:
    return Style(
        color=Color.parse(colour).rich_color if colour else None,
        bgcolor=Color.parse(background).rich_color if background else None,
        bold=look.bold or None,
        italic=look.italic or None,
    )
