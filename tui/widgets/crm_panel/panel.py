"""What event is in this chat? The draft of the open conversation, beside it."""

from dataclasses import dataclass
from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer

from core.crm.differences import decide
from core.crm.draft import Extraction
from core.crm.events import EventSource, read_event
from core.crm.form import ROLES
from core.crm.words import label_of
from core.errors import CapcoadaError
from core.i18n import _, ngettext
from core.model.ids import EVENTS, thread_path
from core.service.callables import ExtractAnswer, ExtractRequest
from core.service.inbox import ThreadRow
from core.store.port import Query
from core.text import clean_line
from tui.events import WatchDelivered
from tui.later import later
from tui.sending import Sending
from tui.services import Services
from tui.widgets.crm_panel.desks import Desk, Desks, new_form
from tui.widgets.crm_panel.editor import EventEditor
from tui.widgets.crm_panel.evidence import confidence_of, messages_of, percent, summary
from tui.widgets.crm_panel.form import FormView
from tui.widgets.title_line import Span, TitleLine
from tui.world import World

_MOST_EVENTS = 100
_TICK_SECONDS = 1.0
_MOST_QUOTED = 200
"""Characters of a message that are looked at for its quotation: one line holds no more."""


class CrmPanel(Vertical):
    """The event of the open conversation; what is written stays with its thread."""

    DEFAULT_CSS = """
    CrmPanel { background: $surface; }
    CrmPanel > #crm-title { background: $panel; }
    CrmPanel > #crm-title.-active { background: $head-active; }
    CrmPanel > #crm-source { background: $surface; }
    """

    @dataclass
    class EvidenceShown(Message):
        """The messages that the current field came from are to be marked in the chat."""

        message_ids: tuple[str, ...]

    class Left(Message):
        """The operator goes back to the conversation."""

    def __init__(self, services: Services, world: World, sending: Sending) -> None:
        super().__init__(id="crm-panel")
        self._services = services
        self._world = world
        self.thread: ThreadRow | None = None
        self._desks = Desks(services, sending)
        self._desk = Desk(new_form(services, None))
        self.editor = EventEditor(services, world, self._desk.form, name="panel-event")
        self._title = TitleLine(id="crm-title")
        self._source = TitleLine(id="crm-source")
        self._ticking: Timer | None = None
        self._newest: datetime | None = None
        self._field = ""
        """Where the operator is."""

    def compose(self) -> ComposeResult:
        """Put the head above the editor, and below it where a value came from."""
        yield self._title
        yield self.editor
        yield self._source

    def on_mount(self) -> None:
        """Count the seconds while something runs."""
        self._ticking = self.set_interval(_TICK_SECONDS, self._put_title, pause=True)
        self._put_title()

    def on_descendant_focus(self) -> None:
        """Show that the focus is here."""
        self._title.add_class("-active")

    def on_descendant_blur(self) -> None:
        """Show that the focus left."""
        self._title.set_class(self.has_focus_within, "-active")

    # -- which thread -----------------------------------------------------------------------------

    async def open_thread(self, thread: ThreadRow | None) -> None:
        """Show what lies open for a thread."""
        if thread is not None and self.thread is not None and thread.id == self.thread.id:
            self.thread = thread
            return
        self.thread = thread
        self._newest = None
        if thread is None:
            self._desk = Desk(new_form(self._services, None))
        else:
            self._desk = self._desks.of(thread)
            self._world.live.watch("crm-thread", thread_path(thread.id), self, tag=thread.id)
        await self._show()

    async def _show(self) -> None:
        desk = self._desk
        await self.editor.show(desk.form, self._about(), is_undecided=desk.is_undecided)
        self._put_title()
        self._show_evidence()

    def _about(self) -> list[Content]:
        desk = self._desk
        lines: list[Content] = []
        if desk.problem:
            lines.append(Content.styled(f"✗ {desk.problem}", "$error"))
        if desk.answer is not None:
            lines += summary(desk.answer, self._services.zone)
            if desk.read_until and self._newest and self._newest > desk.read_until:
                text = _("The conversation went on since: ctrl+e reads it again.")
                lines.append(Content.styled(f"↻ {text}", "bold $accent"))
        elif not desk.problem and desk.form.target is None and not desk.form.is_touched:
            text = _("ctrl+e reads the event out of the conversation, or fill it in yourself.")
            lines.append(Content.styled(text, "$muted"))
        return lines

    @on(WatchDelivered)
    def _delivered(self, event: WatchDelivered) -> None:
        if self.thread is None or event.tag != self.thread.id or not event.snapshot.documents:
            return
        moment = event.snapshot.documents[0].data.get("lastMessageAt")
        if isinstance(moment, datetime) and moment != self._newest:
            self._newest = moment
            self.editor.say(self._about())

    # -- extracting -------------------------------------------------------------------------------

    @property
    def is_reading(self) -> bool:
        """Whether the open conversation is being read."""
        return self._desk.began is not None

    def extract(self) -> None:
        """Read the event out of the open conversation; what the operator wrote stays.

        While it is being read, it is read once more after that, if it goes on meanwhile.
        """
        if self.thread is None:
            return
        if self.is_reading:
            self._desk.is_asked_again = True
            text = _("It is being read; what comes in meanwhile is read right after that.")
            self.notify(text, markup=False, timeout=3)
            return
        self._desk.began = self._services.clock()
        self._put_title()
        self.run_worker(
            later(self._extract, self.thread, self._desk),
            name="extract",
            group=f"extract-{self.thread.id}",
            description="reads the event out of the conversation",
        )

    def cancel(self) -> bool:
        """Stop reading the open conversation; return whether it was being read."""
        if self.thread is None or not self.is_reading:
            return False
        self.workers.cancel_group(self, f"extract-{self.thread.id}")
        self._desk.began = None
        self._put_title()
        self.notify(_("Cancelled; nothing was changed."), markup=False, timeout=3)
        return True

    async def _extract(self, thread: ThreadRow, desk: Desk) -> None:
        try:
            await self._read(thread, desk)
            while desk.is_asked_again and await self._last_message_at(thread) != desk.read_until:
                await self._read(thread, desk)
        except CapcoadaError as error:
            desk.problem = str(error)
        desk.began = None
        self._desks.keep(desk.form)
        if desk is self._desk:
            await self._show()
            if self.editor.has_focus_within:
                self.editor.focus_first()

    async def _read(self, thread: ThreadRow, desk: Desk) -> None:
        """Have the bridge read a conversation as it is now. Raises CapcoadaError."""
        desk.began, desk.is_asked_again = self._services.clock(), False
        read_until = await self._last_message_at(thread)
        answer = await self._services.bridge.call(
            ExtractRequest(thread_id=thread.id, account_id=thread.account_id)
        )
        await self._take(desk, thread, answer)
        desk.read_until, desk.problem = read_until, ""

    async def _last_message_at(self, thread: ThreadRow) -> datetime | None:
        document = await self._services.store.get(thread_path(thread.id))
        moment = document.data.get("lastMessageAt") if document else None
        return moment if isinstance(moment, datetime) else None

    async def _take(self, desk: Desk, thread: ThreadRow, answer: ExtractAnswer) -> None:
        """Put an answer below what the operator wrote, and aim at the event it is about."""
        desk.answer = answer
        if answer.draft_event is None or answer.action == "NOOP":
            return
        form = desk.form
        if not form.is_touched and (form.target is not None or form.draft is not None):
            discarded = form.discarded
            form = desk.form = self._desks.new_form(thread)
            form.discarded = discarded
        source = EventSource(
            thread_id=thread.id, account_id=thread.account_id, extraction_id=answer.message_id
        )
        form.propose(
            answer.draft_event,
            phone_e164=answer.phone_e164,
            source=source,
            request_id=answer.client_request_id or form.client_request_id,
        )
        if form.is_touched and form.target is not None:
            return
        stored = {}
        if phone := form.phone_e164:
            query = Query(EVENTS).where("phoneE164", "==", phone).order_by("date", "desc")
            documents = await self._services.store.query(query.limit(_MOST_EVENTS))
            stored = {document.id: read_event(document) for document in documents}
        decision = decide(
            Extraction(
                intent=answer.intent,
                action=answer.action,
                target_event_id=answer.target_event_id,
                event=answer.draft_event,
            ),
            [each.event for each in stored.values()],
        )
        desk.is_undecided = decision.action == "choose"
        form.aim(stored[decision.target.event_id] if decision.target else None)

    # -- other ways in ----------------------------------------------------------------------------

    async def new_event(self) -> None:
        """Begin an event that no message stands behind, unless something is written and not saved.

        What is written already would be lost, so it is to be saved or discarded first.
        """
        if self.thread is None:
            return
        if self._desk.form.is_touched:
            text = _("Save what is written with ctrl+s, or discard it with ctrl+r, first.")
            self.notify(text, severity="warning", markup=False)
            return
        self.cancel()
        self._desk = self._desks.clear(self.thread)
        await self._show()

    @on(EventEditor.Rewritten)
    async def _rewritten(self, event: EventEditor.Rewritten) -> None:
        event.stop()
        self._desks.keep(self.editor.form)
        await self._show()
        self.editor.focus_first()

    @on(FormView.Changed)
    def _written(self, event: FormView.Changed) -> None:
        event.stop()
        self._desks.keep(event.form)
        self._show_evidence()

    @on(EventEditor.EventSaved)
    def _saved(self, event: EventEditor.EventSaved) -> None:
        event.stop()
        self._desks.decide(event.form, is_undecided=False)

    @on(EventEditor.TargetChosen)
    def _target_chosen(self, event: EventEditor.TargetChosen) -> None:
        event.stop()
        self._desks.decide(event.form, is_undecided=event.is_undecided)

    @on(EventEditor.LeaveAsked)
    def _leave_asked(self, event: EventEditor.LeaveAsked) -> None:
        event.stop()
        if not self.cancel():
            self.post_message(self.EvidenceShown(()))
            self.post_message(self.Left())

    # -- where a value came from ------------------------------------------------------------------

    @on(EventEditor.FieldEntered)
    def _entered(self, event: EventEditor.FieldEntered) -> None:
        event.stop()
        self._field = event.field
        self._show_evidence()

    def _show_evidence(self) -> None:
        """Say where the value of the current field came from, and have it marked in the chat."""
        name = self._field if self.editor.has_focus_within else ""
        self._put_source(name)
        answer, form = self._desk.answer, self._desk.form
        is_drafts = form.draft is not None and not self._is_written(name)
        ids = messages_of(answer, name) if answer is not None and is_drafts else ()
        self.post_message(self.EvidenceShown(ids))

    def _is_written(self, name: str) -> bool:
        form = self._desk.form
        return name in form.written or (name == ROLES and form.role_lines is not None)

    def _put_source(self, name: str) -> None:
        answer = self._desk.answer
        spans: list[Span] = []
        if name and self._is_written(name):
            spans = [(" " + _("{field}: written by you").format(field=label_of(name)), "muted")]
        elif name and answer is not None and self._desk.form.draft is not None:
            ids = messages_of(answer, name)
            if ids:
                sure = confidence_of(answer, name)
                share = f", {percent(sure)}" if sure is not None else ""
                text = ngettext("{field}: from {n} message", "{field}: from {n} messages", len(ids))
                said = text.format(field=label_of(name), n=len(ids))
                spans = [(f" {said}{share}", "muted")]
        self._source.put(spans, [])

    def quote(self, text: str) -> None:
        """Show the message that the value of the current field came from."""
        left = [span for span in self._source.left if span[1] != "plain"]
        if said := clean_line(text[:_MOST_QUOTED]):
            left.append((f"  ▶ {said}", "plain"))
        self._source.put(left, [])

    # -- the head ---------------------------------------------------------------------------------

    def _put_title(self) -> None:
        left: list[Span] = [(" " + _("Event"), "strong")]
        right: list[Span] = []
        began = self._desk.began
        if self._ticking is not None:
            (self._ticking.resume if began else self._ticking.pause)()
        if began is not None:
            seconds = int((self._services.clock() - began).total_seconds())
            text = _("reading the conversation… {seconds} s").format(seconds=seconds)
            right = [(f"{text} · " + _("escape cancels") + " ", "busy")]
        elif self.thread is not None:
            left.append((f"  {clean_line(self.thread.name)}", "muted"))
        self._title.put(left, right)
