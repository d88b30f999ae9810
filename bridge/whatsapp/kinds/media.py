"""Photos, videos, sound, documents and stickers."""

from typing import Any

from bridge.whatsapp.kinds.content import Content
from core.model.documents import Heading, Media


def image(value: Any) -> Content:
    """A photo."""
    return Content("image", value.caption, _media(value), _once(value, "view_once_photo"))


def video(value: Any) -> Content:
    """A video, a GIF, or a round video note."""
    media = _media(value, seconds=value.seconds)
    return Content("video", value.caption, media, _once(value, "view_once_video"))


def audio(value: Any) -> Content:
    """A voice message when it was recorded in the chat, else an audio file."""
    media = _media(value, seconds=value.seconds)
    return Content("voice" if value.PTT else "audio", "", media, _once(value, "view_once_voice"))


def document(value: Any) -> Content:
    """A file with its name."""
    media = _media(value, file_name=value.fileName or value.title)
    return Content("document", value.caption, media)


def sticker(value: Any) -> Content:
    """A sticker."""
    return Content("sticker", "", _media(value))


def sticker_pack(value: Any) -> Content:
    """A pack of stickers."""
    return Content("sticker", value.caption or value.name, Media(size=value.fileLength or None))


def _once(value: Any, code: str) -> Heading | None:
    return Heading(code=code) if value.viewOnce else None


def _media(value: Any, *, seconds: int = 0, file_name: str = "") -> Media:
    return Media(
        mime_type=value.mimetype,
        file_name=file_name,
        size=value.fileLength or None,
        seconds=seconds or None,
    )
