"""Lines that nobody wrote: calls, settings of the chat."""

from typing import Any

from bridge.whatsapp.kinds.content import Content, headed, undecryptable, unsupported

_DAY_SECONDS = 24 * 60 * 60
_MISSED = frozenset((1, 6, 7))  # MISSED, SILENCED_BY_DND, SILENCED_UNKNOWN_CALLER


def line(code: str, text: str = "", *, count: int = 0) -> Content:
    """Return a system line: a heading, and what it is about."""
    return headed("system", code, text, count=count)


def call_log(value: Any) -> Content:
    """A call and how it ended."""
    if value.callOutcome in _MISSED:
        return missed_call(video=value.isVideo)
    minutes, seconds = divmod(max(value.durationSecs, 0), 60)
    length = f"{minutes}:{seconds:02d}" if value.durationSecs > 0 else ""
    return line("video_call" if value.isVideo else "voice_call", length)


def missed_call(*, video: bool) -> Content:
    """A call that nobody took."""
    return line("missed_video_call" if video else "missed_voice_call")


def incoming_call(kind: str) -> Content:
    """A call that rings, "audio", "video" or ""; whether the phone takes it is not told to us."""
    codes = {"audio": "incoming_voice_call", "video": "incoming_video_call"}
    return line(codes.get(kind, "incoming_call"))


def call(_value: Any) -> Content:
    """A request to call."""
    return line("call")


def scheduled_call(value: Any) -> Content:
    """A call that was planned."""
    return line("planned_call", value.title)


def disappearing(seconds: int) -> Content:
    """The chat's setting for disappearing messages was changed; 0 seconds is off."""
    if seconds <= 0:
        return line("disappearing_off")
    return line("disappearing", count=max(1, round(seconds / _DAY_SECONDS)))


def phone_number_asked(_value: Any) -> Content:
    """The other side asks for our phone number."""
    return line("number_asked")


def status_mention(_value: Any) -> Content:
    """We were mentioned in a status, which is not shown here."""
    return line("mentioned_in_status")


def masked(_value: Any) -> Content:
    """WhatsApp shows this message on the phone alone."""
    return unsupported()


def cipher(_value: Any = None) -> Content:
    """A message that could not be decrypted."""
    return undecryptable()
