"""The event's form as widgets: rows in order, each with what is wrong beneath it."""

from collections.abc import Callable
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget

from core.crm.events import EventRole
from core.crm.form import FIELDS, ROLES, EventForm, Filled, RoleLine
from core.crm.words import label_of, show_date, show_payment_status
from core.i18n import _
from core.text import clean_line
from tui.widgets.crm_panel.field import ChoiceRow, Row, TextRow
from tui.widgets.crm_panel.notes_row import NotesRow
from tui.widgets.crm_panel.roles import RolesEditor

_STATUSES = ("UNPAID", "DEPOSIT", "PAID", "CANCELLED")


class FormView(Vertical):
    """Shows an `EventForm` and writes into it what the operator changes."""

    DEFAULT_CSS = "FormView { height: auto; }"

    @dataclass
    class Changed(Message):
        """The operator changed something; the form has it already."""

        form: EventForm

    @dataclass
    class FieldEntered(Message):
        """The operator came to a field."""

        field: str

    def __init__(self, form: EventForm) -> None:
        super().__init__()
        self.form = form
        self._rows: dict[str, Row] = {}
        self._advice: dict[str, str] = {}
        self._roles = self._make_roles()

    def _make_roles(self) -> RolesEditor:
        return RolesEditor(label_of(ROLES), self.form.lines, self._roles_of)

    def _roles_of(self, line: RoleLine) -> list[EventRole]:
        return self.form.roles_of(line)

    def compose(self) -> ComposeResult:
        """Lay out the rows in the order of the form."""
        for field in FIELDS:
            if field == ROLES:
                yield self._roles
            else:
                self._rows[field] = row = self._make(field)
                yield row

    def _make(self, field: str) -> Row:
        label, text = label_of(field), self.form.text(field)
        if field == "notes":
            return NotesRow(field, label, text)
        if field == "payment.status":
            options = {status: show_payment_status(status) for status in _STATUSES}
            return ChoiceRow(field, label, options, text)
        return TextRow(field, label, text, has_aside=field in _ASIDES)

    def on_mount(self) -> None:
        """Say what is wrong from the start."""
        self.mark()

    async def load(self, form: EventForm) -> None:
        """Show another form, or this one after what is below it changed."""
        self.form = form
        for field, row in self._rows.items():
            row.put(form.text(field))
        await self._roles.put(form.lines)
        self.mark()

    # -- what is said about it --------------------------------------------------------------------

    def advise(self, advice: dict[str, str]) -> None:
        """Take what is to be looked at, by field, to be said beneath the fields."""
        self._advice = advice

    def mark(self) -> Filled:
        """Show beside and beneath the fields what they mean and what is wrong; return the whole."""
        filled = self.form.filled()
        self._roles.advise(filled.errors.get(ROLES) or self._advice.get(ROLES, ""))
        for field, row in self._rows.items():
            aside = _ASIDES[field](filled) if field in _ASIDES else ""
            wrong = filled.errors.get(field, "")
            note = f"✗ {wrong}" if wrong else self._advice.get(field, "")
            note = note if wrong or not note else f"⚠ {note}"
            tone = "error" if wrong else "busy"
            row.mark(note, tone, aside, is_written=field in self.form.written)
        return filled

    @property
    def stops(self) -> list[Widget]:
        """What can be gone to, in order."""
        return [
            widget
            for widget in self.query("Input, Choice, TextArea")
            if widget.focusable and widget.display
        ]

    def focus_field(self, field: str) -> None:
        """Go to a field; `rolesBySlot.A.startTime` goes to the services."""
        if field.startswith(ROLES):
            target = self._roles.query("Input").first()
        else:
            target = self._rows[field].query("Input, Choice, TextArea").first()
        self.screen.set_focus(target)

    def step(self, step: int) -> bool:
        """Go to the next or previous field; return whether there is one."""
        stops = self.stops
        here = self.screen.focused
        place = stops.index(here) + step if here in stops else 0
        if not 0 <= place < len(stops):
            return False
        self.screen.set_focus(stops[place])
        return True

    # -- what the operator does -------------------------------------------------------------------

    @on(Row.Changed)
    def _row_changed(self, event: Row.Changed) -> None:
        event.stop()
        self.form.write(event.row.field, event.row.value)
        self._told()

    @on(RolesEditor.Changed)
    def _roles_changed(self, event: RolesEditor.Changed) -> None:
        event.stop()
        self.form.write_roles(self._roles.lines)
        self._told()

    def _told(self) -> None:
        self.mark()
        self.post_message(self.Changed(self.form))

    @on(Row.Entered)
    def _entered(self, event: Row.Entered) -> None:
        event.stop()
        self.post_message(self.FieldEntered(event.row.field))


def _weekday(filled: Filled) -> str:
    return show_date(filled.event.date).partition(" ")[0] if filled.event.date else ""


def _minutes(filled: Filled) -> str:
    return _("minutes") if filled.event.duration_min else ""


def _amount(filled: Filled) -> str:
    payment = filled.event.payment
    return clean_line(payment.currency or "") if payment.amount is not None else ""


def _deposit(filled: Filled) -> str:
    payment = filled.event.payment
    return clean_line(payment.currency or "") if payment.deposit is not None else ""


_ASIDES: dict[str, Callable[[Filled], str]] = {
    "date": _weekday,
    "durationMin": _minutes,
    "payment.amount": _amount,
    "payment.deposit": _deposit,
}
"""Fields with a word beside their value."""
