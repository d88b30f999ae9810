"""Commands of the operators' screen and of one operator's form."""

from core.i18n import _
from tui.commands.command import Command

STAFF_COMMANDS = (
    Command(
        "staff-add",
        "a",
        _("Add"),
        _("Let somebody new work here."),
        "add_operator",
        "staff",
        is_shown=True,
    ),
    Command(
        "staff-change",
        "enter",
        _("Change"),
        _("Change name, role and allowed accounts of the selected operator."),
        "screen.change_operator",
        "staff-list",
        is_shown=True,
        in_palette=False,
    ),
    Command(
        "staff-deactivate",
        "d",
        _("Deactivate"),
        _("Shut the selected operator out; what they did stays."),
        "switch_operator(False)",
        "staff",
        is_shown=True,
    ),
    Command(
        "staff-reactivate",
        "r",
        _("Reactivate"),
        _("Let the selected operator in again."),
        "switch_operator(True)",
        "staff",
        is_shown=True,
    ),
    Command(
        "staff-save",
        "ctrl+s",
        _("Save"),
        _("Save the operator, from any of the fields."),
        "save",
        "staff-form",
        is_shown=True,
        in_palette=False,
        has_priority=True,
    ),
    Command(
        "staff-leave",
        "escape",
        _("Back"),
        _("Leave the operator as they were."),
        "leave",
        "staff-form",
        is_shown=True,
        in_palette=False,
    ),
)
