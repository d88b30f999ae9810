"""Commands of the sign-in; its screen lets nothing else through, so it has its own help and end."""

from core.i18n import _
from tui.commands.command import Command

SIGN_IN_COMMANDS = (
    Command(
        "sign-in",
        "enter",
        _("Sign in"),
        _("Go on to the password, or sign in; after a failure, try again."),
        "sign_in",
        "sign-in",
        is_shown=True,
        in_palette=False,
        has_priority=True,
    ),
    Command(
        "sign-in-other-field",
        "tab,shift+tab,down,up",
        _("Other field"),
        _("Go to the password, or back to the e-mail address."),
        "other_field",
        "sign-in",
        in_palette=False,
        has_priority=True,
    ),
    Command(
        "sign-in-reveal",
        "ctrl+r",
        _("Show password"),
        _("Show the password as you type it, or hide it again."),
        "reveal",
        "sign-in",
        is_shown=True,
        in_palette=False,
    ),
    Command(
        "sign-in-help",
        "f1,question_mark",
        _("Help"),
        _("Explain the sign-in and list its keys."),
        "app.help",
        "sign-in",
        is_shown=True,
        in_palette=False,
    ),
    Command(
        "sign-in-quit",
        "ctrl+q",
        _("Quit"),
        _("Leave the console without signing in."),
        "app.quit",
        "sign-in",
        is_shown=True,
        in_palette=False,
    ),
)
