"""Where the file of a journalled message lies."""

from typing import Any

from bridge.whatsapp.proto import EventCode, HistorySyncEvent, MessageEvent

_PARTS = (
    "imageMessage", "videoMessage", "ptvMessage", "audioMessage", "documentMessage",
    "stickerMessage",
)  # fmt: skip
_WRAPPERS = ("ephemeralMessage", "viewOnceMessageV2", "documentWithCaptionMessage")


def direct_path_of(code: int, payload: bytes, message_id: str) -> str:
    """Return the direct path of a message's media, or nothing.

    `message_id` says which one of a history chunk's messages; a live event holds only one.
    """
    if code == EventCode.MESSAGE:
        return _path(MessageEvent.FromString(payload).Message)
    if code == EventCode.HISTORY_SYNC:
        for conversation in HistorySyncEvent.FromString(payload).Data.conversations:
            for entry in conversation.messages:
                if message_id == entry.message.key.ID:
                    return _path(entry.message.message)
    return ""


def _path(message: Any) -> str:
    for wrapper in _WRAPPERS:
        if message.HasField(wrapper):
            return _path(getattr(message, wrapper).message)
    for part in _PARTS:
        if message.HasField(part):
            return str(getattr(message, part).directPath)
    return ""
