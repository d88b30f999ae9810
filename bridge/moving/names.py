"""Names for files after conversations: readable, harmless on every system, and each but once."""

import re
import unicodedata
from typing import Final

from core.service.inbox import ThreadRow
from core.text import clean_line

_LONGEST_PART: Final = 80
"""Bytes of each part of a file name, of which most systems take 255 in all."""
_FORBIDDEN: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')


class FileNames:
    """Gives names, and remembers which it gave."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def of_thread(self, thread: ThreadRow) -> str:
        """Return the name of a conversation's file: who it is with, number, account."""
        number = thread.phone or thread.to_jid.partition("@")[0]
        parts = map(_safe, dict.fromkeys((thread.name, number, thread.account_id)))
        stem = " ".join(part for part in parts if part) or "_"
        count = 1
        name = stem
        while (key := unicodedata.normalize("NFC", name).casefold()) in self._given:
            count += 1
            name = f"{stem} ({count})"
        self._given.add(key)
        return f"{name}.txt"


def _safe(text: str) -> str:
    """Return a text as a part of a file name."""
    plain = unicodedata.normalize("NFC", _FORBIDDEN.sub("_", clean_line(text)))
    return plain.encode()[:_LONGEST_PART].decode(errors="ignore").strip(" .-")
