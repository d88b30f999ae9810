"""The little notation in which company.toml writes down conversations.

@ -12 18:04          the next line was written 12 days ago at 18:04
< Bună ziua!         the customer writes; in a group `Name< …`
> Cu drag!           the business writes
<< / >>              the same, as a reply to the other side's last message
<+ ❤️                 a reaction to the other side's last message
< [voice 14]         a voice note of 14 seconds; also [image] caption, [video 20] caption,
                     [sticker], [document file.pdf], [location name|address],
                     [contact name|+40…], [poll question|a|b]
{ro+9} {en+9}        the date nine days after today, in Romanian or English words
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bridge.errors import SimulatorError

_LINE = re.compile(r"(?P<who>\w*)(?P<sign><<|>>|<\+|>\+|<|>) ?(?P<rest>.*)")
_MOMENT = re.compile(r"@ (?P<day>-?\d+) (?P<clock>\d\d:\d\d)")
_KIND = re.compile(r"\[(?P<kind>[a-z_]+) ?(?P<detail>[^\]]*)\] ?(?P<caption>.*)")
_DATE = re.compile(r"\{(ro|en)\+(\d+)\}")
_MONTHS = {
    "ro": "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie"
    " decembrie",
    "en": "January February March April May June July August September October November December",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message or reaction of a talk."""

    who: str
    """The member of a group who wrote it; empty otherwise."""
    from_me: bool
    content: Mapping[str, Any]
    is_reply: bool = False
    reaction: str = ""
    day: int | None = None
    """Days from today, when the talk says so."""
    clock: str = ""


def fill_in_dates(talk: str, today: date) -> str:
    """Return a talk with its relative dates in words."""

    def words(match: re.Match[str]) -> str:
        when = today + timedelta(days=int(match[2]))
        return f"{when.day} {_MONTHS[match[1]].split()[when.month - 1]}"

    return _DATE.sub(words, talk)


def parse_talk(talk: str) -> Iterator[Line]:
    """Yield the lines of a talk. Raises SimulatorError for a line that is none."""
    day: int | None = None
    clock = ""
    for text in talk.strip().splitlines():
        if moment := _MOMENT.fullmatch(text.strip()):
            day, clock = int(moment["day"]), moment["clock"]
            continue
        match = _LINE.fullmatch(text.strip())
        if match is None:
            raise SimulatorError(f"Not a line of a talk: {text!r}.")
        sign, rest = match["sign"], match["rest"].replace("\\n", "\n")
        is_reaction = sign.endswith("+")
        yield Line(
            who=match["who"],
            from_me=sign.startswith(">"),
            content={} if is_reaction else _content(rest),
            is_reply=len(sign) == 2 and not is_reaction,
            reaction=rest if is_reaction else "",
            day=day,
            clock=clock,
        )
        day, clock = None, ""


def _content(text: str) -> dict[str, Any]:
    match = _KIND.fullmatch(text)
    if match is None:
        return {"kind": "text", "text": text}
    kind, detail, caption = match["kind"], match["detail"], match["caption"]
    content: dict[str, Any] = {"kind": kind}
    if caption:
        content["caption"] = caption
    first, *rest = detail.split("|")
    if kind in ("voice", "video", "audio"):
        content["seconds"] = int(first or 8)
        content["size"] = int(first or 8) * 2100
    elif kind == "document":
        content |= {"file_name": first, "size": 48_213}
    elif kind == "location":
        content |= {"name": first, "address": rest[0] if rest else ""}
    elif kind == "contact":
        content |= {"name": first, "phone": rest[0] if rest else ""}
    elif kind == "poll":
        content |= {"name": first, "options": rest}
    return content
