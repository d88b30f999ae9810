"""The services a business offers, as data: the words for them in a TOML file."""

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import msgspec

from core.crm.folding import fold, squash
from core.errors import SettingsError
from core.i18n import _

LONG_WORD = 6
"""Letters from which on a misspelled word can still be told."""
DEFAULT_CATALOGUE = Path(__file__).parent / "catalogue.toml"


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One service of the file."""

    role_type: str
    duration_min: int | None = None
    """How long it usually takes; for planning alone, never written into an event."""
    names: list[str] = []
    """Words for the service; a trailing `*` takes any ending, a leading `~` is a misspelling."""
    labelled: list[str] = []
    """`word=label`: words that name a variant."""
    characters: dict[str, list[str]] = {}
    """Label to the other ways in which customers write it."""
    worlds: list[str] = []
    """`word=label` of worlds that characters come from."""
    details: list[str] = []
    """What may stand near the service and tells its variant; `#` is a number, `*` one word."""
    asked_only: list[str] = []
    """Words that only count where the sentence asks for something."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    service: list[Service]


@dataclass(frozen=True, slots=True)
class Entry:
    """One way to name a service."""

    role_type: str
    label: str | None
    asked_only: bool = False
    exact_label: bool = False
    """Whether the label names one character or variant, rather than a kind."""
    world: bool = False
    """Whether the label is a world of characters, which a character beside it makes needless."""
    as_written: bool = False
    """Whether the customer's own spelling is kept as the label."""
    spellings: frozenset[str] = frozenset()
    """All ways to write the character, squashed."""

    def means(self, label: str | None) -> bool:
        """Whether a stored label is this very service: "Minnie" is "Minnie Mouse" too."""
        mine, theirs = squash(self.label or ""), squash(label or "")
        if mine == theirs or theirs in self.spellings:
            return True
        inside = bool(mine) and set(mine.split()) < set(theirs.split())
        return inside and (self.world or self.exact_label)


@dataclass(frozen=True)
class Catalogue:
    """All services, with one compiled pattern that finds their names in folded text."""

    services: tuple[Service, ...]
    pattern: re.Pattern[str]
    entries: dict[str, Entry]
    """Group-free lookup: the folded word, with its `*` when it has one, to its entry."""
    prefixes: tuple[str, ...]
    details: dict[str, re.Pattern[str]]
    spellings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """First letter to the longer single words, for the search of misspelled ones."""
    labels: dict[str, str] = field(default_factory=dict)
    """Squashed label to the label as the catalogue writes it."""

    def usual_minutes(self, role_type: str) -> int | None:
        """Return how long a service usually takes, when the catalogue says so."""
        lengths = (s.duration_min for s in self.services if s.role_type == role_type)
        return next((length for length in lengths if length), None)

    def entry(self, matched: str) -> Entry | None:
        """Return what the text of a match of `pattern` names."""
        key = " ".join(matched.split())
        if key in self.entries:
            return self.entries[key]
        for prefix in self.prefixes:
            if key.startswith(prefix):
                return self.entries[prefix + "*"]
        return None


def _entries(service: Service) -> dict[str, Entry]:
    asked = {fold(word) for word in service.asked_only}
    found = {
        fold(name.lstrip("~")): Entry(service.role_type, None, fold(name) in asked)
        for name in service.names
    }
    for pair in service.labelled:
        word, _equals, label = pair.partition("=")
        key = fold(word)
        found[key] = Entry(service.role_type, label or word, key.rstrip("*") in asked)
    for pair in service.worlds:
        word, _equals, label = pair.partition("=")
        found[fold(word)] = Entry(service.role_type, label or word, world=True)
    for label, words in service.characters.items():
        spellings = frozenset(squash(word) for word in [label, *words])
        for word in [label, *words]:
            as_written = not word.startswith("~") and not word.endswith("*")
            found[fold(word.lstrip("~"))] = Entry(
                service.role_type, label, fold(word) in asked, True,
                as_written=as_written, spellings=spellings,
            )  # fmt: skip
    return found


def _word(name: str) -> str:
    body = re.escape(name.rstrip("*")).replace(r"\ ", r"\s+")
    return body + (r"\w*" if name.endswith("*") else r"(?:(?:-?ul|-?uri|-?lui|-?urile)\b|\b)")


def _detail(text: str) -> str:
    escaped = re.escape(fold(text)).replace(r"\#", r"\d{1,2}").replace(r"\*", r"\w+")
    return rf"\b{escaped}\b"


def build_catalogue(services: list[Service]) -> Catalogue:
    """Return a catalogue of `services`, ready to search."""
    entries: dict[str, Entry] = {}
    for service in services:
        entries.update(_entries(service))
    names = sorted(entries, key=lambda name: (-len(name), name))
    suffixed = {name + end: entry for name, entry in entries.items() if not name.endswith("*")
                for end in ("ul", "uri", "lui", "urile", "-ul", "-uri", "-lui",
                "-urile")}  # fmt: skip
    details = {
        service.role_type: re.compile("|".join(_detail(text) for text in service.details))
        for service in services
        if service.details
    }
    long = {name.rstrip("*") for name in entries}
    long = {name for name in long if name.isalpha() and len(name) >= LONG_WORD}
    spellings = {
        letter: tuple(sorted(name for name in long if name[0] == letter))
        for letter in {name[0] for name in long}
    }
    labels = {squash(entry.label): entry.label for entry in entries.values() if entry.label}
    return Catalogue(
        services=tuple(services),
        pattern=re.compile(r"(?<!\w)(?:" + "|".join(_word(name) for name in names) + ")"),
        entries={**suffixed, **entries},
        prefixes=tuple(name[:-1] for name in names if name.endswith("*")),
        details=details,
        spellings=spellings,
        labels=labels,
    )


@cache
def load_catalogue(path: Path = DEFAULT_CATALOGUE) -> Catalogue:
    """Return the catalogue of a TOML file. Raises SettingsError when it cannot be used."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        return build_catalogue(msgspec.convert(raw, _File).service)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(
            _("The service catalogue {path} cannot be used: {reason}.").format(
                path=path, reason=error
            ),
            hint=_("Mend the file, or leave the setting out to use the built-in catalogue."),
        ) from error
