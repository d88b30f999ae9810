"""Plain texts, places, people, polls, events and invitations."""

import re
from datetime import UTC, datetime
from typing import Any

from bridge.whatsapp.addresses import moment
from bridge.whatsapp.kinds.content import Content, headed, lines, unsupported
from core.clock import EPOCH

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
    code = "live_location" if value.isLive else "location"
    return _place(code, value, lines(value.name, value.address, value.comment))


def live_location(value: Any) -> Content:
    """A place that moves; only its first position is kept."""
    return _place("live_location", value, value.caption)


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
    return headed("poll", "poll", _listed(value.name, options))


def poll_result(value: Any) -> Content:
    """What a poll came to."""
    votes = [f"{vote.optionName}: {vote.optionVoteCount}" for vote in value.pollVotes]
    return headed("poll", "poll_result", _listed(value.name, votes))


def event(value: Any) -> Content:
    """An event that the chat was invited to."""
    place = lines(value.location.name, value.location.address)
    text = lines(value.name, _time(value.startTime), place, value.description)
    return headed("text", _event_code(value), text)


def event_invite(value: Any) -> Content:
    """An invitation to an event elsewhere."""
    text = lines(value.eventTitle, _time(value.startTime), value.caption)
    return headed("text", _event_code(value), text)


def group_invite(value: Any) -> Content:
    """An invitation to a group."""
    return headed("text", "group_invitation", lines(value.groupName, value.caption))


def newsletter_invite(value: Any) -> Content:
    """An invitation to a channel."""
    return headed("text", "channel_invitation", lines(value.newsletterName, value.caption))


def music(value: Any) -> Content:
    """A song."""
    song = value.embeddedMusic
    return headed("text", "music", " - ".join(filter(None, (song.author, song.title))))


def answer_text(value: Any) -> Content:
    """An answer that is nothing but a text."""
    return Content("text", value.text) if value.text else unsupported()


def _place(code: str, value: Any, words: str) -> Content:
    where = f"{value.degreesLatitude:.6f}, {value.degreesLongitude:.6f}"
    return headed("location", code, lines(words, where))


def _event_code(value: Any) -> str:
    return "event_cancelled" if value.isCanceled else "event"


def _card(value: Any) -> str:
    numbers = ", ".join(dict.fromkeys(_PHONE_LINE.findall(value.vcard)))
    return " ".join(filter(None, (value.displayName, numbers)))


def _listed(title: str, items: list[str]) -> str:
    shown = [f"• {item}" for item in items[:_OPTIONS_SHOWN]]
    return lines(title, *shown, _more(len(items) - len(shown)))


def _more(count: int) -> str:
    return f"… +{count}" if count > 0 else ""


def _time(seconds: int) -> str:
    """Return a moment for people, in UTC: the account's time zone is not known here."""
    at: datetime = moment(seconds, EPOCH)
    return "" if at == EPOCH else f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
