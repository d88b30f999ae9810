"""The one sanitiser: text that came from outside passes here before any widget, log or prompt.

Removed: terminal escape sequences, C0 and C1 controls, lone surrogates, bidirectional overrides
and isolates, invisible fillers, and combining marks beyond what any script stacks on one letter.
Kept: every letter, combining mark and emoji, with the joiners and variation selectors that emoji
and some scripts need.
"""

import re
import unicodedata
from functools import cache

MOST_MARKS = 6
"""Marks and joiners kept after one character; no script needs so many, and more deface lines."""

_ESCAPES = (
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC: titles, clipboard, links
    r"|\x1b[PX^_][^\x1b]*\x1b\\"  # DCS, SOS, PM, APC
    r"|\x1b\[[0-?]*[ -/]*[@-~]?"  # CSI
    r"|\x1b[ -/]*[0-~]?"  # two-character escapes, and what others are left open
    r"|\x9b[0-?]*[ -/]*[@-~]?"  # 8-bit CSI
)
_UNSAFE = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, but tab and newline
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional marks, overrides, isolates
    "\u00ad\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb"  # invisible format characters
    "\u115f\u1160\u17b4\u17b5\u3164\uffa0"  # letters that are blank, which make names look empty
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # invisible shorthand and musical controls
    "\U000e0001-\U000e007f"  # tags, which can hide text
    "\ud800-\udfff]"  # lone surrogates
)
_LINE_BREAKS = r"\r\n?|[\u2028\u2029\x85\x0b\x0c]"
_MAY_STACK = r"[^\x00-\x7f]{7}"
"""Only where so many such characters follow each other can there be too many marks."""
_JOINERS = "\u200c\u200d"
_PICTURES = "\u203c-\u20cf\u2100-\u27bf\u2900-\u3299\U0001f000-\U0001faff"
_JOINING_SCRIPTS = "\u0600-\u08ff\u0900-\u0dff"
_STRAY_SELECTORS = f"(?<![#*0-9\u00a9\u00ae{_PICTURES}])\ufe0f"
"""They ask for a picture where there is none."""
_STRAY_JOINERS = (
    f"(?<![\ufe0f{_PICTURES}{_JOINING_SCRIPTS}])\u200d|\u200d(?![{_PICTURES}{_JOINING_SCRIPTS}])"
)
"""They join nothing, and programs differ in how wide the letters around them are."""
_BLANK_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""What of the unsafe characters counts as printable."""


def clean_text(text: str) -> str:
    """Return `text` safe to show, with its line breaks kept as line feeds and tabs as one space."""
    if text.replace("\n", "").isprintable():  # so it holds neither escapes nor controls
        if text.isascii():
            return text
        if not _BLANK_LETTERS.isdisjoint(text):
            text = _pattern(_UNSAFE).sub("", text)
    else:
        text = _pattern(_LINE_BREAKS).sub("\n", text)
        text = _pattern(_UNSAFE).sub("", _pattern(_ESCAPES).sub("", text)).replace("\t", " ")
    if _pattern(_MAY_STACK).search(text):
        text = _cap_marks(text)
    if "\u200d" in text or "\ufe0f" in text:
        text = _pattern(_STRAY_SELECTORS).sub("", text)
        text = _pattern(_STRAY_JOINERS).sub("", text)
    return text


@cache
def _pattern(expression: str) -> re.Pattern[str]:
    """Compile an expression when it is first needed: most text needs none, and that takes time."""
    return re.compile(expression)


def clean_line(text: str) -> str:
    """Return `text` safe to show on one line: line breaks and runs of blanks become one space."""
    return " ".join(clean_text(text).split())


def _cap_marks(text: str) -> str:
    """Drop marks and joiners beyond the most that one character may carry."""
    kept = []
    run = 0
    for character in text:
        if character in _JOINERS or unicodedata.category(character) in ("Mn", "Me"):
            run += 1
            if run > MOST_MARKS:
                continue
        else:
            run = 0
        kept.append(character)
    return "".join(kept)


def mask_phone(text: str) -> str:
    """Return a phone number or JID with all but its last three digits hidden, for logs."""
    user, at, server = text.partition("@")
    return f"…{user[-3:]}{at}{server}" if len(user) > 3 else text
