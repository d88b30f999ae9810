"""The console's own two themes; screens and widgets use only their tokens."""

from textual.color import Color
from textual.theme import Theme

DARK = Theme(
    name="capcoada-dark",
    primary="#5fb3a1",
    secondary="#7aa2d6",
    accent="#e6b450",
    warning="#e6b450",
    error="#e5737a",
    success="#7fbf7f",
    foreground="#d7dce2",
    background="#14181d",
    surface="#191e24",
    panel="#232a32",
    dark=True,
    variables={
        "bubble-in": "#262e37",
        "bubble-out": "#1c3f3a",
        "row-selected": "#262e37",
        "row-focused": "#24483f",
        "head-active": "#2b574d",
        "badge-text": "#14181d",
        "muted": "#8a949f",
        "input-selection-background": "#5fb3a1 35%",
        "scrollbar": "#2b574d",
        "scrollbar-background": "#191e24",
        "scrollbar-background-hover": "#191e24",
        "scrollbar-background-active": "#191e24",
    },
)

LIGHT = Theme(
    name="capcoada-light",
    primary="#0f766e",
    secondary="#2f5f9e",
    accent="#8a5a00",
    warning="#8a5a00",
    error="#b3261e",
    success="#2e7d32",
    foreground="#1d2329",
    background="#fbfaf7",
    surface="#f3f1ec",
    panel="#e6e3dc",
    dark=False,
    variables={
        "bubble-in": "#e9e6df",
        "bubble-out": "#d3ebe4",
        "row-selected": "#e2ded5",
        "row-focused": "#c9e5dd",
        "head-active": "#b5dbd1",
        "badge-text": "#fbfaf7",
        "muted": "#5d6670",
        "input-selection-background": "#0f766e 30%",
        "scrollbar": "#b5dbd1",
        "scrollbar-background": "#f3f1ec",
        "scrollbar-background-hover": "#f3f1ec",
        "scrollbar-background-active": "#f3f1ec",
    },
)

THEMES = (DARK, LIGHT)
DEFAULT_THEME = DARK.name

_UNPAINTED = (
    "bubble-in", "bubble-out", "row-selected", "row-focused", "head-active", "scrollbar-background",
    "scrollbar-background-hover", "scrollbar-background-active",
)  # fmt: skip
_TERMINAL = dict.fromkeys(_UNPAINTED, "ansi_default") | {
    "badge-text": "ansi_black", "muted": "#7a838d", "scrollbar": "ansi_blue",
}  # fmt: skip
"""For the terminal's own colours, of which nobody knows whether they are dark: no background but
the terminal's, as glyphs mark what is selected, and a grey that is read on black and on white."""


def tokens_for(theme: Theme) -> dict[str, str]:
    """Return our tokens in colours that go with a theme which does not bring them."""
    if theme.ansi:
        return _TERMINAL
    tokens = (DARK if theme.dark else LIGHT).variables
    on_accent = Color.parse(theme.accent or theme.primary).get_contrast_text(1.0)
    return tokens | {"badge-text": on_accent.hex}
