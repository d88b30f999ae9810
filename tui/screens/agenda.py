"""What is on this day, what clashes? The events of all clients by day and by week, live."""

from datetime import date, timedelta
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from core.crm.agenda import WEEK, Day, Entry, agenda_query, plan, week_of
from core.crm.catalogue import DEFAULT_CATALOGUE, load_catalogue
from core.crm.events import StoredEvent, read_event
from core.errors import CapcoadaError
from core.i18n import _, ngettext
from core.text import clean_line
from tui.commands.command import bindings_of
from tui.commands.crm import AGENDA_COMMANDS
from tui.events import WatchDelivered
from tui.screens.base import PlaceScreen
from tui.services import Services
from tui.widgets.bubbles import today_in
from tui.widgets.cells import fit
from tui.widgets.crm_panel.desks import new_form
from tui.widgets.days import day_label, month_name
from tui.widgets.event_words import number_of, payment_spans, services_of
from tui.widgets.pick_list import PickLine, PickList
from tui.widgets.title_line import Span, TitleLine
from tui.world import World

_NAME_CELLS = 20
_EARLIEST, _LATEST = date(1970, 1, 1), date(2199, 12, 31)
"""However long a key is held, the agenda goes no further."""
_PASSING_SECONDS = 0.15
"""How long days must be looked at that are reached before those left had come."""


class AgendaList(PickList):
    """The events of a day or a week."""

    BINDING_GROUP_TITLE = "Agenda"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(AGENDA_COMMANDS, "agenda-events")]


class AgendaScreen(PlaceScreen):
    """Days with their events; two that overlap say so in words and with a sign."""

    CSS_PATH = "../styles/agenda.tcss"
    AUTO_FOCUS = "#agenda-events"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(AGENDA_COMMANDS, "agenda")]
    HELP = _("Archived and cancelled events are not in the agenda.")

    def __init__(self, services: Services, world: World) -> None:
        super().__init__(services, world)
        self.day = self._today
        self.is_week = True
        self._events: dict[str, StoredEvent] = {}
        self._is_loading = True
        self._is_followed = False
        """Whether any days were asked of the store yet."""
        self._shown_today = self.day
        """What was today when the days were last named."""
        self._catalogue = load_catalogue(DEFAULT_CATALOGUE)
        self._is_live = True
        self._head = TitleLine(id="agenda-title")
        self.list = AgendaList(id="agenda-events")

    def compose_body(self) -> ComposeResult:
        """Put the head above the days."""
        yield self._head
        yield self.list

    def on_mount(self) -> None:
        """Begin with this week; another day is today after midnight."""
        self._load_catalogue()
        self._go_to(self.day)
        self.world.listen(self, self._look_at_day)

    def _load_catalogue(self) -> None:
        """Take the services as the settings want them, or say why they are the built-in ones."""
        path = self.services.settings.crm.catalogue
        try:
            self._catalogue = load_catalogue(Path(path) if path else DEFAULT_CATALOGUE)
        except CapcoadaError as error:
            self.notify(str(error), severity="error", markup=False)

    def _look_at_day(self) -> None:
        if self._shown_today != self._today:
            self._refresh_all()

    @property
    def _today(self) -> date:
        return today_in(self.services.zone, self.services.clock())

    @property
    def first(self) -> date:
        """The first day that is shown."""
        return week_of(self.day) if self.is_week else self.day

    @property
    def count(self) -> int:
        """How many days are shown."""
        return WEEK if self.is_week else 1

    def _go_to(self, day: date) -> None:
        self.day = min(max(day, _EARLIEST), _LATEST)
        rest = _PASSING_SECONDS if self._is_loading and self._is_followed else 0.0
        self._is_loading = self._is_followed = True
        self._events = {}
        tag = f"{self.first} {self.count}"
        query = agenda_query(self.first, self.count)
        self.world.live.watch("agenda", query, self, tag=tag, rest_seconds=rest)
        self._refresh_all()

    @on(WatchDelivered)
    def _delivered(self, event: WatchDelivered) -> None:
        if event.tag != f"{self.first} {self.count}":
            return
        snapshot = event.snapshot
        self._is_live = snapshot.is_live
        if snapshot.is_live:
            self._is_loading = False
            self._events = {each.id: read_event(each) for each in snapshot.documents}
        self._refresh_all()

    # -- what is shown ----------------------------------------------------------------------------

    def _refresh_all(self) -> None:
        self._shown_today = self._today
        events = [stored.event for stored in self._events.values()]
        days = plan(
            events, self.first, self.count, zone=self.services.zone, catalogue=self._catalogue
        )
        lines: list[PickLine] = []
        for day in days:
            lines += self._lines_of(day)
        is_empty = not any(day.entries for day in days) and not self.is_week
        empty = _("Loading…") if self._is_loading else _("No event on this day.")
        self.list.put([] if is_empty else lines, empty)
        self._put_head(days)
        self.refresh_bindings()

    def _lines_of(self, day: Day) -> list[PickLine]:
        tone = "brand" if day.date == self._today else "strong" if day.entries else "muted"
        left: list[Span] = [(day_label(day.date, self._today), tone)]
        if not day.entries:
            left.append((" – " + (_("loading…") if self._is_loading else _("free")), "muted"))
        right: tuple[Span, ...] = ()
        if day.has_clash:
            right = (("⚠ " + _("clash") + " ", "bad"),)
        return [
            PickLine(None, tuple(left), right),
            *(self._line_of(entry) for entry in day.entries),
        ]

    def _line_of(self, entry: Entry) -> PickLine:
        event = entry.event
        until = ""
        if entry.span:
            until = ("~" if entry.span.is_assumed else "–") + entry.ends_at
        name = clean_line(event.parent_name or event.child_name or event.phone_e164 or "")
        about = " · ".join(
            filter(None, (services_of(event), clean_line(event.address or _("no address"))))
        )
        sign = ("⚠ ", "bad") if entry.clashes else ("  ", "plain")
        left: list[Span] = [
            sign,
            (fit((entry.begins_at or _("no time")) + until, 13), "strong"),
            (fit(number_of(event), 6), "key"),
            (fit(name, _NAME_CELLS) + " ", "name"),
        ]
        if entry.clashes:
            others = ", ".join(number_of(other) for other in entry.clashes)
            left.append((_("with {events}").format(events=others) + " · ", "bad"))
        left.append((about, "muted"))
        right = payment_spans(event, self.services.settings.business.currency)
        return PickLine(event.event_id, tuple(left), right if self.size.width >= 100 else ())

    def _put_head(self, days: list[Day]) -> None:
        first, last = days[0].date, days[-1].date
        if self.is_week:
            said = _("{first} {month} – {last} {last_month} {year}").format(
                first=first.day, month=month_name(first.month), last=last.day,
                last_month=month_name(last.month), year=last.year,
            )  # fmt: skip
            said = _("week {number}, {days}").format(number=first.isocalendar().week, days=said)
        else:
            said = day_label(first, self._today)
        right: list[Span] = []
        if not self._is_loading:
            total = sum(len(day.entries) for day in days)
            count = ngettext("{n} event", "{n} events", total).format(n=total)
            right.append((f"{count} ", "plain"))
        clashing = sum(bool(entry.clashes) for day in days for entry in day.entries)
        if clashing:
            text = ngettext("{n} event clashes", "{n} events clash", clashing).format(n=clashing)
            right.append((f"⚠ {text} ", "bad"))
        if not self._is_live:
            right.append((_("◌ not live "), "bad"))
        self._head.put([(" " + _("Agenda"), "strong"), (f"  {said}", "plain")], right)

    def on_resize(self) -> None:
        """Show the money only where there is room for it."""
        if self.is_mounted:
            self._refresh_all()

    # -- moving -----------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        """Go on by what is shown at once."""
        self._go_to(self.day + timedelta(days=step * self.count))

    def action_move_days(self, days: int) -> None:
        """Go on by days."""
        self._go_to(self.day + timedelta(days=days))

    def action_today(self) -> None:
        """Go to today."""
        self._go_to(self._today)

    def action_toggle_view(self) -> None:
        """Show one day, or the whole week; the day of the selected event, if there is one."""
        stored = self._selected
        if self.is_week and stored is not None and stored.event.date:
            self.day = date.fromisoformat(stored.event.date)
        self.is_week = not self.is_week
        self._go_to(self.day)

    # -- going on from an event -------------------------------------------------------------------

    @property
    def _selected(self) -> StoredEvent | None:
        return self._events.get(self.list.selected_id or "")

    @property
    def client_phone(self) -> str:
        """The number of the client of the selected event."""
        stored = self._selected
        return (stored.event.phone_e164 or "") if stored else ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what is about an event only where one is selected."""
        if action in ("open_event", "chat"):
            return self._selected is not None
        return super().check_action(action, parameters)

    def action_open_event(self) -> None:
        """Edit the selected event."""
        from tui.screens.event import EventScreen  # noqa: PLC0415 - when first asked for

        if stored := self._selected:
            try:
                form = new_form(self.services, stored.event.phone_e164)
            except CapcoadaError as error:
                self.notify(str(error), severity="error", markup=False)
                return
            form.aim(stored)
            self.app.push_screen(EventScreen(self.services, self.world, form))

    async def action_chat(self) -> None:
        """Go to the conversation that the event came from, or else the newest with its client."""
        stored = self._selected
        if stored is None:
            return
        if thread_id := stored.event.source.thread_id:
            await self.open_chat(thread_id)
        else:
            await self.open_chat_of(stored.event.phone_e164 or "")
