"""A message as the engine reads it: cleaned, folded, with everything found that it mentions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from core.crm.catalogue import Catalogue
from core.crm.draft import ChatMessage
from core.crm.extract.rules import lexicon
from core.crm.extract.rules.asides import find_asides
from core.crm.extract.rules.parties import earlier_party
from core.crm.extract.rules.shield import shield
from core.crm.folding import fold, tidy
from core.crm.resolve.dates import WEEKDAYS, DateMention, find_dates
from core.crm.resolve.money import Money, find_bare_sums, find_money
from core.crm.resolve.phones import find_phones
from core.crm.resolve.roles import RoleMention, find_roles, is_character_of_day
from core.crm.resolve.times import DurationMention, TimeMention, find_durations, find_times

MAX_MESSAGES = 80
"""How many of the newest messages are read."""
MAX_CHARS = 3000
"""How much of one message is read."""
MAX_TOTAL = 24_000
"""How much of a chat is read, counted from its newest message back."""
MAX_SENTENCE = 400
"""How long a sentence may be; a longer one is read in parts."""
MAX_MENTIONS = 24
"""How many dates, hours, sums or services of one message are looked at."""
MAX_RAW = 100_000
"""How much of a message is cleaned before it is cut; invisible characters may pad it."""

_ABBREVIATED = re.compile(
    r"\b(?:str|sos|bd|bld|bvd|nr|bl|sc|et|ap|int|intr|sect|jud|com|sf|dr|gen|prof|mr|mrs|ms|no"
    r"|st|tel"
    r"|al|cal|pta|loc|ing|col|lt|mun|prel|ale|max|min|aprox|cca|[a-z])$|\d$"
)
_NUMBER_END = re.compile(r"\d+$")
_STOP = re.compile(r"[.!?;\n]+|:-?[)D]+(?=\s|$)|(?<=\w)\s*(?=[😊🙏😅🙈😂])|\s-\s")
_CLAUSE = re.compile(
    r"[()]|[,:](?!\d)|\s(?:dar|but|iar|insa|ci|and then|though|while)\s|\s-\s|\s\+\s"
)


@dataclass(slots=True)
class Turn:
    """One message and its mentions; all offsets are those of `text`."""

    index: int
    id: str
    inbound: bool
    day: date
    """The message's local day."""
    text: str
    folded: str
    shielded: bool
    """Whether instructions were blanked out."""
    dates: list[DateMention] = field(default_factory=list)
    times: list[TimeMention] = field(default_factory=list)
    durations: list[DurationMention] = field(default_factory=list)
    sums: list[Money] = field(default_factory=list)
    bare_sums: list[Money] = field(default_factory=list)
    roles: list[RoleMention] = field(default_factory=list)
    sentences: list[tuple[int, int]] = field(default_factory=list)
    asides: list[tuple[int, int, frozenset[str]]] = field(default_factory=list)
    """Stretches that speak of something else than the party, and which values they keep out."""
    past_words: dict[tuple[int, int], re.Match[str] | None] = field(default_factory=dict)
    """The words of each sentence looked at that make it one about an earlier party."""

    @property
    def shouted(self) -> bool:
        """Whether the whole message is in capital letters, which then tell nothing."""
        return self.text.isupper()

    def claims(self) -> list[tuple[int, int]]:
        """Return the offsets of all days, hours, lengths and sums."""
        return [
            *((m.start, m.end) for m in self.dates),
            *((m.start, m.end) for m in self.times),
            *((m.start, m.end) for m in self.durations),
            *((m.start, m.end) for m in self.sums),
        ]

    def sentence_span(self, position: int) -> tuple[int, int]:
        """Return the offsets of the sentence around an offset."""
        for start, end in self.sentences:
            if start <= position < end:
                return start, end
        return 0, len(self.folded)

    def sentence_at(self, position: int) -> str:
        """Return the folded sentence around an offset."""
        begin, end = self.sentence_span(position)
        return self.folded[begin:end]

    def clause_span(self, position: int) -> tuple[int, int]:
        """Return the offsets of the clause around an offset."""
        begin, finish = 0, len(self.folded)
        for start, end in self.sentences:
            if start <= position < end:
                begin, finish = start, end
        for found in _CLAUSE.finditer(self.folded, begin, finish):
            if found.end() <= position:
                begin = found.end()
            elif found.start() >= position:
                finish = found.start()
                break
        return begin, finish

    def clause_at(self, position: int) -> str:
        """Return the folded clause around an offset."""
        begin, finish = self.clause_span(position)
        return self.folded[begin:finish]

    def before(self, position: int, reach: int = 40) -> str:
        """Return the folded text of the same sentence before an offset, at most `reach` long."""
        begin = 0
        for start, end in self.sentences:
            if start <= position < end:
                begin = start
        return self.folded[max(begin, position - reach) : position]

    def is_aside(self, position: int, kind: str) -> bool:
        """Whether the words at an offset are no statement about this party for a kind of value.

        `kind` is one of `asides.ALL`.
        """
        apart = any(start <= position < end and kind in kinds for start, end, kinds in self.asides)
        return apart or self.is_past(position)

    def is_past(self, position: int) -> bool:
        """Whether the sentence around an offset speaks of an earlier party."""
        span = self.sentence_span(position)
        if span not in self.past_words:
            self.past_words[span] = lexicon.PAST.search(self.folded, *span)
        past = self.past_words[span]
        if past is None:
            return False
        if position < past.start() and lexicon.REQUEST.search(self.folded, span[0], past.start()):
            return False  # "I want Elsa, at last year's price"
        return not lexicon.NOW.search(self.folded, past.end(), max(past.end(), position))


def _sentences(folded: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    start = 0
    for found in _STOP.finditer(folded):
        if found[0] == ".":
            if found.end() < len(folded) and not folded[found.end()].isspace():
                continue
            if _ABBREVIATED.search(folded, max(start, found.start() - 8), found.start()):
                after = folded[found.end() :].lstrip(" ")[:1]
                number = _NUMBER_END.search(folded, max(start, found.start() - 4), found.start())
                if number and after and (not after.isdigit() or len(number[0]) > 2):
                    pass  # "bloc 4. Scara 2", "anul trecut 500. 600 merge?", but not "10. 02"
                elif after and after != "\n":
                    continue
        spans.append((start, found.end()))
        start = found.end()
    if start < len(folded):
        spans.append((start, len(folded)))
    return [part for span in spans for part in _parts(folded, *span)] or [(0, 0)]


def _parts(folded: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a sentence in parts of bounded length, so that many mentions in one cost little."""
    while end - start > MAX_SENTENCE:
        cut = folded.rfind(" ", start + 1, start + MAX_SENTENCE) + 1 or start + MAX_SENTENCE
        yield start, cut
        start = cut
    yield start, end


_STREET_AHEAD = re.compile(
    r"\s+(?:(?:[a-z]+\s+){0,3}(?:street|road|avenue|blvd|boulevard|lane|st\b(?!\w))|(?:strada"
    r"|str\b|bd\b"
    r"|calea|aleea|bulevardul|sos\b|splaiul|intrarea|piata)|decembrie\s+19)"
)


_HOUR_WORD = re.compile(r"\s*(?:la\s+)?(?:ora|orele|de\s+la)\b")
IN_STREET = re.compile(
    r"\b(?:str|strada|bd|bdul|b-dul|bulevardul|calea|aleea|sos|soseaua|splaiul|intrarea|piata|drumul|nr)\b"
    r"\.?(?:\s+[^\s,;!?]+){0,5}\s*$"
)


def _clear(mention: TimeMention, turn: Turn, taken: bytearray) -> bool:
    if any(taken[mention.start : mention.end]):
        return False
    if (
        not mention.marked
        and mention.until is not None
        and IN_STREET.search(turn.before(mention.start, 48))
    ):
        return False  # "Bd. Ion Ionescu 20-22"
    if _HOUR_WORD.match(turn.folded, mention.start):
        return True
    bare = mention.value.minute == 0 and ":" not in turn.folded[mention.start : mention.end]
    return not (bare and _STREET_AHEAD.match(turn.folded, mention.end))


def read_turn(index: int, message: ChatMessage, zone: ZoneInfo, catalogue: Catalogue) -> Turn:
    """Return what one message says; only its first MAX_CHARS characters are read."""
    text = tidy(message.body[:MAX_RAW])[:MAX_CHARS]
    inbound = message.direction == "inbound"
    hidden = False
    if inbound:
        text, hidden = shield(text, fold(text))
    day = message.ts.astimezone(zone).date()
    folded = fold(text)
    if inbound and (first := earlier_party(folded, day)):
        text = text[: first[0]] + re.sub(r"[^\n]", " ", text[slice(*first)]) + text[first[1] :]
        folded = fold(text)
    turn = Turn(index, message.id, inbound, day, text, folded, hidden)
    turn.sentences = _sentences(folded)
    turn.asides = find_asides(folded, turn.sentences) if inbound else []
    blank = folded
    for start, end in find_phones(folded):
        blank = blank[:start] + "_" * (end - start) + blank[end:]
    turn.sums = find_money(blank)[:MAX_MENTIONS]
    turn.dates = find_dates(blank, day)[:MAX_MENTIONS]
    turn.durations = find_durations(blank)[:MAX_MENTIONS]
    taken = bytearray(len(folded) + 1)
    claims = [(m.start, m.end) for m in turn.sums] + [(m.start, m.end) for m in turn.durations]
    claims += [(m.start, m.end) for m in turn.dates if m.value is not None]
    for start, end in claims:
        taken[start:end] = b"\1" * (end - start)
    turn.times = [one for one in find_times(blank) if _clear(one, turn, taken)][:MAX_MENTIONS]
    for one in turn.times:
        taken[one.start : one.end] = b"\1" * (one.end - one.start)
    bare = [s for s in find_bare_sums(blank) if not any(taken[s.start : s.end])]
    turn.bare_sums = bare[:MAX_MENTIONS]
    turn.roles = find_roles(text, blank, catalogue)[:MAX_MENTIONS]
    _tell_days_from_characters(turn)
    return turn


def _tell_days_from_characters(turn: Turn) -> None:
    """Keep "Wednesday" as a day or as the character, not as both."""
    days = {(m.start, m.end) for m in turn.dates if m.certainty == "weekday"}
    named = {
        r.start: is_character_of_day(turn.folded, r.start, r.end)
        for r in turn.roles
        if fold(r.entry.label or "") in WEEKDAYS
    }
    turn.dates = [m for m in turn.dates if not ((m.start, m.end) in days and named.get(m.start))]
    turn.roles = [r for r in turn.roles if named.get(r.start, True)]


def read_turns(messages: list[ChatMessage], zone: ZoneInfo, catalogue: Catalogue) -> list[Turn]:
    """Return the newest messages as turns, oldest first."""
    newest: list[ChatMessage] = []
    room = MAX_TOTAL
    for message in reversed(messages[-MAX_MESSAGES:]):
        room -= min(len(message.body), MAX_CHARS)
        if room < 0 and newest:
            break
        newest.insert(0, message)
    return [read_turn(number, one, zone, catalogue) for number, one in enumerate(newest)]
