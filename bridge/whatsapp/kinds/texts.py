"""Plain texts, places, people, polls, events and invitations."""

import re
from datetime import UTC, datetime
from typing import Any

from bridge.whatsapp.addresses import moment
from bridge.whatsapp.kinds.content import Content, lines, titled, unsupported
from core.clock import EPOCH
from core.i18n import _, ngettext

_PHONE_LINE = re.compile(r"^(?:[\w-]+\.)?TEL[^:\n]*:\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE)
_CONTACTS_SHOWN = 20
_OPTIONS_SHOWN = 20


def conversation(value: str) -> Content | None:
    """A text without anything else."""
    return Content("text", value) if value else None


def extended_text(value: Any) -> Content:
    """A text with a quote, a link preview or a mention."""
    return Content("text", value.text)


def location(value: Any) -> Content:
    """A place."""
    kind = _("Live location") if value.isLive else _("Location")
    return _place(kind, value, lines(value.name, value.address, value.comment))


def live_location(value: Any) -> Content:
    """A place that moves; only its first position is kept."""
    return _place(_("Live location"), value, value.caption)


def contact(value: Any) -> Content:
    """A contact card."""
    return Content("contact", _card(value))


def contacts(value: Any) -> Content:
    """Several contact cards."""
    cards = list(value.contacts)
    shown = [_card(card) for card in cards[:_CONTACTS_SHOWN]]
    return Content("contact", lines(*shown, _more(len(cards) - len(shown))) or value.displayName)


def poll(value: Any) -> Content:
    """A poll with its options; votes are encrypted and not counted."""
    options = [option.optionName for option in value.options]
    return Content("poll", _listed(titled(_("Poll"), value.name), options))


def poll_result(value: Any) -> Content:
    """What a poll came to."""
    votes = [f"{vote.optionName}: {vote.optionVoteCount}" for vote in value.pollVotes]
    return Content("poll", _listed(titled(_("Poll result"), value.name), votes))


def event(value: Any) -> Content:
    """An event that the chat was invited to."""
    kind = _("Cancelled event") if value.isCanceled else _("Event")
    place = lines(value.location.name, value.location.address)
    head = titled(kind, value.name)
    return Content("text", lines(head, _time(value.startTime), place, value.description))


def event_invite(value: Any) -> Content:
    """An invitation to an event elsewhere."""
    kind = _("Cancelled event") if value.isCanceled else _("Event")
    head = titled(kind, value.eventTitle)
    return Content("text", lines(head, _time(value.startTime), value.caption))


def group_invite(value: Any) -> Content:
    """An invitation to a group."""
    return Content("text", lines(titled(_("Group invitation"), value.groupName), value.caption))


def newsletter_invite(value: Any) -> Content:
    """An invitation to a channel."""
    return Content(
        "text", lines(titled(_("Channel invitation"), value.newsletterName), value.caption)
    )


def music(value: Any) -> Content:
    """A song."""
    song = value.embeddedMusic
    return Content("text", titled(_("Music"), " - ".join(filter(None, (song.author, song.title)))))


def answer_text(value: Any) -> Content:
    """An answer that is nothing but a text."""
    return Content("text", value.text) if value.text else unsupported()


def _place(kind: str, value: Any, words: str) -> Content:
    where = f"{value.degreesLatitude:.6f}, {value.degreesLongitude:.6f}"
    return Content("location", lines(titled(kind, words), where))


def _card(value: Any) -> str:
    numbers = ", ".join(dict.fromkeys(_PHONE_LINE.findall(value.vcard)))
    return " ".join(filter(None, (value.displayName, numbers))) or _("Contact")


def _listed(title: str, items: list[str]) -> str:
    shown = [f"• {item}" for item in items[:_OPTIONS_SHOWN]]
    return lines(title, *shown, _more(len(items) - len(shown)))


def _more(count: int) -> str:
    if count <= 0:
        return ""
    return ngettext("and {count} more", "and {count} more", count).format(count=count)


def _time(seconds: int) -> str:
    """Return a moment for people, in UTC: the account's time zone is not known here."""
    at: datetime = moment(seconds, EPOCH)
    return "" if at == EPOCH else f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
