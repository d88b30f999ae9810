"""Hours of the day and lengths of time as Romanian and English customers write them."""

import re
from dataclasses import dataclass
from datetime import time

from core.crm.resolve.dates import THINGS_AHEAD
from core.crm.resolve.numbers import NUMBER, WORDS, to_int


@dataclass(frozen=True, slots=True)
class TimeMention:
    """An hour, or a span of hours, and where its words stand."""

    start: int
    end: int
    value: time
    until: time | None = None
    marked: bool = True
    """Whether something besides a bare number says that it is an hour."""

    @property
    def minutes(self) -> int | None:
        """Return the length of the span in minutes."""
        if self.until is None:
            return None
        begin = self.value.hour * 60 + self.value.minute
        return (self.until.hour * 60 + self.until.minute - begin) % 1440 or None


@dataclass(frozen=True, slots=True)
class DurationMention:
    """A length of time in minutes, and where its words stand."""

    start: int
    end: int
    minutes: int


_NOT_HAVE = (
    r"(?!\s+(?:avea|vrea|dori|putea|nevoie|fi|mai|si|o|un"
    r"|(?!that|but|what)[a-z]+(?:[aiu]t|ns|rs|pt))\b)"
)
"""After the "am" of "la 4 am nevoie", which is no morning."""
_PART = (
    rf"dimineata|dimineatza|diminetii|d\.?m\.?(?=\W|$)|am\b{_NOT_HAVE}|a\.m\.?|in\s+the\s+(?:morning|afternoon"
    r"|evening)|at\s+night|dupa[\s-]?(?:amiaza|amiazi|masa|masa|pranz)|dupamasa|dupaamiaza"
    r"|dupaamiazi"
    r"|pm\b|p\.m\.?|seara|noaptea|la\s+pranz|ziua\b"
)
_MORNING = re.compile(r"dim|am|a\.m|in\s+the\s+morning")
_LATER = re.compile(r"dupa|pm|p\.m|seara|afternoon|evening|night|noaptea|d\.?m")
_HOUR_WORD = rf"\d{{1,2}}|{WORDS}|una|(?:12\s+)?(?:noon|midday)|pranz"


def _clock(n: str) -> str:
    """Return the pattern of one hour with optional minutes; its groups end in `n`."""
    return (
        rf"(?P<h{n}>{_HOUR_WORD})(?:\s?[:.](?P<m{n}>[0-5]\d)(?!\d)|\s?h\s?(?P<hm{n}>[0-5]\d)?\b"
        rf"|\s+(?:si\s+)?(?P<w{n}>jumatate|jumate|juma|jum)\b|\s+si\s+(?P<x{n}>un\s+sfert|sfert"
        rf"|[1-5]\d)\b"
        rf"|\s+(?P<s{n}>[0-5]0|[1345]5)(?=\s|$|[.,!?])(?!\s*(?:de\s|cop|lei|ron|kid|pers|ani"
        rf"|min)))?"
        rf"(?:\s+(?P<f{n}>fara\s+un\s+sfert))?(?:\s*(?:fix|o'?clock|hrs|ish)\b)?"
        rf"(?:\s*(?P<p{n}>{_PART}))?"
    )


_MARK = (
    r"(?:(?:pe|cam|undeva)\s+la\s+(?:ora\s+)?|de\s+la\s+(?:ora\s+|orele\s+)?|incepand\s+cu\s+"
    r"(?:ora\s+)?"
    r"|dupa\s+ora\s+|\bh\s?:?\s?(?=\d)|(?:la\s+)?(?:ora|orele|ore)\s*(?:(?:ramane|devine|e|este|va\s+fi)\s+)?[:=]?\s*(?:de\s+)?|\bla\s+|@\s?|\bat\s+"
    r"(?:about\s+)?"
    r"|around\s+|about\s+(?=\d{1,2}(?:[:.]\d\d)?\s?[ap]m)|by\s+|from\s+|starting\s+(?:at\s+)?"
    r"|start\s*:?\s+|incepem\s+la\s+|make\s+(?:it|that)\s+)"
)
_UNITS = (
    rf"(?!\d)(?!\s?[./]\s?\d)(?!-\d){THINGS_AHEAD}(?!\s+(?:decembrie|mai(?!\s+(?:bine|mult"
    rf"|putin|tarziu|devreme|degraba|e\b|este|sunt|aveti|avem|am\b|puteti|se\b|vreau))|ian|feb|mar|apr|iun|iul|aug|sep|oct|noi|st\b))"
)
_RANGE = re.compile(
    r"(?:(?P<de>de\s+la\s+(?:ora\s+|orele\s+)?)|(?P<in>(?:\bin)?tre\s+(?:orele\s+|ora\s+)?"
    r"|between\s+)|(?P<fr>from\s+)|(?P<or>(?:interval(?:ul)?(?:\s+orar)?|orele|ora"
    r"|program)\s*:?\s*)"
    rf"|\b){_clock('1')}(?P<sep>\s*(?:-|pana\s+(?:pe\s+)?(?:la|in)|\bpan'?\s+la)\s*(?:ora\s+)?"
    rf"|\s+la\s+|\s+si\s+|\s+(?:to|until|till|til|and)\s+){_clock('2')}{_UNITS}"
)
_MARKED = re.compile(rf"(?<!\w){_MARK}{_clock('1')}{_UNITS}")
_PLAIN = re.compile(
    rf"(?<![\d.,:/-])\b(?P<h1>\d{{1,2}})(?:[:](?P<m1>[0-5]\d)|(?P<dot>\.(?P<hm1>[0-5]\d))|"
    rf"(?P<h>\s?h(?P<hh1>[0-5]\d)?\b))?"
    rf"(?P<w1>)(?P<s1>)(?P<f1>)(?P<fix>\s*(?:fix|o'?clock|ish)\b)?(?:\s*(?P<p1>{_PART}))?"
    rf"(?![\d:/]|\.\d){THINGS_AHEAD}"
)
_WORDED = re.compile(
    rf"\b(?P<h1>{WORDS})(?:\s+si\s+(?P<w1>jumatate|jumate|un\s+sfert))?(?P<m1>)(?P<hm1>)(?P<s1>)"
    rf"(?P<f1>)\s*(?P<p1>{_PART})(?!\w)"
)
_PAST = re.compile(rf"\b(?P<kind>half\s+past|quarter\s+past|quarter\s+to)\s+(?P<h>{NUMBER})\b")
_HALVES = re.compile(
    rf"(?<![\w.,:/-])(?P<h1>\d{{1,2}}|{WORDS})\s+(?:(?:si\s+)?(?P<w1>jumatate|jumate|juma|jum)"
    r"|si\s+un\s+(?P<x1>sfert))\b(?P<m1>)(?P<hm1>)(?P<s1>)(?P<f1>)"
    rf"(?:\s*(?P<p1>{_PART}))?(?!\s*(?:de\s+)?(?:an|or[ae]|lei|ron|kg|met|pagin|tort|luna|luni))"
)
_TILL = re.compile(r"\s*(?:-|pana\s+(?:pe\s+)?(?:la|in)|to|until|till?)\s*(?:la\s+|at\s+)?")
_HALF = re.compile(
    r"\bhalf\s+(?P<h>one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,2})\b(?!\s*(?:hour|kid|price))"
)
"""British: "half two" is 14:30."""
_NOON = re.compile(r"\b(?:la\s+pranz|la\s+amiaza|(?:at\s+)?noon|midday|miezul\s+zilei)\b")
_NO_TIME_BEFORE = re.compile(
    r"(?:\bnr\.?|\bbl\.?|\bap\.?|\bsc\.?|\bet\.?|\bno\.?|pagina|clasa)\s*$"
)


_NOON_HOUR = 12
_AFTERNOON = 19
"""A span that begins after this hour may end in the night: "de la 21 la 2"."""
_SMALL_HOURS = 6
"""The last hour that is one of the night."""
_EVENING = 7
"""The last hour that, without a part of the day, is one of the afternoon."""
_NAMED_HOURS = {"una": 1, "noon": 12, "midday": 12, "pranz": 12}


def _minutes(found: re.Match[str], n: str) -> int:
    groups = found.groupdict()
    for name in ("m", "hm", "hh", "s"):
        if groups.get(name + n):
            return int(groups[name + n] or 0)
    words = groups.get("w" + n) or groups.get("x" + n) or ""
    if words:
        return int(words) if words.isdigit() else 15 if "sfert" in words else 30
    return 0


def _hour(text: str, part: str, *, guess: bool = True) -> int | None:
    """Return the hour 0-23; without a part of the day, hours up to 7 are of the afternoon."""
    hour = _NAMED_HOURS.get(text.rsplit(maxsplit=1)[-1]) or to_int(text)
    if hour is None or hour > 24:
        return None
    hour %= 24
    if part and part.startswith("noaptea") and (hour <= _SMALL_HOURS or hour == 12):
        return hour % 12
    if part and _MORNING.match(part) and not part.startswith(("dm", "d.m")):
        return 0 if hour == 12 else hour
    if part and _LATER.match(part):
        return hour + 12 if hour < 12 else hour
    if part and "pranz" in part:
        return hour + 12 if hour < 5 else hour
    return hour + 12 if guess and 1 <= hour <= _EVENING else hour


def _time(found: re.Match[str], n: str, part: str | None = None) -> time | None:
    said = part if part is not None else found["p" + n] or ""
    hour = _hour(found["h" + n], said)
    if hour is None:
        return None
    minutes = _minutes(found, n)
    if found["f" + n]:
        hour, minutes = (hour - 1) % 24, 45
        hour += 12 if hour == _EVENING and not said else 0
    return time(hour, minutes)


_COUNTED = re.compile(
    r"\b(?:copii\w*|kids|children|invitati|guests|persoane|people)\s*(?:\w+\s+|:\s*)?$"
)


def _ends_at_night(found: re.Match[str]) -> bool:
    """Whether a span of hours ends after midnight: "la 2", "la 2 noaptea", "2am", but not "2pm"."""
    hour, part = to_int(found["h2"]), found["p2"] or "noaptea"
    small = hour is not None and (hour <= _SMALL_HOURS or hour in {12, 24})
    return small and (part.startswith("noaptea") or bool(_MORNING.match(part)))


def _range(found: re.Match[str]) -> TimeMention | None:
    if _COUNTED.search(found.string, max(0, found.start() - 24), found.start()):
        return None
    sep = found["sep"].strip()
    opened = bool(found["de"] or found["in"] or found["fr"] or found["or"])
    if (sep == "la" and not found["de"]) or (sep in {"si", "and"} and not found["in"]):
        return None
    clocklike = all(found["m" + n] or found["hm" + n] or found["p" + n] for n in "12") or (
        sep in {"to", "until", "till", "-"} and bool(found["p2"])
    )
    bare_hours = sep == "-" and all(
        found["h" + n].isdigit() and 8 <= int(found["h" + n]) <= 23 for n in "12"
    )
    named = found["h1"].endswith(("noon", "midday", "pranz"))
    before = found.string[: found.start()].rstrip()
    apart = not before or before.endswith((",", ".", ";", "(", "!"))
    opened = opened or sep in {"till", "until"} or (sep == "to" and apart)
    if not opened and not clocklike and not bare_hours and not named:
        return None
    end = _time(found, "2")
    begin = _time(found, "1")
    if begin is None or end is None:
        return None
    if begin.hour > _AFTERNOON and _ends_at_night(found):
        until = end.replace(hour=(to_int(found["h2"]) or 0) % 12)
        return TimeMention(found.start(), found.end(), begin, until, opened or clocklike)
    if not found["p1"] and found["p2"]:
        same = _time(found, "1", found["p2"])
        if same is not None and same < end:
            begin = same
    if end <= begin and end.hour < 12:
        end = end.replace(hour=end.hour + 12)
    if end <= begin and begin.hour >= 12 and not found["p1"]:
        begin = begin.replace(hour=begin.hour - 12)
    if end <= begin:
        return None
    marked = opened or clocklike or named
    return TimeMention(found.start(), found.end(), begin, end, marked)


_AGES = re.compile(
    r"\b(?:de\s+la\s+|from\s+|intre\s+|between\s+)?\d{1,2}\s*(?:-|(?:pana\s+)?la|si|to|and|sau|or)\s*\d{1,2}\s+(?:de\s+)?(?:ani\w*|years|yo)\b"
)
"""A range of ages, which looks like a span of hours."""


def find_times(folded: str) -> list[TimeMention]:
    """Return the hours and spans of hours that folded text speaks of, in order."""
    folded = _AGES.sub(lambda found: "_" * len(found[0]), folded)
    taken = bytearray(len(folded) + 1)
    mentions: list[TimeMention] = []

    def keep(start: int, end: int, mention: TimeMention | None) -> None:
        if mention is not None and not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            mentions.append(mention)

    for found in _RANGE.finditer(folded):
        keep(found.start(), found.end(), _range(found))
    for found in _PAST.finditer(folded):
        hour = _hour(found["h"], "")
        if hour is not None:
            past = {"h": 30, "p": 15}.get(found["kind"][0] if "half" in found["kind"] else "p", 0)
            exact = time((hour - 1) % 24, 45) if found["kind"].endswith("to") else time(hour, past)
            keep(found.start(), found.end(), TimeMention(found.start(), found.end(), exact))
    for pattern in (_MARKED, _WORDED):
        for found in pattern.finditer(folded):
            if _NO_TIME_BEFORE.search(folded, max(0, found.start() - 10), found.start()):
                continue
            named = _time(found, "1")
            if named is not None:
                keep(*found.span(), TimeMention(*found.span(), named))
    for found in _PLAIN.finditer(folded):
        hourly = found["h"] and int(found["h1"]) > 8  # "2h" is a length, "17h" an hour
        if not (found["m1"] or found["hm1"] or found["p1"] or found["fix"] or hourly):
            continue
        if (found["fix"] or "").strip() == "ish" and int(found["h1"]) > _NOON_HOUR:
            continue  # "20ish" is a number of guests
        if found["hm1"] and not found["p1"] and found["hm1"] not in {"00", "15", "30", "45"}:
            continue
        value = _time(found, "1")
        if value is not None and not _NO_TIME_BEFORE.search(
            folded, max(0, found.start() - 10), found.start()
        ):
            keep(*found.span(), TimeMention(*found.span(), value, None, not found["dot"]))
    for found in _HALF.finditer(folded):
        hour = _hour(found["h"], "")
        if hour is not None:
            keep(*found.span(), TimeMention(*found.span(), time(hour, 30)))
    for found in _HALVES.finditer(folded):
        value = _time(found, "1")
        if value is not None and value.hour > _EVENING:
            keep(*found.span(), TimeMention(*found.span(), value))
    for found in _NOON.finditer(folded):
        keep(*found.span(), TimeMention(*found.span(), time(12)))
    return _joined(sorted(mentions, key=lambda mention: mention.start), folded)


def _joined(mentions: list[TimeMention], folded: str) -> list[TimeMention]:
    """Join two hours with "till" between them: "half past ten till noon"."""
    joined: list[TimeMention] = []
    for mention in mentions:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.until is None
            and mention.until is None
            and last.value < mention.value
            and _TILL.fullmatch(folded, last.end, mention.start)
        ):
            joined[-1] = TimeMention(last.start, mention.end, last.value, mention.value)
        else:
            joined.append(mention)
    return joined


_LENGTHS = re.compile(
    rf"(?P<quarters>trei\s+sferturi\s+de\s+ora)|(?P<half>jumatate\s+de\s+ora|half\s+an\s+hour"
    r"|o\s+jumatate\s+de\s+ora)|(?P<hourhalf>(?:\bo\s+)?\bora\s+(?:(?:si|s)\s+)?jum(?:atate|ate|a)?\b"
    r"|an\s+hour\s+and\s+a\s+half|one\s+and\s+a\s+half\s+hours?)"
    r"|(?P<hourquarter>(?:\bo\s+)?\bora\s+si\s+un\s+sfert|an\s+hour\s+and\s+a\s+quarter)"
    rf"|(?<![\d:.])(?<!\d/)\b(?P<n>\d{{1,2}}(?:[.,]\d+)?|{WORDS}|an|one|o|un|couple\s+of)"
    r"(?P<plus>\s+(?:si\s+jumatate|and\s+a\s+half))?(?:(?<=\d)|\s*-\s*|\s+)(?:de\s+)?"
    r"(?P<unit>or[ae]\b|h(?=\d\d\b)|h\b|hours?\b|hrs?\b)"
    r"(?P<half2>\s+(?:(?:si\s+)?jum(?:atate|ate|a)?\b|and\s+a\s+half))?"
    r"(?:\s*(?:si\s+|and\s+)?(?P<extra>\d{2})\s*(?:de\s+)?(?:min\w*)?"
    r"(?![\d:]|\s*(?:lei|ron|cop)))?"
    rf"|(?<![\d-])(?<!\d )(?<!- )\b(?P<mins>\d{{2,3}}|{WORDS})"
    r"\s*-?\s*(?:de\s+)?min(?:ute|utes|s|ut|\.)?\b"
)
_NOT_LENGTH_BEFORE = re.compile(
    r"(?:peste|\bin\b|\bby|acum|within|\bin\s+max(?:im)?|inainte\s+cu|\bcu|la\s+fiecare|every|dupa|after"
    r"|last|ultim\w+|\bdin|maxim|raspuns\s+in)\s*$"
)
_NOT_LENGTH_AFTER = re.compile(
    r"\s*(?:mai\s+(?:devreme|tarziu|repede|mult)|longer|in\s+plus|extra\b|earlier|later|ago|away|inainte|before|in\s+advance"
    r"|distanta|early|late|de\s+(?:drum|mers))"
)


def find_durations(folded: str) -> list[DurationMention]:
    """Return the lengths of time that folded text speaks of, in order, at most a day each."""
    mentions: list[DurationMention] = []
    for found in _LENGTHS.finditer(folded):
        if _NOT_LENGTH_BEFORE.search(folded, max(0, found.start() - 16), found.start()) and not (
            folded[: found.start()].rstrip().endswith((" cu", "la"))
            and "pachet" in folded[max(0, found.start() - 30) : found.start()]
        ):
            continue
        if _NOT_LENGTH_AFTER.match(folded, found.end()):
            continue
        minutes = _length(found)
        if minutes is not None and 10 <= minutes <= 1440:
            mentions.append(DurationMention(found.start(), found.end(), minutes))
    return mentions


def _length(found: re.Match[str]) -> int | None:
    if found["quarters"]:
        return 45
    if found["half"]:
        return 30
    if found["hourquarter"]:
        return 75
    if found["hourhalf"]:
        return 90
    if found["mins"]:
        return to_int(found["mins"])
    text = found["n"].replace(",", ".")
    if found["unit"] == "h" and text[0].isdigit() and float(text) > 8:
        return None
    if found["unit"] == "ora" and text not in {"1", "o", "un"}:
        return None  # "pe 15 ora 17" is a day and an hour
    count = (
        1.0
        if text in {"an", "one", "o", "un"}
        else 2.0
        if text.startswith("couple")
        else float(text)
        if text[0].isdigit()
        else float(to_int(text) or 0)
    )
    if found["plus"] or found["half2"]:
        count += 0.5
    return round(count * 60) + (int(found["extra"]) if found["extra"] else 0)
