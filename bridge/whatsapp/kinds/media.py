"""Photos, videos, sound, documents and stickers."""

from typing import Any

from bridge.whatsapp.kinds.content import Content
from core.i18n import _
from core.model.documents import Media


def image(value: Any) -> Content:
    """A photo."""
    body = value.caption or (_("View-once photo") if value.viewOnce else "")
    return Content("image", body, _media(value))


def video(value: Any) -> Content:
    """A video, a GIF, or a round video note."""
    body = value.caption or (_("View-once video") if value.viewOnce else "")
    return Content("video", body, _media(value, seconds=value.seconds))


def audio(value: Any) -> Content:
    """A voice message when it was recorded in the chat, else an audio file."""
    body = _("View-once voice message") if value.viewOnce else ""
    return Content("voice" if value.PTT else "audio", body, _media(value, seconds=value.seconds))


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


def _media(value: Any, *, seconds: int = 0, file_name: str = "") -> Media:
    return Media(
        mime_type=value.mimetype,
        file_name=file_name,
        size=value.fileLength or None,
        seconds=seconds or None,
    )
