"""The content of one message: its type, its text, its media."""

import msgspec

from core.i18n import _
from core.model.documents import Media, MessageType


class Content(msgspec.Struct, frozen=True):
    """What a message shows in the chat."""

    type: MessageType
    body: str
    media: Media | None = None
    is_placeholder: bool = False
    """The real content may come later under the same id."""


def unsupported(what: str = "") -> Content:
    """Return the honest line for a message that cannot be shown."""
    return Content("unsupported", what or _("This kind of message can be seen on the phone only."))


def undecryptable() -> Content:
    """Return the line for a message that could not be decrypted, at least not yet."""
    return Content("unsupported", _("Waiting for this message."), is_placeholder=True)


def lines(*parts: str) -> str:
    """Join what is there of `parts`, each on its own line."""
    return "\n".join(part for part in parts if part)


def titled(title: str, text: str) -> str:
    """Return `title: text`, or the title alone when there is no text."""
    return f"{title}: {text}" if text else title
