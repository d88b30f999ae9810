"""Services and characters that a phrase names."""

import re
from dataclasses import dataclass, replace

from core.crm.catalogue import Catalogue, Entry
from core.crm.folding import fold, tidy

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
        if any(m.start < name.end() and found.end() < m.end for m in mentions):
            continue
        entry = Entry("ANIMATOR", name[0], exact_label=True)
        mentions.append(RoleMention(found.end(), name.end(), entry))
    mentions.sort(key=lambda mention: mention.start)
    return mentions


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
    cut = re.split(r"[.;!?\n]", near[found.end() - begin :])[0]
    before = re.split(r"[.;!?\n,+]|\bsi\b|\band\b", near[: found.start() - begin])[-1]
    detail = pattern.search(before) or pattern.search(cut)
    if detail is None:
        return entry
    return Entry(entry.role_type, detail[0], entry.asked_only, True)


def resolve_roles(phrase: str, catalogue: Catalogue) -> list[tuple[str, str | None]]:
    """Return (roleType, label) of each service that a quoted phrase names."""
    text = tidy(phrase)
    seen: list[tuple[str, str | None]] = []
    for mention in find_roles(text, fold(text), catalogue):
        pair = (mention.entry.role_type, mention.entry.label)
        if pair not in seen:
            seen.append(pair)
    return seen
