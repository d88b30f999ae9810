"""Lines that nobody wrote: calls, settings of the chat."""

from typing import Any

from bridge.whatsapp.kinds.content import Content, undecryptable, unsupported
from core.i18n import _, ngettext

_DAY_SECONDS = 24 * 60 * 60
_MISSED = frozenset((1, 6, 7))  # MISSED, SILENCED_BY_DND, SILENCED_UNKNOWN_CALLER


def line(text: str) -> Content:
    """Return a system line."""
    return Content("system", text)


def call_log(value: Any) -> Content:
    """A call and how it ended."""
    if value.callOutcome in _MISSED:
        return missed_call(video=value.isVideo)
    kind = _("Video call") if value.isVideo else _("Voice call")
    minutes, seconds = divmod(max(value.durationSecs, 0), 60)
    return line(f"{kind}, {minutes}:{seconds:02d}" if value.durationSecs > 0 else kind)


def missed_call(*, video: bool) -> Content:
    """A call that nobody took."""
    return line(_("Missed video call") if video else _("Missed voice call"))


def incoming_call(kind: str) -> Content:
    """A call that rings, "audio", "video" or ""; whether the phone takes it is not told to us."""
    names = {"audio": _("Incoming voice call"), "video": _("Incoming video call")}
    return line(names.get(kind, _("Incoming call")))


def call(_value: Any) -> Content:
    """A request to call."""
    return line(_("Call"))


def scheduled_call(value: Any) -> Content:
    """A call that was planned."""
    return line(f"{_('Planned call')}: {value.title}" if value.title else _("Planned call"))


def disappearing(seconds: int) -> Content:
    """The chat's setting for disappearing messages was changed; 0 seconds is off."""
    if seconds <= 0:
        return line(_("Disappearing messages were turned off."))
    days = max(1, round(seconds / _DAY_SECONDS))
    text = ngettext(
        "Messages now disappear after {days} day.",
        "Messages now disappear after {days} days.",
        days,
    )
    return line(text.format(days=days))


def phone_number_asked(_value: Any) -> Content:
    """The other side asks for our phone number."""
    return line(_("Asks for your phone number."))


def status_mention(_value: Any) -> Content:
    """We were mentioned in a status, which is not shown here."""
    return line(_("Mentioned you in a status."))


def masked(_value: Any) -> Content:
    """WhatsApp shows this message on the phone alone."""
    return unsupported(_("This message can be seen on the phone only."))


def cipher(_value: Any = None) -> Content:
    """A message that could not be decrypted."""
    return undecryptable()
