"""Services and characters that a phrase names."""

import re
from dataclasses import dataclass, replace

from core.crm.catalogue import LONG_WORD, Catalogue, Entry
from core.crm.folding import fold, tidy
from core.crm.given_names import is_given

_INTRODUCED = re.compile(
    r"(?:\bpersonaj(?:ul|ele)?|\banimator(?:ul)?|\bmascot[aei]|\bcharacter|\bprintesa"
    r"|\bprincess|\btema"
    r"|\btematica|\btheme)\s*:?\s+"
)
_NAME = re.compile(r"[A-ZȘȚĂÂÎ][\wșțăâî-]+(?:\s+[A-ZȘȚĂÂÎ][\wșțăâî-]+)?")
_NOT_NAMES = frozenset(
    [
        "pentru", "la", "pe", "in", "cu", "de", "din", "si", "sau", "cat", "ce", "care", "ora",
        "aveti", "as", "am", "buna", "salut", "str", "strada", "for", "at", "on",
    ]
)  # fmt: skip
_IN_PLACE = r"(?:in\s+loc(?:ul)?\s+(?:de|lui)|instead\s+of|rather\s+than)"
_NAME_BEFORE = re.compile(rf"(?P<name>{_NAME.pattern})\s+$")
_NAME_AFTER = re.compile(
    r"\s*,?\s+(?:cu|for|with|(?:am\s+|as\s+)?vre(?:m|au|a)|sa\s+(?:fie|vina|veniti\s+cu)"
    r"|(?:we|i)(?:'d|\s+would)?\s+(?:want|like)|can\s+we\s+have)\s+(?:pe\s+)?"
)
_GIVEN_AWAY = re.compile(
    rf"(?:\b(?P<for>{_IN_PLACE})|\bschimb\w*|\binlocui\w*|\bswap\w*|\breplac\w+)\s+(?:pe\s+)?$"
)
_NEAR = 48
"""How many characters before a character its replacement may stand."""


@dataclass(frozen=True, slots=True)
class RoleMention:
    """A service that the text names, and where."""

    start: int
    end: int
    entry: Entry


def find_roles(text: str, folded: str, catalogue: Catalogue) -> list[RoleMention]:
    """Return the services that a text names, in order; unknown names after `animator` too."""
    mentions: list[RoleMention] = []
    for found in catalogue.pattern.finditer(folded):
        entry = catalogue.entry(found[0])
        if entry is None:
            continue
        if entry.as_written:
            entry = replace(entry, label=_spelled(text[slice(*found.span())], entry.label or ""))
        mentions.append(RoleMention(*found.span(), _with_detail(entry, found, folded, catalogue)))
    for found in _INTRODUCED.finditer(folded):
        name = _NAME.match(text, found.end())
        if name is None or fold(name[0]).split()[0] in _NOT_NAMES:
            continue
        over = [m for m in mentions if m.start < name.end() and found.end() < m.end]
        if any(m.entry.exact_label or m.end > name.end() for m in over) or (
            over and " " not in name[0]
        ):
            continue
        mentions = [m for m in mentions if m not in over]
        entry = Entry("ANIMATOR", name[0], exact_label=True)
        mentions.append(RoleMention(found.end(), name.end(), entry))
    mentions += _swapped(text, folded, mentions)
    mentions += _misspelled(folded, catalogue, mentions)
    mentions.sort(key=lambda mention: mention.start)
    return _without_doubles(mentions, folded)


def _swapped(text: str, folded: str, mentions: list[RoleMention]) -> list[RoleMention]:
    """Return the unknown character that a known one is swapped for: "în loc de Elsa vrem Ana"."""
    known = [m for m in mentions if m.entry.exact_label and m.entry.role_type == "ANIMATOR"]
    if len(known) != 1:
        return []
    given = _GIVEN_AWAY.search(folded, max(0, known[0].start - _NEAR), known[0].start)
    if given is None:
        return []
    after = _NAME_AFTER.match(folded, known[0].end)
    name = _NAME.match(text, after.end()) if after else None
    if name is None and given["for"]:
        name = _NAME_BEFORE.search(text, max(0, given.start() - _NEAR), given.start())
    if name is None or fold(name[0]).split()[0] in _NOT_NAMES:
        return []
    span = name.span("name") if "name" in name.re.groupindex else name.span()
    if any(m.start < span[1] and span[0] < m.end for m in mentions):
        return []
    return [RoleMention(*span, Entry("ANIMATOR", text[slice(*span)], exact_label=True))]


_WITH = re.compile(r"[\w\s:]{0,24}\b(?:cu|with|de|in|pe|umplut\w*)\s+")


def _without_doubles(mentions: list[RoleMention], folded: str) -> list[RoleMention]:
    """Return the mentions without the "balloon" of "balloon number 5 with helium"."""
    kept: list[RoleMention] = []
    for mention in mentions:
        last = kept[-1] if kept else None
        if (
            last is not None
            and (last.entry.role_type, mention.entry.role_type) == ("BALLOONS", "HELIUM_BALLOONS")
            and _WITH.fullmatch(folded, last.end, mention.start)
        ):
            label = mention.entry.label or last.entry.label
            kept[-1] = RoleMention(last.start, mention.end, replace(mention.entry, label=label))
            continue
        kept.append(mention)
    return kept


_WORD = re.compile(r"(?<![\w'-])[a-z]+(?![\w'-])")
_MOST_WORDS = 60
"""How many different words of a text are compared with the catalogue."""


def _misspelled(
    folded: str, catalogue: Catalogue, mentions: list[RoleMention]
) -> list[RoleMention]:
    """Return the services in long words with a slip or two: "spaidermen", "popcron"."""
    taken = [(m.start, m.end) for m in mentions]
    found: list[RoleMention] = []
    nearest: dict[str, str | None] = {}
    for word in _WORD.finditer(folded):
        text = word[0]
        if len(text) < LONG_WORD or any(s < word.end() and word.start() < e for s, e in taken):
            continue
        if text not in nearest:
            if len(nearest) >= _MOST_WORDS:
                break
            nearest[text] = _nearest(text, catalogue)
        name = nearest[text]
        entry = catalogue.entry(name) if name else None
        if entry is not None:
            found.append(RoleMention(*word.span(), replace(entry, as_written=False)))
    return found


def _nearest(word: str, catalogue: Catalogue) -> str | None:
    """Return the one catalogue word that `word` misspells, None for none or several."""
    near = {
        (entry.role_type, entry.label): name
        for name in catalogue.spellings.get(word[0], ())
        if within(word, name, 2 if min(len(name), len(word)) >= LONG_WORD + 3 else 1)
        and (entry := catalogue.entry(name)) is not None
    }
    if len(near) != 1 or _OTHER_WORD.fullmatch(word) or is_given(word):
        return None
    return next(iter(near.values()))


_DAY_BEFORE = re.compile(
    r"\b(?:on|this|next|last|every|by|until|till|from|before|after|coming|for)\s+$"
)
_CHARACTER_BEFORE = re.compile(
    r"\b(?:your|a|as|with|like|cu|pe|lui|vre[am]u?|vor|dorim|doresc|dori|want|wants|book|have|get|loves?|love|and|\+|so|personajul)\s+$|[+&]\s*$"
)
_CHARACTER_AFTER = re.compile(
    r"\s*(?:again|addams|adams|costume|theme|show|stays|only|from\s+the|for\s+(?:\d|an?\s|one|two|three)|\+|&|si\b|and\b(?!\s+(?:thursday|friday|saturday|sunday|monday|tuesday)))"
)


_DAY_NEAR = re.compile(r"\bon\b|\bnext\b|\bthis\b|\bat\b|\bplease\b|\bour\b|\bwe\b|\bfor\b")


def is_character_of_day(folded: str, start: int, end: int) -> bool:
    """Whether a weekday's name is a character's here: "your Wednesday", not "on Wednesday"."""
    before = folded[max(0, start - 16) : start]
    if folded.startswith("wednesday addams", start):
        return True
    if _DAY_BEFORE.search(before):
        return False
    named = _CHARACTER_BEFORE.search(before) or _CHARACTER_AFTER.match(folded, end)
    return bool(named) or not _DAY_NEAR.search(folded)


_OTHER_WORD = re.compile(r"switch|barman|persona[jl]\w*|princes|mot(?:ul|ului)")


def within(one: str, other: str, most: int) -> bool:
    """Whether two words differ by at most `most` letters added, left out, changed or swapped.

    Optimal string alignment distance.
    """
    if abs(len(one) - len(other)) > most:
        return False
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(last[j] + 1, row[-1] + 1, last[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return False
        before, last = last, row
    return last[-1] <= most


def _spelled(written: str, label: str) -> str:
    """Return the customer's spelling of a character, with capitals, unless it is an inflection."""
    if fold(written).startswith(fold(label)):
        return label
    shouted = written.isupper() or written.islower()
    return " ".join(w[:1].upper() + w[1:].lower() if shouted else w for w in written.split())


def _with_detail(entry: Entry, found: re.Match[str], folded: str, catalogue: Catalogue) -> Entry:
    """Return `entry` with the variant that stands within the same few words, if any."""
    pattern = catalogue.details.get(entry.role_type)
    if pattern is None or entry.label is not None:
        return entry
    begin = max(0, found.start() - 26)
    near = folded[begin : found.end() + 26]
    cut = re.split(r"[.;!?\n+]", near[found.end() - begin :])[0]
    before = re.split(r"[.;!?\n,+]|\bsi\b|\band\b", near[: found.start() - begin])[-1]
    detail = pattern.search(before) or pattern.search(cut)
    if detail is None:
        return entry
    return Entry(entry.role_type, detail[0], entry.asked_only, True)


def resolve_roles(phrase: str, catalogue: Catalogue) -> list[tuple[str, str | None]]:
    """Return (roleType, label) of each service that an operator's line names."""
    text = tidy(phrase)
    seen: list[tuple[str, str | None]] = []
    for mention in find_roles(text, fold(text), catalogue):
        pair = (mention.entry.role_type, mention.entry.label)
        if pair not in seen:
            seen.append(pair)
    return seen
