"""The services of an event: one line each, an empty one at the end to add another."""

from collections.abc import Callable, Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from core.crm.events import EventRole
from core.crm.form import ROLES, RoleLine
from core.crm.words import show_role
from core.i18n import _
from core.text import clean_line
from tui.widgets.crm_panel.field import Row, TextRow


class RolesEditor(Vertical):
    """Services are written in Romanian or English; an emptied line takes its service out."""

    DEFAULT_CSS = "RolesEditor { height: auto; }"

    class Changed(Message):
        """The services are not what they were."""

    def __init__(
        self,
        label: str,
        lines: Sequence[RoleLine],
        roles_of: Callable[[RoleLine], list[EventRole]],
    ) -> None:
        super().__init__()
        self._label = label
        self._roles_of = roles_of
        self._given = tuple(lines)
        self._rows: list[tuple[TextRow, EventRole | None]] = []
        self._note = ""

    def compose(self) -> ComposeResult:
        """Lay out a row for each service and an empty one."""
        self._rows = []
        for line in (*self._given, RoleLine("")):
            yield self._make(line)

    def _make(self, line: RoleLine) -> TextRow:
        row = TextRow(ROLES, "" if self._rows else self._label, line.text)
        self._rows.append((row, line.base))
        return row

    def on_mount(self) -> None:
        """Say what each line is understood as."""
        self._mark()

    def advise(self, note: str) -> None:
        """Say something beneath the services."""
        if note != self._note:
            self._note = note
            self._mark()

    @property
    def lines(self) -> tuple[RoleLine, ...]:
        """What is written, without empty lines."""
        written = (RoleLine(row.value, base) for row, base in self._rows)
        return tuple(line for line in written if clean_line(line.text))

    async def put(self, lines: Sequence[RoleLine]) -> None:
        """Show other services, unless they are what is shown."""
        if tuple(lines) != self.lines:
            self._given = tuple(lines)
            await self.recompose()
            self._mark()

    @on(Row.Changed)
    async def _changed(self, event: Row.Changed) -> None:
        event.stop()
        if clean_line(self._rows[-1][0].value):
            row = self._make(RoleLine(""))
            await self.mount(row)
        self._mark()
        self.post_message(self.Changed())

    async def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Take emptied lines out, once they are left; the last one stays."""
        empty = [
            pair
            for pair in self._rows[:-1]
            if not clean_line(pair[0].value) and not pair[0].has_focus_within
        ]
        if empty and len(empty) < len(self._rows):
            self._rows = [pair for pair in self._rows if pair not in empty]
            for row, _base in empty:
                await row.remove()
            if self._rows:
                self._rows[0][0].rename(self._label)

    def _mark(self) -> None:
        for index, (row, base) in enumerate(self._rows):
            text = clean_line(row.value)
            is_last = index == len(self._rows) - 1
            note = ""
            if text and (base is None or text != clean_line(show_role(base))):
                roles = self._roles_of(RoleLine(text, base))
                note = "→ " + " · ".join(clean_line(show_role(role)) for role in roles)
            elif is_last and len(self._rows) == 1:
                note = _("Such as: Elsa, ursitoare, cotton candy")
            elif is_last and not text:
                note = self._note
            row.mark(note, "muted", "", is_written=base is None and bool(text))
