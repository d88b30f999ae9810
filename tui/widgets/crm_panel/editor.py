"""One event being filled in or changed: notices, what it is saved as, the form, and saving."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static, TextArea

from core.crm.events import Event
from core.crm.form import EventForm, name_event
from core.crm.save import EditConflict
from core.crm.words import show_date
from core.errors import CapcoadaError
from core.i18n import _, ngettext
from tui.commands.command import bindings_of
from tui.commands.crm import CRM_COMMANDS
from tui.events import WatchDelivered
from tui.later import later
from tui.saving import save_form
from tui.services import Services
from tui.widgets.bubbles import today_in
from tui.widgets.crm_panel.around import Around
from tui.widgets.crm_panel.differences import Differences
from tui.widgets.crm_panel.field import ChoiceRow, Row
from tui.widgets.crm_panel.form import FormView
from tui.widgets.title_line import TitleLine
from tui.world import World

NEW = "new"
UNDECIDED = "?"


class EventEditor(Vertical):
    """The form with everything around it; beside the chat and over the profile it is the same."""

    BINDING_GROUP_TITLE = "Event"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of(CRM_COMMANDS, "event"),
        # With priority, so that what is typed right after them goes into the next field.
        Binding("up", "step(-1)", show=False, priority=True),
        Binding("down,enter", "step(1)", show=False, priority=True),
        Binding("shift+tab", "next_field(-1)", show=False, priority=True),
        Binding("tab", "next_field(1)", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    EventEditor { height: 1fr; }
    EventEditor > VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; padding: 0 0 0 1; }
    EventEditor Static { height: auto; }
    EventEditor #event-status { background: $panel; }
    """

    @dataclass
    class FieldEntered(Message):
        """The operator came to a field."""

        field: str

    @dataclass
    class EventSaved(Message):
        """The event is in the store."""

        form: EventForm

    @dataclass
    class TargetChosen(Message):
        """The operator said which event is meant, or that it is not decided yet."""

        form: EventForm
        is_undecided: bool

    class LeaveAsked(Message):
        """The operator wants to leave."""

    class Rewritten(Message):
        """What the operator wrote was put aside, or brought back."""

    def __init__(self, services: Services, world: World, form: EventForm, *, name: str) -> None:
        super().__init__(name=name)
        self._services = services
        self._notices = Static()
        self._differences = Differences()
        self._target = ChoiceRow("", _("Saves as"), {}, NEW)
        self.view = FormView(form)
        self._status = TitleLine(id="event-status")
        self._about: list[Content] = []
        self._around = Around(world.live, self)
        self._is_fixed = form.target is not None
        """Whether this is about one stored event and no other."""
        self._undoable = (False, False)
        """Whether something is written, and whether something was put aside, as last told."""
        self.is_undecided = False

    @property
    def form(self) -> EventForm:
        """What is being filled in."""
        return self.view.form

    def compose(self) -> ComposeResult:
        """Lay out notices above the form, and the line that says what saving does."""
        with VerticalScroll(can_focus=False):
            yield self._notices
            yield self._target
            yield self._differences
            yield self.view
        yield self._status

    def on_mount(self) -> None:
        """Begin to follow what concerns the event."""
        self._refresh_all()

    def on_unmount(self) -> None:
        """Follow nothing any more."""
        self._around.end()

    # -- what is shown ----------------------------------------------------------------------------

    async def show(
        self, form: EventForm, about: Iterable[Content] = (), *, is_undecided: bool = False
    ) -> None:
        """Show a form, with what is to be said about it; undecided asks which event is meant."""
        self._about = list(about)
        self.is_undecided = is_undecided
        await self.view.load(form)
        self._refresh_all()

    def say(self, about: Iterable[Content]) -> None:
        """Say something else above the form."""
        self._about = list(about)
        self._refresh_all()

    def _refresh_all(self) -> None:
        if not self.is_mounted:
            return
        today = today_in(self._services.zone, self._services.clock())
        advice = self.form.advice(today, self._around.day_events)
        self.view.advise(advice)
        filled = self.view.mark()
        self._around.follow(filled.event.date or "", filled.event.phone_e164 or "")
        self._notices.update(Content("\n").join(self._about))
        self._notices.display = bool(self._about)
        self._put_target()
        self._put_differences()
        self._put_status(len(filled.errors), len(advice))
        self._tell_undoable()
        self.call_after_refresh(self._keep_row_in_view)

    def _tell_undoable(self) -> None:
        """Have the key line show what can be discarded or brought back from now on."""
        undoable = (self.form.is_touched, bool(self.form.discarded))
        if undoable != self._undoable:
            self._undoable = undoable
            self.refresh_bindings()

    def _keep_row_in_view(self) -> None:
        """Show the field that is being written, with what is said beneath it.

        What stands above it may have become longer.
        """
        focused = self.screen.focused if self.is_attached else None
        if focused is not None and self.view in focused.ancestors:
            row = next((each for each in focused.ancestors if isinstance(each, Row)), focused)
            self.query_one(VerticalScroll).scroll_to_widget(row, animate=False)

    def _put_target(self) -> None:
        options = {NEW: _("a new event")}
        if self.is_undecided:
            options = {UNDECIDED: _("choose which event is meant")} | options
        for event_id, stored in self._around.candidates.items():
            options[event_id] = self._event_name(stored.event)
        target = self.form.target
        value = UNDECIDED if self.is_undecided else target.event.event_id if target else NEW
        if target is not None and value not in options:
            options[value] = self._event_name(target.event)
        self._target.display = not self._is_fixed and len(options) > 1
        self._target.choice.put(value, options)

    def _event_name(self, event: Event) -> str:
        number = f"#{event.event_short_id}" if event.event_short_id else ""
        said = (number, show_date(event.date) or _("no date"), event.start_time)
        return _("update of {event}").format(event=" ".join(filter(None, said)))

    def _put_differences(self) -> None:
        if self.form.target is None or self.is_undecided:
            self._differences.put("", ())
            return
        changes = self.form.changes()
        number = self._number()
        title = _("Changes to {event}").format(event=number or _("this event"))
        self._differences.put(title if changes else "", changes)

    def _put_status(self, errors: int, warnings: int) -> None:
        left: list[tuple[str, str]]
        if self.is_undecided:
            left = [(" " + _("choose which event is meant"), "busy")]
        elif errors:
            text = ngettext("{n} field to mend", "{n} fields to mend", errors).format(n=errors)
            left = [(f" ✗ {text}", "bad")]
        elif self.form.target is None:
            left = [(" " + _("a new event, not saved yet"), "plain")]
        elif self.form.changes():
            left = [(" " + _("changed, not saved yet"), "plain")]
        else:
            left = [(" " + _("saved as {event}").format(event=self._number() or "…"), "good")]
        right = [(f"⚠ {warnings} ", "busy")] if warnings else []
        if not self._around.is_live:
            right.append((_("◌ not live "), "bad"))
        self._status.put(left, right)

    def _number(self) -> str:
        target = self.form.target
        if target is None:
            return ""
        event = target.event
        stored = self._around.client_events.get(event.event_id)
        number = event.event_short_id or (stored.event.event_short_id if stored else None)
        return f"#{number}" if number else ""

    # -- what the store says ----------------------------------------------------------------------

    @on(WatchDelivered)
    def _delivered(self, event: WatchDelivered) -> None:
        if self._around.take(event):
            self._take_newer_target()
            self._refresh_all()

    def _take_newer_target(self) -> None:
        """Go on from the stored event as it is now, while nothing is being changed in it."""
        target = self.form.target
        if target is None or self.form.is_touched or self.form.draft is not None:
            return
        newer = self._around.client_events.get(target.event.event_id)
        if newer is not None and newer.update_time > target.update_time:
            self.form.aim(newer)
            self.run_worker(
                later(self.view.load, self.form),
                name="event-newer",
                group=f"{self.name}-newer",
                exclusive=True,
                description="shows the event as it is now",
            )

    # -- what the operator does -------------------------------------------------------------------

    @on(Row.Changed)
    def _target_changed(self, event: Row.Changed) -> None:
        """Make a new event, or change another stored one."""
        event.stop()
        value = self._target.value
        self.is_undecided = value == UNDECIDED
        self.form.aim(self._around.candidates.get(value))
        self.post_message(self.TargetChosen(self.form, self.is_undecided))
        self.run_worker(
            later(self._load_again),
            name="event-target",
            group=f"{self.name}-target",
            exclusive=True,
            description="shows what would change in the chosen event",
        )

    async def _load_again(self) -> None:
        await self.view.load(self.form)
        self._refresh_all()

    @on(FormView.Changed)
    def _form_changed(self) -> None:
        self._refresh_all()

    @on(FormView.FieldEntered)
    def _entered(self, event: FormView.FieldEntered) -> None:
        event.stop()
        self.post_message(self.FieldEntered(event.field))

    @on(Row.Entered)
    def _target_entered(self, event: Row.Entered) -> None:
        event.stop()
        self.post_message(self.FieldEntered(""))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Show the notices again at the top of the form, and elsewhere the whole field."""
        stops = self.view.stops
        if stops and event.widget in (stops[0], self._target.choice):
            scroll = self.query_one(VerticalScroll)
            self.call_after_refresh(scroll.scroll_home, animate=False)
        else:
            self.call_after_refresh(self._keep_row_in_view)

    def focus_first(self) -> None:
        """Go to what is to be decided first, or to the first field."""
        if self.is_undecided and self._target.display:
            self.screen.set_focus(self._target.choice)
        elif stops := self.view.stops:
            self.screen.set_focus(stops[0])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave to the notes their arrows, enter and undo; offer only what there is to do."""
        is_in_notes = isinstance(self.screen.focused, TextArea)
        if action == "step":
            return not is_in_notes
        if action == "start_over":
            return self.form.is_touched
        if action == "take_back":
            return bool(self.form.discarded) and not (is_in_notes and "notes" in self.form.written)
        return True

    def action_step(self, step: int) -> None:
        """Go to the next or previous field."""
        self.action_next_field(step)

    def action_next_field(self, step: int) -> None:
        """Go to the next or previous field, also from the notes."""
        if not self.view.step(step) and step < 0 and self._target.display:
            self.screen.set_focus(self._target.choice)

    def action_leave(self) -> None:
        """Ask to leave."""
        self.post_message(self.LeaveAsked())

    def action_start_over(self) -> None:
        """Put aside what was written."""
        self.form.start_over()
        self.notify(_("Discarded. ctrl+z brings it back."), markup=False, timeout=5)
        self.post_message(self.Rewritten())

    def action_take_back(self) -> None:
        """Bring back what was put aside last."""
        self.form.take_back()
        self.app.clear_notifications()  # which may say that it is discarded
        self.post_message(self.Rewritten())

    def action_save(self) -> None:
        """Save, or go to what is wrong: what helps stands there, and a notice would cover it."""
        if self.is_undecided:
            self.screen.set_focus(self._target.choice)
            return
        if errors := self.form.filled().errors:
            self.view.focus_field(next(iter(errors)))
            return
        self.run_worker(
            later(self._save, self.form),
            name="event-save",
            group=f"{self.name}-save",
            description="saves the event",
        )

    async def _save(self, form: EventForm) -> None:
        """Save a form; meanwhile it may be written in further, or another one be shown."""
        uid = self._services.session.uid
        try:
            saved = await save_form(self._services.store, form, uid=uid)
        except EditConflict as error:
            form.aim(error.current)
            await self._show_again(form)
            self.notify(str(error), severity="warning", markup=False)
            return
        except CapcoadaError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        await self._show_again(form)
        text = _("This was saved already.")
        if saved.is_new:
            text = _("Saved: {event}").format(event=name_event(saved.stored.event))
        self.notify(text, markup=False, timeout=4)
        self.post_message(self.EventSaved(form))

    async def _show_again(self, form: EventForm) -> None:
        """Show what became of a form, unless another one is shown by now."""
        if form is self.form:
            await self.view.load(form)
            self._refresh_all()
