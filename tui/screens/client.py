"""Who is this, what did they book, pay and owe? The profile of one client, live."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from core.crm.clients import Client, read_client
from core.crm.events import StoredEvent, read_event
from core.crm.form import EventForm
from core.crm.save import EditConflict, EventMissing, archive_event, load_event, restore_event
from core.errors import CapcoadaError
from core.i18n import _
from core.model.ids import EVENTS
from core.phones import group_digits
from core.store.port import Query, Snapshot
from core.text import clean_line
from tui.commands.command import bindings_of
from tui.commands.crm import CLIENT_COMMANDS
from tui.events import WatchDelivered
from tui.later import later
from tui.live import Outages
from tui.screens.base import PlaceScreen
from tui.screens.dialogs import AskText
from tui.services import Services
from tui.widgets.bubbles import today_in
from tui.widgets.client.asking import Asking
from tui.widgets.client.cards import Cards, cards_of
from tui.widgets.client.chart import MonthChart, spend_by_month
from tui.widgets.crm_panel.desks import new_form
from tui.widgets.event_words import event_spans, payment_spans
from tui.widgets.pick_list import PickLine, PickList
from tui.widgets.title_line import Span, TitleLine
from tui.world import World

if TYPE_CHECKING:
    from tui.app import CapcoadaApp

MOST_EVENTS = 500
"""Of one client, the newest first."""


class EventList(PickList):
    """The client's events."""

    BINDING_GROUP_TITLE = "Events"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(CLIENT_COMMANDS, "client-events")]


class ClientScreen(PlaceScreen):
    """The profile of the client that was looked at last."""

    CSS_PATH = "../styles/client.tcss"
    AUTO_FOCUS = "#client-events"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(CLIENT_COMMANDS, "client")]
    VERTICAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [  # type: ignore[misc]
        (0, "-low"),
        (24, "-middle"),
        (36, "-high"),
    ]
    """Rows and class: the lower the window, the less stands above an answer."""
    HELP = _("Everything here follows the events as they change; archived ones count nowhere.")

    def __init__(self, services: Services, world: World) -> None:
        super().__init__(services, world)
        self.client_phone = ""
        """E.164 of whom the profile is about; empty before anybody was chosen."""
        self._called = ""
        """What the conversation that one came from calls them, until an event tells a name."""
        self._client: Client | None = None
        self._events: dict[str, StoredEvent] = {}
        self._is_loading = False
        self._outages = Outages()
        self._with_archived = False
        self._last_archived = ""
        self._head = TitleLine(id="client-title")
        self.cards = Cards()
        self.chart = MonthChart()
        self.list = EventList(id="client-events")
        self.asking = Asking(services.bridge, services.clock)

    def compose_body(self) -> ComposeResult:
        """Lay out cards, chart, events and the question, one below the other."""
        with Vertical(id="client-body"):
            yield self._head
            yield self.cards
            yield self.chart
            yield self.list
            yield self.asking

    def on_mount(self) -> None:
        """Show what was chosen before the screen was there."""
        self._start()

    async def show_client(self, phone: str, name: str = "") -> None:
        """Be about this client from now on; an empty number is nobody's."""
        if phone == self.client_phone:
            return
        self.client_phone, self._called = phone, name
        if self.is_mounted:
            self._start()

    def _start(self) -> None:
        self._client, self._events = None, {}
        self._outages, self._last_archived = Outages(), ""
        self._is_loading = bool(self.client_phone)
        self.asking.reset(self.client_phone)
        if phone := self.client_phone:
            self.world.live.watch("client", f"clients/{phone}", self, tag=phone)
            query = Query(EVENTS).where("phoneE164", "==", phone).order_by("date", "desc")
            self.world.live.watch("client-events", query.limit(MOST_EVENTS), self, tag=phone)
        else:
            self.world.live.unwatch("client")
            self.world.live.unwatch("client-events")
        self.set_class(not self.client_phone, "-nobody")
        self._refresh_all()

    # -- what the store says ----------------------------------------------------------------------

    @on(WatchDelivered)
    def _delivered(self, event: WatchDelivered) -> None:
        if event.tag != self.client_phone:
            return
        self._outages.note(event)
        if event.snapshot.is_live:
            self._take(event.name, event.snapshot)
        self._refresh_all()

    def _take(self, name: str, snapshot: Snapshot) -> None:
        if name == "client":
            found = snapshot.documents
            self._client = read_client(found[0]) if found else None
            return
        self._is_loading = False
        stored = [read_event(document) for document in snapshot.documents]
        self._events = {each.event.event_id: each for each in stored}

    def _refresh_all(self) -> None:
        currency = self.services.settings.business.currency
        today = today_in(self.services.zone, self.services.clock())
        events = [stored.event for stored in self._events.values()]
        self._put_head()
        self.cards.put(cards_of(self._client, currency))
        bars = spend_by_month(events, currency=currency, today=today)
        self.chart.put(() if self._is_loading else bars, currency)
        shown = [event for event in events if self._with_archived or not event.is_archived]
        lines = [
            PickLine(event.event_id, event_spans(event), payment_spans(event, currency))
            for event in shown
        ]
        self.list.put(lines, self._empty_text(len(events)))
        self.refresh_bindings()

    def _empty_text(self, stored: int) -> str:
        if not self.client_phone:
            return _("No client is chosen: go to a conversation with one under F3 and press p.")
        if self._is_loading:
            return _("Loading…")
        if stored:
            return _("All events are archived; h shows them.")
        return _("No event yet. F7 makes one.")

    def _put_head(self) -> None:
        names = [stored.event.parent_name for stored in self._events.values()]
        name = self._client.display_name if self._client else ""
        name = clean_line(name or next(filter(None, names), None) or self._called)
        left: list[Span] = [(f" {name or _('Client')}", "strong")]
        if self.client_phone:
            left.append((f"  {group_digits(self.client_phone)}", "plain"))
        archived = sum(stored.event.is_archived for stored in self._events.values())
        right: list[Span] = []
        if archived:
            said = _("{n} archived, shown") if self._with_archived else _("{n} archived, hidden")
            right.append((said.format(n=archived) + " ", "muted"))
        if self._outages.reason:
            right.append((_("◌ not live "), "bad"))
        self._head.put(left, right)

    # -- events -----------------------------------------------------------------------------------

    @property
    def _selected(self) -> StoredEvent | None:
        return self._events.get(self.list.selected_id or "")

    def _form(self) -> EventForm | None:
        """Return an empty form for this client, or say why there is none."""
        try:
            return new_form(self.services, self.client_phone or None)
        except CapcoadaError as error:
            self.notify(str(error), severity="error", markup=False)
            return None

    def _edit(self, stored: StoredEvent, field: str = "") -> None:
        from tui.screens.event import EventScreen  # noqa: PLC0415 - when first asked for

        if (form := self._form()) is not None:
            form.aim(stored)
            self.app.push_screen(EventScreen(self.services, self.world, form, field=field))

    def action_open_event(self) -> None:
        """Edit the selected event."""
        if stored := self._selected:
            self._edit(stored)

    def action_payment(self) -> None:
        """Edit what was paid for the selected event."""
        if stored := self._selected:
            self._edit(stored, "payment.status")

    def action_new_event(self) -> None:
        """Fill in a new event for this client."""
        from tui.screens.event import EventScreen  # noqa: PLC0415 - when first asked for

        if self.client_phone and (form := self._form()) is not None:
            self.app.push_screen(EventScreen(self.services, self.world, form))

    @on(PickList.Picked, "#sources")
    def _source_picked(self, event: PickList.Picked) -> None:
        """Open an event that an answer rests on, also one that is not in the list."""
        event.stop()
        self.run_worker(
            later(self._open_source, event.line_id),
            name="open-source",
            group="open-source",
            exclusive=True,
            description="reads the event that an answer names",
        )

    async def _open_source(self, event_id: str) -> None:
        stored = self._events.get(event_id)
        try:
            stored = stored or await load_event(self.services.store, event_id)
        except CapcoadaError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.list.select(event_id)
        self._edit(stored)

    # -- archiving --------------------------------------------------------------------------------

    def action_archive(self) -> None:
        """Archive the selected event, after asking why."""
        stored = self._selected
        if stored is None or stored.event.is_archived:
            return
        self.run_worker(
            later(self._archive, stored.event.event_id),
            name="archive",
            group="archive",
            exclusive=True,
            description="archives an event",
        )

    async def _archive(self, event_id: str) -> None:
        question = AskText(
            _("Archive this event?"), _("Why? It then counts nowhere; z takes it back."),
            check=str, placeholder=_("a reason, if you like"),
        )  # fmt: skip
        reason = await self.app.push_screen_wait(question)
        if reason is not None and await self._set_archived(event_id, reason):
            self._last_archived = event_id
            self.notify(_("Archived. z takes it back."), markup=False, timeout=5)

    def action_restore(self) -> None:
        """Take back the archiving of the selected event, or else the last one."""
        stored = self._selected
        event_id = stored.event.event_id if stored and stored.event.is_archived else ""
        if event_id := event_id or self._last_archived:
            self.run_worker(
                later(self._restore, event_id),
                name="restore",
                group="archive",
                exclusive=True,
                description="takes back the archiving of an event",
            )

    async def _restore(self, event_id: str) -> None:
        if await self._set_archived(event_id, None):
            self._last_archived = ""
            self.list.select(event_id)
            self.app.clear_notifications()  # which may say that it is archived
            self.notify(_("Restored."), markup=False, timeout=3)

    async def _set_archived(self, event_id: str, reason: str | None) -> bool:
        """Archive with a reason, or restore without one; return whether that worked."""
        uid, store = self.services.session.uid, self.services.store
        try:
            if reason is None:
                await restore_event(store, event_id, uid=uid)
            else:
                await archive_event(store, event_id, reason=reason, uid=uid)
        except (EditConflict, EventMissing, CapcoadaError) as error:
            self.notify(str(error), severity="error", markup=False)
            return False
        return True

    def action_toggle_archived(self) -> None:
        """Show archived events too, or hide them."""
        self._with_archived = not self._with_archived
        self._refresh_all()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done with the selected event."""
        if action in ("ask", "new_event", "toggle_archived", "chat") and not self.client_phone:
            return False
        stored = self._selected if self.list.is_attached else None
        if action == "archive":
            return stored is not None and not stored.event.is_archived
        if action == "restore":
            return bool(self._last_archived) or (stored is not None and stored.event.is_archived)
        if action in ("payment", "open_event"):
            return stored is not None
        if action == "page_answer":  # in the lists its keys turn their pages
            return self.asking.input.has_focus and self.asking.answer.is_cut
        if action == "ask":  # its key goes before the others, but is text in the line itself
            return not self.asking.input.has_focus
        return True

    # -- asking and leaving -----------------------------------------------------------------------

    def action_ask(self) -> None:
        """Go to the line in which questions are written."""
        if self.client_phone:
            self.set_focus(self.asking.input)

    def action_page_answer(self, direction: int) -> None:
        """Scroll a long answer."""
        self.asking.answer.action_page(direction)

    @on(Asking.Answered)
    def _answered(self, event: Asking.Answered) -> None:
        event.stop()
        self.set_class(self.asking.has_class("-answered"), "-answered")

    def action_leave(self) -> None:
        """Cancel a question, leave its line, or go back."""
        if self.asking.cancel():
            return
        if self.list.has_focus:
            cast("CapcoadaApp", self.app).action_go_back()
        else:
            self.set_focus(self.list)

    async def action_chat(self) -> None:
        """Go to the newest conversation with this client."""
        await self.open_chat_of(self.client_phone)
