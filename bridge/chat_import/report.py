"""What an import says at its end: counts for people, and every line that was not read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bridge.chat_import.dates import Decision
from bridge.chat_import.lines import Notes
from bridge.chat_import.people import People
from bridge.chat_import.reader import Reason, Unread
from bridge.chat_import.target import Target
from bridge.chat_import.write import Outcome
from core.i18n import _, ngettext
from core.text import clean_line

_MOST_RANGES = 20
"""Ranges of lines that are listed; the rest are counted."""


@dataclass(slots=True, kw_only=True)
class ChatReport:
    """Everything there is to say about one imported file."""

    file: str
    people: People
    target: Target
    decision: Decision
    time_zone: str
    outcome: Outcome = field(default_factory=Outcome)
    unread: Unread = field(default_factory=Unread)
    notes: Notes = field(default_factory=Notes)
    is_dry_run: bool = False

    def summary(self) -> Iterator[str]:
        """Yield the lines for standard output."""
        outcome = self.outcome
        who = self.people.phone_e164 or _("group")
        name = clean_line(self.people.name)
        yield f"{self.file}: {name} ({who}) → {self.target.account_id}"
        if self.is_dry_run:
            added = ngettext(
                "{count} message would be added", "{count} messages would be added", outcome.added
            )
        else:
            added = ngettext("{count} message added", "{count} messages added", outcome.added)
        known = ngettext(
            "{count} was there already", "{count} were there already", outcome.known
        )  # fmt: skip
        yield "  " + _("{added}, {known}.").format(
            added=added.format(count=outcome.added), known=known.format(count=outcome.known)
        )
        yield from ("  " + line for line in self._details())

    def _details(self) -> Iterator[str]:
        outcome = self.outcome
        if outcome.first and outcome.last:
            yield _("From {first} to {last} (UTC), read in the time zone {zone}.").format(
                first=f"{outcome.first:%Y-%m-%d %H:%M}",
                last=f"{outcome.last:%Y-%m-%d %H:%M}",
                zone=self.time_zone,
            )
        yield self._dates()
        if not self.people.me:
            yield _("None of the messages is taken as yours.")
        else:
            yield _("You are {name!r} in this chat.").format(name=clean_line(self.people.me))
        if outcome.files:
            yield ngettext("{count} file kept.", "{count} files kept.", outcome.files).format(
                count=outcome.files
            )
        if outcome.missing_files:
            yield ngettext(
                "{count} file is named but not in the export.",
                "{count} files are named but not in the export.",
                outcome.missing_files,
            ).format(count=outcome.missing_files)
        if outcome.improved:
            yield ngettext(
                "{count} known message was completed.",
                "{count} known messages were completed.",
                outcome.improved,
            ).format(count=outcome.improved)
        if self.target.is_made_up:
            yield _("The account has not met this group: the chat can be read, but not written to.")
        if self.notes.foreign:
            yield _(
                "Kept as text though they look like messages of another export: {lines}."
            ).format(lines=ranges(self.notes.foreign))
        if self.unread.count:
            yield ngettext(
                "{count} line could not be read; see below.",
                "{count} lines could not be read; see below.",
                self.unread.count,
            ).format(count=self.unread.count)

    def _dates(self) -> str:
        order = {
            "dmy": _("day, month, year"),
            "mdy": _("month, day, year"),
            "ymd": _("year, month, day"),
        }[self.decision.order]
        return {
            "certain": _("Dates are {order}: nothing else fits them all."),
            "likely": _("Dates are taken as {order}; if that is wrong, say --date-order."),
            "given": _("Dates are {order}, as you said."),
            "unknown": _("Dates are taken as {order}, without evidence."),
        }[self.decision.certainty].format(order=order)

    def problems(self) -> Iterator[str]:
        """Yield the lines for standard error: where something was not read, and why."""
        reasons: dict[Reason, str] = {
            "stray": _("before the first message"),
            "no_date": _("there is no such date or time"),
            "impossible": _("dated before there was WhatsApp, or in the future"),
            "damaged": _("not UTF-8; imported with a mark in place of what is damaged"),
            "too_long": _("more than one message can hold"),
        }
        for reason, numbers in self.unread.lines.items():
            yield f"{self.file}:{ranges(numbers)}: {reasons[reason]}"


def ranges(numbers: Iterable[int]) -> str:
    """Return line numbers as `3, 7-9`, a long list cut short."""
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    shown = [
        str(first) if first == last else f"{first}-{last}" for first, last in found[:_MOST_RANGES]
    ]
    if (more := len(found) - len(shown)) > 0:
        shown.append(_("and {count} more").format(count=more))
    return ", ".join(shown)
