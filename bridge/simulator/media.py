"""Where the file of a journalled message lies."""

from bridge.whatsapp.proto import EventCode, MessageEvent

_PARTS = (
    "imageMessage", "videoMessage", "ptvMessage", "audioMessage", "documentMessage",
    "stickerMessage",
)  # fmt: skip


def direct_path_of(code: int, payload: bytes) -> str:
    """Return the direct path of a live message's media, or nothing."""
    if code != EventCode.MESSAGE:
        return ""
    message = MessageEvent.FromString(payload).Message
    for part in _PARTS:
        if message.HasField(part):
            return str(getattr(message, part).directPath)
    return ""
