"""Writes conversations the way WhatsApp exports them, in any dialect."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

LRM = "\u200e"
NNBSP = "\u202f"

Kind = Literal["text", "omitted", "attached", "deleted", "location", "poll", "notice"]


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a conversation; `sender` is empty for a notice."""

    local: datetime
    sender: str
    kind: Kind = "text"
    text: str = ""
    is_edited: bool = False


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one phone writes its exports."""

    is_ios: bool = False
    language: Literal["en", "ro"] = "en"
    order: Literal["dmy", "mdy", "ymd"] = "dmy"
    separator: str = "/"
    long_year: bool = True
    is_padded: bool = True
    clock: Literal["24", "AM", "am", "a.m.", "a. m."] = "24"
    blank: str = NNBSP
    has_marks: bool = True
    ending: str = "\n"

    def stamp(self, local: datetime) -> str:
        """Return date and time in this dialect."""
        day, month = (f"{n:02}" if self.is_padded else str(n) for n in (local.day, local.month))
        year = str(local.year) if self.long_year else f"{local.year % 100:02}"
        parts = {"dmy": (day, month, year), "mdy": (month, day, year), "ymd": (year, month, day)}
        return f"{self.separator.join(parts[self.order])}, {self._time(local)}"

    def _time(self, local: datetime) -> str:
        seconds = f":{local.second:02}" if self.is_ios else ""
        if self.clock == "24":
            return f"{local.hour:02}:{local.minute:02}{seconds}"
        letter = "p" if local.hour >= 12 else "a"
        half = self.clock.replace("A", letter.upper()).replace("a", letter)
        return f"{local.hour % 12 or 12}:{local.minute:02}{seconds}{self.blank}{half}"

    def render(self, lines: Iterable[Line]) -> str:
        """Return a whole export."""
        return "".join(self._line(line) + self.ending for line in lines)

    def _line(self, line: Line) -> str:
        text = self._text(line)
        is_marked = self.is_ios and text.startswith(LRM)
        head = f"[{self.stamp(line.local)}] " if self.is_ios else f"{self.stamp(line.local)} - "
        sender = f"{line.sender}: " if line.sender else ""
        return f"{LRM if is_marked else ''}{head}{sender}{text}"

    def _text(self, line: Line) -> str:
        mark = LRM if self.is_ios and self.has_marks else ""
        romanian = self.language == "ro"
        if line.kind == "omitted":
            if self.is_ios:
                return mark + ("imagine omisă" if romanian else "image omitted")
            return "<Conținut media omis>" if romanian else "<Media omitted>"
        if line.kind == "attached":
            if self.is_ios:
                return f"{mark}<{'atașare' if romanian else 'attached'}: {line.text}>"
            return f"{LRM}{line.text} ({'fișier atașat' if romanian else 'file attached'})"
        if line.kind == "deleted":
            return mark + ("Acest mesaj a fost șters" if romanian else "This message was deleted.")
        if line.kind == "location":
            word = "locație" if romanian else "location"
            return f"{mark}{word}: https://maps.google.com/?q={line.text}"
        if line.kind == "poll":
            question, *options = line.text.split("\n")
            word, option = ("SONDAJ:", "OPȚIUNE:") if romanian else ("POLL:", "OPTION:")
            answers = (f"{mark}{option} {each} (0)" for each in options)
            return "\n".join((f"{mark}{word}", question, *answers))
        text = line.text
        if line.is_edited:
            words = "Acest mesaj a fost editat" if romanian else "This message was edited"
            text = f"{text} {mark}<{words}>"
        return text
