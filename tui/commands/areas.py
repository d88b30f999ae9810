"""What the areas of commands are called, in help, palette and key list."""

from core.i18n import _
from tui.commands.command import Area

AREA_TITLES: dict[Area, str] = {
    "app": _("Everywhere"),
    "inbox": _("Conversations"),
    "threads": _("List of conversations"),
    "filter": _("Search"),
    "chat": _("Messages"),
    "composer": _("Text field"),
    "event": _("Event"),
    "client": _("Client profile"),
    "client-events": _("List of events"),
    "agenda": _("Agenda"),
    "agenda-events": _("Events of the agenda"),
    "accounts": _("Accounts"),
    "pairing": _("Pairing"),
    "settings": _("Settings"),
    "staff": _("Operators"),
    "staff-list": _("List of operators"),
    "staff-form": _("Operator"),
    "sign-in": _("Sign-in"),
}
"""In the order in which they are listed."""
