"""What the program says about a message, in the language of whoever reads.

Documents hold a message's kind and the code of its `Heading`, no words of ours: the bridge that
writes them and the consoles that show them may speak different languages. Those of older versions
hold such words in their texts, in the language of their bridge, and are shown with them.
"""

from collections.abc import Mapping
from typing import Any

from core.i18n import N_, _, ngettext

_KINDS = {
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

_HEADINGS = {
    "added": N_("Added"),
    "admin": N_("Now an admin"),
    "call": N_("Call"),
    "channel_invitation": N_("Channel invitation"),
    "deleted": N_("This message was deleted"),
    "disappearing_off": N_("Disappearing messages were turned off."),
    "event": N_("Event"),
    "event_cancelled": N_("Cancelled event"),
    "group_closed": N_("The group was closed."),
    "group_created": N_("Group created"),
    "group_description": N_("The group's description was changed."),
    "group_invitation": N_("Group invitation"),
    "group_picture": N_("The group's picture was changed."),
    "group_renamed": N_("New group name"),
    "incoming_call": N_("Incoming call"),
    "incoming_video_call": N_("Incoming video call"),
    "incoming_voice_call": N_("Incoming voice call"),
    "invoice": N_("Invoice, see the phone"),
    "joined": N_("Joined"),
    "joined_by_invitation": N_("Joined by invitation"),
    "left": N_("Left"),
    "live_location": N_("Live location"),
    "location": N_("Location"),
    "mentioned_in_status": N_("Mentioned you in a status."),
    "missed_video_call": N_("Missed video call"),
    "missed_voice_call": N_("Missed voice call"),
    "music": N_("Music"),
    "no_admin": N_("No longer an admin"),
    "not_in_export": N_("Media that the export does not hold."),
    "number_asked": N_("Asks for your phone number."),
    "number_changed": N_("Changed their phone number"),
    "order": N_("Order"),
    "payment": N_("Payment message: see the phone."),
    "planned_call": N_("Planned call"),
    "poll": N_("Poll"),
    "poll_result": N_("Poll result"),
    "product": N_("Product"),
    "removed": N_("Removed"),
    "security_code": N_("The security code has changed."),
    "too_large": N_("This message was too large for WhatsApp."),
    "video_call": N_("Video call"),
    "view_once_opened": N_("View-once message, already opened."),
    "view_once_photo": N_("View-once photo"),
    "view_once_video": N_("View-once video"),
    "view_once_voice": N_("View-once voice message"),
    "voice_call": N_("Voice call"),
    "waiting": N_("Waiting for this message."),
}
"""By code of a `Heading`."""


def kind_name(kind: str) -> str:
    """Return what a kind of message is called; nothing for one that is nothing but its text."""
    name = _KINDS.get(kind, N_("Message of another kind"))
    return _(name) if name else ""


def heading_words(heading: Mapping[str, Any] | None) -> str:
    """Return a document's `heading` in words; nothing for none, and for one of a newer version."""
    if not heading:
        return ""
    code, count = heading.get("code"), heading.get("count")
    if isinstance(count, int) and count > 0:
        match code:
            case "order":
                words = ngettext("Order, {count} item", "Order, {count} items", count)
                return words.format(count=count)
            case "disappearing":
                words = ngettext(
                    "Messages now disappear after {days} day.",
                    "Messages now disappear after {days} days.",
                    count,
                )
                return words.format(days=count)
    name = _HEADINGS.get(str(code), "")
    return _(name) if name else ""


def headed(words: str, text: str) -> str:
    """Return a message's text under the words of its heading; either may be empty."""
    return f"{words}: {text}" if words and text else words or text
