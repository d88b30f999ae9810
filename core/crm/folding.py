"""Text made comparable: lower case without diacritics, every offset kept."""

import unicodedata

from core.text import clean_text

_SAME = {"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"'}
_DASHES = "‐‑‒–—−"


class _FoldTable(dict[int, str]):
    """Maps a code point to exactly one folded character; learns each one when first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = unicodedata.normalize("NFKD", char)[:1].lower()[:1]
        folded = _SAME.get(char) or ("-" if char in _DASHES else plain) or char
        self[code] = " " if folded.isspace() and folded != "\n" else folded
        return self[code]


_TABLE = _FoldTable()


def tidy(text: str) -> str:
    """Return outside text cleaned and composed: the form that all offsets refer to."""
    return unicodedata.normalize("NFC", clean_text(text))


def fold(text: str) -> str:
    """Return `text` in lower case without diacritics; its length and offsets stay the same."""
    return text.translate(_TABLE)


def squash(text: str) -> str:
    """Return `text` folded, with every run of other characters than letters and digits a space."""
    return " ".join("".join(c if c.isalnum() else " " for c in fold(text)).split())
