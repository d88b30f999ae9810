"""Commands of the settings screen."""

from core.i18n import _
from tui.commands.command import Command

SETTINGS_COMMANDS = (
    Command(
        "setting-next",
        "enter,right,space",
        _("Change"),
        _("Take the next value of the selected setting; it is saved at once."),
        "change(1)",
        "settings",
        is_shown=True,
        in_palette=False,
    ),
    Command(
        "setting-previous",
        "left",
        _("Previous value"),
        _("Take the previous value of the selected setting; it is saved at once."),
        "change(-1)",
        "settings",
        in_palette=False,
    ),
)
