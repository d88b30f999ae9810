"""What a message is called where its content cannot be shown, and the signs of its progress."""

from core.i18n import _, tenths
from core.service.chat import UNSENT, MessageRow
from core.service.kinds import kind_name

TICKS = {
    UNSENT: "×",
    "queued": "◷",
    "sending": "↑",
    "sent": "✓",
    "delivered": "✓✓",
    "read": "✓✓•",
    "failed": "×",
    "uncertain": "?",
}
"""Status to sign; told apart without colour."""

_SIGNS = {
    "image": "▣",
    "video": "▶",
    "audio": "♪",
    "voice": "♪",
    "document": "▤",
    "sticker": "◇",
    "location": "◎",
    "contact": "☺",
    "poll": "≡",
    "unsupported": "□",
}
"""Kind of message to sign; kinds without one are shown by their text alone."""


def tick(status: str) -> str:
    """Return the sign of an outgoing message's status; nothing for other messages."""
    return TICKS.get(status, "")


def has_label(row: MessageRow) -> bool:
    """Whether a line above a message's text says of what kind it is."""
    return row.kind in _SIGNS


def size_label(size: int) -> str:
    """Return a size in bytes in the unit that fits."""
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{size / 1000:.0f} kB"
    if size < 1_000_000_000:
        return f"{tenths(size / 1_000_000)} MB"
    return f"{tenths(size / 1_000_000_000)} GB"


def length_label(seconds: int) -> str:
    """Return a duration as minutes and seconds."""
    minutes, rest = divmod(max(0, seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def label(row: MessageRow) -> str:
    """Return the line that says what a message is: sign, kind or heading, name, duration, size."""
    sign = _SIGNS.get(row.kind, "")
    parts = [f"{sign} {row.heading or kind_name(row.kind)}" if sign else ""]
    if (media := row.media) is not None:
        parts += [
            media.name,
            length_label(media.seconds) if media.seconds else "",
            size_label(media.size) if media.size is not None else "",
        ]
    return " · ".join(filter(None, parts))


def trouble(row: MessageRow, keys: dict[str, str]) -> str:
    """Return what went wrong with an outgoing message and which key helps; else nothing.

    `keys` holds the shown key of each command id.
    """
    retry, sent, cancel = (
        keys.get(name, "") for name in ("message-retry", "message-mark-sent", "message-cancel")
    )
    match row.status:
        case "uncertain":
            return _(
                "It is not certain that this arrived. {retry} sends it again, {sent} marks it as "
                "sent, {cancel} gives it up."
            ).format(retry=retry, sent=sent, cancel=cancel)
        case "failed":
            return _("Not sent: {reason} {retry} tries again, {cancel} gives it up.").format(
                reason=_sentence(row.error or _("WhatsApp refused it")), retry=retry, cancel=cancel
            )
        case "unsent":
            return _(
                "Not sent, kept here: {reason} {retry} tries again, {cancel} gives it up."
            ).format(reason=_sentence(row.error), retry=retry, cancel=cancel)
        case _:
            return ""


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
