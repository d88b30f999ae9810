"""One event over a screen: the same form as beside the chat."""

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from core.crm.form import EventForm
from core.crm.words import show_date
from core.i18n import _
from core.text import clean_line
from tui.commands.everywhere import HELP
from tui.screens.form import FormScreen
from tui.services import Services
from tui.widgets.crm_panel.editor import EventEditor
from tui.widgets.key_bar import KeyBar
from tui.widgets.title_line import TitleLine
from tui.world import World


class EventScreen(FormScreen[bool]):
    """Edits an event or makes a new one; the answer is whether it was saved."""

    CSS_PATH = "../styles/event.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [HELP.binding]

    def __init__(
        self, services: Services, world: World, form: EventForm, *, field: str = ""
    ) -> None:
        super().__init__()
        self._form = form
        self._field = field
        self.editor = EventEditor(services, world, form, name="screen-event")
        self._head = TitleLine(id="event-title")

    def compose(self) -> ComposeResult:
        """Lay out head, form and keys."""
        with Vertical(id="event-box"):
            yield self._head
            yield self.editor
        yield KeyBar()

    def on_mount(self) -> None:
        """Go to the first field, or to the one that was asked for."""
        target = self._form.target
        event = target.event if target else None
        number = f"#{event.event_short_id}" if event and event.event_short_id else ""
        day = show_date(event.date) if event else _("new")
        phone = clean_line((event.phone_e164 if event else self._form.phone_e164) or "")
        spans = [(" " + _("Event"), "strong"), (f"  {number} {day}", "plain")]
        self._head.put([*spans, (f"  {phone}", "muted")], [])
        if self._field:
            self.editor.view.focus_field(self._field)
        else:
            self.editor.focus_first()

    @on(EventEditor.EventSaved)
    def _saved(self, event: EventEditor.EventSaved) -> None:
        event.stop()
        if not self._form.is_touched:  # else something was written while it was being saved
            self.close(True)

    @on(EventEditor.Rewritten)
    async def _rewritten(self, event: EventEditor.Rewritten) -> None:
        event.stop()
        await self.editor.show(self._form)

    @on(EventEditor.LeaveAsked)
    def _leave_asked(self, event: EventEditor.LeaveAsked) -> None:
        event.stop()
        self.leave(partial(self.close, False))

    @property
    def is_unsaved(self) -> bool:
        """Whether something is written and not saved."""
        return self._form.is_touched
