"""The open chat: its head, its messages and the text field, fed by the store and the bridge."""

from datetime import datetime

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from core.i18n import _
from core.model.ids import message_path, thread_path
from core.service.chat import UNSENT, Chat, MessageRow, QuoteView
from core.service.drafts import Draft
from core.service.inbox import ThreadRow, thread_row
from core.store.errors import StoreError
from core.store.port import Snapshot
from tui.commands.conversations import CONVERSATION_COMMANDS
from tui.events import WatchDelivered
from tui.later import later
from tui.live import Outages
from tui.paging import Paging
from tui.presence import Presence
from tui.sending import Sending
from tui.services import Services
from tui.sharing import Sharing
from tui.widgets.bubbles import copied_text
from tui.widgets.chat_head import ChatHead
from tui.widgets.chat_view import ChatView
from tui.widgets.composer import Composer
from tui.world import World


class ChatPane(Vertical):
    """What do I answer?"""

    BLANK = True  # what it holds covers it: Textual need not paint it line by line

    class Closed(Message):
        """The chat was closed because the operator may not see it any more."""

    def __init__(self, services: Services, world: World) -> None:
        super().__init__(id="chat-pane")
        self._services = services
        self._world = world
        self._team = world.team
        self.thread: ThreadRow | None = None
        self.chat: Chat | None = None
        chosen = services.settings.console.keys
        keys = {
            command.id: chosen.get(command.id, command.key).partition(",")[0]
            for command in CONVERSATION_COMMANDS
        }
        self.view = ChatView(services.clock, services.zone, keys, id="messages")
        self.view.leave_downwards = self.focus_composer
        self.view.answer = self._answer
        self.composer = Composer(self._go_up, id="composer")
        self._title = ChatHead(services, world)
        self.sending = Sending(self, services)
        self.sharing = Sharing(self, services, world)
        self.presence = Presence(self, services, world)
        self._paging = Paging(self, services)
        self._problem = ""
        self._outages = Outages()
        self._told_read = ""

    def compose(self) -> ComposeResult:
        """Put head, messages and field one below the other."""
        yield self._title
        yield self.view
        yield self.composer

    def on_mount(self) -> None:
        """Have the drafts of an earlier time at hand."""
        self.sending.load()
        self.presence.begin()
        self._world.listen(self, self._world_changed)

    async def on_unmount(self) -> None:
        """Lose no text, and be seen here no longer."""
        self._save_drafts()
        await self.presence.leave()

    def _save_drafts(self) -> None:
        self._keep_draft_text()
        self.sending.save_now()

    @property
    def thread_id(self) -> str | None:
        """The thread whose chat is open."""
        return self.thread.id if self.thread else None

    # -- opening ----------------------------------------------------------------------------------

    async def open(
        self, thread_id: str, row: ThreadRow | None, *, rest_seconds: float = 0.0
    ) -> None:
        """Show a thread's chat at its end; the draft of the one before is kept.

        It is followed once it has been open for `rest_seconds`. One that cannot be found is said.
        """
        if thread_id == self.thread_id:
            return
        store = self._services.store
        chat = Chat(thread_id)
        problem = ""
        try:
            if row is None and (document := await store.get(thread_path(thread_id))) is not None:
                row = thread_row(document)
            await chat.read_head(store)
            await self._add_unsent(chat)
        except StoreError as error:
            problem = str(error)
        if row is None:
            said = problem or _("This conversation is not here any more.")
            self.notify(said, severity="warning", markup=False)
            return
        self._keep_draft()  # what was typed until now is for the chat before
        self.thread, self.chat, self._problem = row, chat, problem
        self._outages.forget("chat", "thread")
        self.view.show(chat, is_group=row.is_group)
        draft = self.sending.drafts.draft(thread_id)
        self.composer.put(draft, self._quote(draft.quoted_id), thread_id)
        self._office_changed()
        for name, target in (("chat", chat.head_query), ("thread", thread_path(thread_id))):
            self._world.live.watch(name, target, self, tag=thread_id, rest_seconds=rest_seconds)
        self._tell_read()

    def close(self, reason: str) -> None:
        """Show no chat any more; what was written in it is kept."""
        self._save_drafts()
        for name in ("chat", "thread"):
            self._world.live.unwatch(name)
        self.thread = self.chat = None
        self.view.show(None, is_group=False)
        self.composer.put(Draft(""), None, "")
        self._office_changed()
        self.notify(reason, severity="warning", markup=False)
        self.post_message(self.Closed())

    async def reveal(self, moment: datetime, message_id: str) -> None:
        """Go to a message of the open chat, wherever in its history it is."""
        await self._paging.to_message(moment, message_id)

    async def _add_unsent(self, chat: Chat) -> None:
        """Show what the bridge did not take over, unless it did after all."""
        for message in self.sending.drafts.unsent(chat.thread_id):
            row = self.sending.outgoing.row(message, UNSENT)
            path = message_path(chat.thread_id, row.id)
            if await self._services.store.get(path) is not None:
                self.sending.outgoing.taken(message)
            elif self.sending.is_under_way(message):
                chat.add_pending(self.sending.outgoing.row(message, "queued"))
            else:
                chat.add_pending(row)

    def focus_composer(self) -> None:
        """Let the operator write."""
        self.composer.focus_editor()

    async def compose_now(self) -> None:
        """Let the operator write, with the text field there when this returns."""
        await self.composer.bring_editor()
        self.composer.focus_editor()

    def drop_quote(self) -> bool:
        """Make the text answer nothing; return whether it did answer a message."""
        if self.composer.quote is None or not self.composer.has_editor_focus:
            return False
        self.composer.set_quote(None)
        self._keep_draft()
        return True

    # -- what the store says ----------------------------------------------------------------------

    @on(WatchDelivered)
    def _delivered(self, event: WatchDelivered) -> None:
        if event.tag != self.thread_id or self.chat is None:
            return
        snapshot = event.snapshot
        self._outages.note(event)
        if event.name == "thread":
            self._thread_delivered(snapshot)
        elif snapshot.is_live and self.chat.take_head(snapshot.documents):
            self.view.changed()
            self._tell_read()
        self.show_problem(self._outages.reason)

    def _thread_delivered(self, snapshot: Snapshot) -> None:
        if snapshot.is_live and snapshot.documents:
            row = thread_row(snapshot.documents[0])
            if row != self.thread:
                self.thread = row
                self._office_changed()
                self._tell_read()

    @on(ChatView.NearStart)
    def _near_start(self, event: ChatView.NearStart) -> None:
        event.stop()
        self._paging.read("older")

    @on(ChatView.NearEnd)
    def _near_end(self, event: ChatView.NearEnd) -> None:
        event.stop()
        self._paging.read("newer")

    @on(ChatView.NewestAsked)
    async def _newest_asked(self, event: ChatView.NewestAsked) -> None:
        event.stop()
        await self._paging.to_newest()

    # -- the field --------------------------------------------------------------------------------

    @on(Composer.Submitted)
    def _submitted(self, event: Composer.Submitted) -> None:
        event.stop()
        if self.thread is None or self.chat is None or event.thread_id != self.thread.id:
            # Another chat was opened meanwhile: never send to anybody else, and lose nothing.
            self.sending.keep_draft(event.thread_id, Draft(event.text))
            return
        self.presence.typed(is_typing=False)
        self.sending.send(self.thread, self.chat, event.text, event.quote)
        self._keep_draft()
        self.view.action_newest()

    @on(Composer.Changed)
    def _typed(self, event: Composer.Changed) -> None:
        event.stop()
        text = self.composer.text
        if self.thread_id is not None and text != self.sending.drafts.draft(self.thread_id).text:
            self.presence.typed(is_typing=bool(text))  # else it is a draft that was put there
        self._keep_draft()

    @on(Composer.Refused)
    def _refused(self, event: Composer.Refused) -> None:
        event.stop()
        self.notify(event.reason, title=_("Not sent"), severity="warning", markup=False)

    def _keep_draft(self) -> None:
        if self.thread_id is not None:
            self.sending.keep_draft(self.thread_id, self.composer.draft)

    def _keep_draft_text(self) -> None:
        if self.thread_id is not None:
            self.sending.drafts.keep(self.thread_id, self.composer.draft)

    # -- acting on messages -----------------------------------------------------------------------

    @on(ChatView.CursorMoved)
    def _cursor_moved(self, event: ChatView.CursorMoved) -> None:
        event.stop()
        self.refresh_bindings()

    def _answer(self, row: MessageRow) -> None:
        """Let the operator write what answers a message."""
        self.composer.set_quote(self._quote(row.id))
        self._keep_draft()
        self.focus_composer()

    @on(ChatView.CopyAsked)
    def _copy_asked(self, event: ChatView.CopyAsked) -> None:
        event.stop()
        self.app.copy_to_clipboard(copied_text(event.row))
        self.notify(_("Copied."), markup=False, timeout=2)

    @on(ChatView.ResolveAsked)
    def _resolve_asked(self, event: ChatView.ResolveAsked) -> None:
        event.stop()
        if self.chat is None:
            return
        text = self.sending.resolve(self.chat, event.row, event.action)
        if text and not self.composer.text.strip():
            self.composer.put(Draft(text), None, self.chat.thread_id)
            self._keep_draft()
        self.view.changed()

    def _quote(self, message_id: str) -> QuoteView | None:
        row = self.chat.get(message_id) if self.chat and message_id else None
        if row is None:
            return QuoteView(message_id, "", "") if message_id else None
        return QuoteView(row.id, self._who(row), " ".join(copied_text(row).split())[:200])

    def _who(self, row: MessageRow) -> str:
        if row.is_outbound:
            return ""
        return row.sender or (self.thread.name if self.thread else "")

    # -- read or not ------------------------------------------------------------------------------

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Being in the chat is reading it."""
        self._title.add_class("-active")
        self._tell_read()

    def on_descendant_blur(self) -> None:
        """Show that the focus left."""
        self._title.set_class(self.has_focus_within, "-active")

    def _go_up(self) -> None:
        """Go from the text to the messages; what was typed right after that is for them."""
        self.screen.set_focus(self.view)
        self.view.action_cursor(-1)

    def _tell_read(self) -> None:
        """Tell the bridge that the operator has seen the chat, once for each newest message.

        Whoever may only read leaves it unread for those who answer.
        """
        if not self.thread or not self.chat or not self.thread.unread or self._refusal():
            return
        if not self.has_focus_within or not self.app.app_focus:
            return
        newest = next(
            (row.id for row in reversed(list(self.chat.rows())) if not row.is_outbound), ""
        )
        mark = f"{self.thread.id} {newest}"
        if mark != self._told_read:
            self._told_read = mark
            self.run_worker(
                later(self._mark_read, self.thread.id, newest),
                name="mark-read",
                group="mark-read",
                description="tells the bridge what was read",
            )

    async def _mark_read(self, thread_id: str, message_id: str) -> None:
        if not await self.sending.mark_read(thread_id, message_id):
            self._told_read = ""

    # -- who else is here, and who may write ------------------------------------------------------

    def _world_changed(self) -> None:
        team = self._world.team
        if team.is_shut_out:
            self._save_drafts()
        elif self.thread is not None and not team.may_see(self.thread.account_id):
            self.close(_("You no longer see the conversations of this account."))
        if team is not self._team:
            self._team = team
            self._office_changed()
        self.presence.look()

    def _office_changed(self) -> None:
        """Show who answers, and follow who else is here where anybody could be."""
        self.composer.refuse(self._refusal())
        self._put_title()
        self.presence.look()
        self.screen.refresh_bindings()

    def _refusal(self) -> str:
        """Return why the operator may not write in the open chat; empty when they may."""
        thread, team = self.thread, self._world.team
        if thread is None or team.may_write(
            thread.account_id, thread.owner_uid, thread.co_writer_uids
        ):
            return ""
        text = _("{name} answers this conversation: you may read it, not write.")
        return text.format(name=team.name(thread.owner_uid))

    def show_problem(self, problem: str) -> None:
        """Say in the head what keeps the chat from being live; empty when nothing does."""
        if problem != self._problem:
            self._problem = problem
            self._put_title()

    def _put_title(self) -> None:
        self._title.show(self.thread, self._problem)
