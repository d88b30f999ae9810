"""What kinds of messages are called, in the language of whoever reads.

Documents hold the kind alone: the bridge that writes them and the consoles that show them may speak
different languages. Those of older versions hold the words of their bridge in place of a missing
text, and are shown with them.
"""

from core.i18n import N_, _

_NAMES = {
    "text": "",
    "reaction": "",
    "system": "",
    "image": N_("Photo"),
    "video": N_("Video"),
    "audio": N_("Audio"),
    "voice": N_("Voice message"),
    "document": N_("Document"),
    "sticker": N_("Sticker"),
    "location": N_("Location"),
    "contact": N_("Contact"),
    "poll": N_("Poll"),
    "unsupported": N_("Only the phone can show this message"),
}
"""By `MessageType`; those without a name are nothing but their text."""


def kind_name(kind: str) -> str:
    """Return what a kind of message is called; nothing for one that is nothing but its text."""
    name = _NAMES.get(kind, N_("Message of another kind"))
    return _(name) if name else ""
