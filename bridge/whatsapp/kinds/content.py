"""The content of one message: its type, its text, its media."""

import msgspec

from core.model.documents import Heading, Media, MessageType


class Content(msgspec.Struct, frozen=True):
    """What a message shows in the chat."""

    type: MessageType
    body: str
    media: Media | None = None
    heading: Heading | None = None
    is_placeholder: bool = False
    """The real content may come later under the same id."""


def headed(kind: MessageType, code: str, body: str = "", *, count: int = 0) -> Content:
    """Return a text that is shown under a heading, or a heading alone."""
    return Content(kind, body, heading=Heading(code=code, count=count))


def unsupported(code: str = "", body: str = "") -> Content:
    """Return the content of a message that cannot be shown; a heading may say why."""
    return headed("unsupported", code, body) if code else Content("unsupported", body)


def undecryptable() -> Content:
    """Return the content of a message that could not be decrypted, at least not yet."""
    return Content("unsupported", "", heading=Heading(code="waiting"), is_placeholder=True)


def lines(*parts: str) -> str:
    """Join what is there of `parts`, each on its own line."""
    return "\n".join(part for part in parts if part)
