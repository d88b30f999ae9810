"""Commands that work on every screen."""

from core.i18n import _
from tui.commands.command import Command

SIGN_OUT = Command(
    "sign-out",
    "ctrl+o",
    _("Sign out"),
    _("Leave your account; the console asks who is there."),
    "app.sign_out",
    "app",
)

HELP = Command(
    "help",
    "f1",
    _("Help"),
    _("Explain what has the focus and list its keys."),
    "app.help",
    "app",
    is_shown=True,
    has_priority=True,
)

QUIT = Command(
    "quit",
    "ctrl+q",
    _("Quit"),
    _("Leave the console."),
    "app.quit",
    "app",
    has_priority=True,
)

APP_COMMANDS = (
    Command(
        "go-accounts",
        "f2",
        _("Accounts"),
        _("See the WhatsApp accounts and pair one."),
        "app.go('accounts')",
        "app",
        is_shown=True,
    ),
    Command(
        "go-inbox",
        "f3",
        _("Inbox"),
        _("Go to the conversations."),
        "app.go('inbox')",
        "app",
        is_shown=True,
    ),
    Command(
        "go-client",
        "f5",
        _("Profile"),
        _("See the client of the open conversation: what they booked, paid and owe."),
        "app.profile",
        "app",
    ),
    Command(
        "go-agenda",
        "f6",
        _("Agenda"),
        _("See the events of all clients by day and week, and what clashes."),
        "app.go('agenda')",
        "app",
    ),
    Command(
        "go-staff",
        "f8",
        _("Operators"),
        _("See who works here and what each may do; for admins."),
        "app.go('staff')",
        "app",
    ),
    Command(
        "go-settings",
        "f9",
        _("Settings"),
        _("Choose language and colours, and see every key."),
        "app.go('settings')",
        "app",
    ),
    Command(
        "find-messages",
        "ctrl+f",
        _("Find messages"),
        _("Find messages of all conversations by their words."),
        "app.find_messages",
        "app",
        has_priority=True,
    ),
    Command(
        "command-palette",
        "ctrl+p",
        _("Commands"),
        _("Find any command or conversation by typing."),
        "app.command_palette",
        "app",
        is_shown=True,
        in_palette=False,
        has_priority=True,
    ),
    Command(
        "help-letter",
        "question_mark",
        _("Help"),
        _("Explain what has the focus and list its keys."),
        "app.help",
        "app",
        is_shown=True,
        in_palette=False,
    ),
    HELP,
    SIGN_OUT,
    QUIT,
    Command(
        "quit-letter",
        "q",
        _("Quit"),
        _("Leave the console."),
        "app.quit",
        "app",
        in_palette=False,
    ),
)
