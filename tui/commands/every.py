"""Every command of the console: footer, palette, help and key settings read `ALL_COMMANDS`."""

from tui.commands.accounts import ACCOUNT_COMMANDS
from tui.commands.command import Command
from tui.commands.conversations import CONVERSATION_COMMANDS
from tui.commands.crm import AGENDA_COMMANDS, CLIENT_COMMANDS, CRM_COMMANDS
from tui.commands.everywhere import APP_COMMANDS
from tui.commands.settings import SETTINGS_COMMANDS
from tui.commands.sign_in import SIGN_IN_COMMANDS
from tui.commands.staff import STAFF_COMMANDS

ALL_COMMANDS: tuple[Command, ...] = (
    *APP_COMMANDS,
    *CONVERSATION_COMMANDS,
    *CRM_COMMANDS,
    *CLIENT_COMMANDS,
    *AGENDA_COMMANDS,
    *ACCOUNT_COMMANDS,
    *SETTINGS_COMMANDS,
    *STAFF_COMMANDS,
    *SIGN_IN_COMMANDS,
)
"""In the order in which help lists them."""
