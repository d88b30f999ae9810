"""The inbox and the open chat: side by side in a wide window, one at a time in a narrow one."""

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Resize
from textual.timer import Timer

from core.errors import SettingsError
from core.i18n import _
from core.service.inbox import ThreadRow
from tui.commands.command import bindings_of
from tui.commands.conversations import CONVERSATION_COMMANDS
from tui.commands.crm import CRM_COMMANDS
from tui.later import later
from tui.screens.base import PlaceScreen
from tui.services import Services
from tui.shell import STYLES, WIDE_FROM
from tui.widgets.bubbles import copied_text
from tui.widgets.chat_pane import ChatPane
from tui.widgets.inbox_pane import InboxPane
from tui.widgets.thread_list import ThreadList
from tui.world import World

if TYPE_CHECKING:
    from tui.widgets.crm_panel.panel import CrmPanel

_NEED_THREADS = frozenset((
    "open_selected", "filter", "next_unread", "toggle_unread", "next_account", "extract",
    "toggle_panel", "new_event",
))  # fmt: skip
"""What can be done only where there is a conversation."""
PREVIEW_SECONDS = 0.15
"""How long the selection must rest before a wide window shows its chat."""
FOLLOW_SECONDS = 0.25
"""How long that chat must be looked at before it is followed: passing one then costs one read."""


class InboxScreen(PlaceScreen):
    """Who wrote, and what do I answer?"""

    AUTO_FOCUS = "#threads"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of(CONVERSATION_COMMANDS, "inbox"),
        *bindings_of(CRM_COMMANDS, "inbox"),
    ]

    def __init__(self, services: Services, world: World) -> None:
        super().__init__(services, world)
        self.inbox = InboxPane(services, world)
        self.chat = ChatPane(services, world)
        self.panel: CrmPanel | None = None
        """The event of the open chat; made when it is first asked for."""
        self._preview: Timer | None = None
        self._was_empty = True
        """Whether no conversation was ever there."""

    def compose_body(self) -> ComposeResult:
        """Lay out the two panes."""
        yield self.inbox
        yield self.chat

    async def on_mount(self) -> None:
        """Have the first windows ready for the first frame."""
        await self.inbox.start()
        await self._show_selected()
        await self._follow_chat()

    # -- going between threads --------------------------------------------------------------------

    @property
    def is_narrow(self) -> bool:
        """Whether there is room for one pane only."""
        return self.has_class("-narrow")

    def on_resize(self, event: Resize) -> None:
        """Show the pane that has the focus once there is room for one alone.

        Once there is more, the chat beside the list is that of the selected conversation.
        """
        is_wide = event.size.width >= WIDE_FROM
        if is_wide and self.is_narrow and not self.has_class("-chat"):
            self._show_in_passing()
        elif not is_wide and not self.is_narrow:
            is_in_panel = self.panel is not None and self.panel.has_focus_within
            self.set_class(is_in_panel, "-panel")
            self.set_class(is_in_panel or self.chat.has_focus_within, "-chat")

    @on(ThreadList.Selected)
    def _selected(self, event: ThreadList.Selected) -> None:
        event.stop()
        self._stop_preview()
        if self._was_empty:
            self._was_empty = False
            self.refresh_bindings()
        if not self.is_narrow:
            self._preview = self.set_timer(PREVIEW_SECONDS, self._show_in_passing)

    @on(ThreadList.Opened)
    def _opened(self, event: ThreadList.Opened) -> None:
        event.stop()
        self.app.call_later(self._open_and_write, event.thread_id)

    async def _open_and_write(self, thread_id: str) -> None:
        """Open a conversation and write.

        The app waits for this before it looks at the next key, so what is typed right after the
        enter key goes into the text and is not taken for commands of the list.
        """
        await self.open_thread(thread_id)
        await self.chat.compose_now()

    async def open_thread(self, thread_id: str) -> None:
        """Show a thread's chat, wherever the thread is."""
        self._stop_preview()
        self.inbox.list.reveal(thread_id)
        self.add_class("-chat")
        await self.chat.open(thread_id, self.inbox.list.inbox.get(thread_id))
        await self._follow_chat()

    def _show_in_passing(self) -> None:
        """Show the selected thread's chat; the screen goes on painting while it is read."""
        self.run_worker(
            later(self._pass_by),
            name="preview",
            group="preview",
            description="shows the chat of the selected conversation",
        )

    async def _pass_by(self) -> None:
        await self._show_selected(rest_seconds=FOLLOW_SECONDS)
        self.call_later(self._follow_chat)

    async def _show_selected(self, *, rest_seconds: float = 0.0) -> None:
        thread_id = self.inbox.list.selected_id
        if thread_id is not None:
            row = self.inbox.list.inbox.get(thread_id)
            await self.chat.open(thread_id, row, rest_seconds=rest_seconds)

    async def _follow_chat(self) -> None:
        """Have what stands beside the chat agree with it."""
        self.inbox.list.set_open(self.chat.thread_id)
        self.chat.presence.look()
        if self.panel is not None:
            await self.panel.open_thread(self.chat.thread)

    def _stop_preview(self) -> None:
        """Show nothing in passing any more, not even what is being read."""
        self.workers.cancel_group(self, "preview")
        if self._preview is not None:
            self._preview.stop()
            self._preview = None

    # -- commands ---------------------------------------------------------------------------------

    async def action_open_selected(self) -> None:
        """Open the selected conversation and write."""
        if (thread_id := self.inbox.list.selected_id) is not None:
            await self._open_and_write(thread_id)

    async def action_filter(self) -> None:
        """Find conversations by typing."""
        self.remove_class("-chat")
        await self.inbox.open_filter()

    async def action_next_unread(self) -> None:
        """Open the next unread conversation."""
        rows = self.inbox.unread
        others = [row for row in rows if row.id != self.chat.thread_id]
        if not others:
            self.notify(_("Nothing else is unread."), markup=False)
            return
        here = next((i for i, row in enumerate(rows) if row.id == self.chat.thread_id), -1)
        await self.open_thread(rows[(here + 1) % len(rows)].id if here >= 0 else others[0].id)
        self.set_focus(self.chat.view)

    def action_toggle_unread(self) -> None:
        """Show only unread conversations, or all."""
        self.remove_class("-chat")
        self.inbox.toggle_unread()

    async def action_next_account(self) -> None:
        """Show the next account's conversations."""
        self.remove_class("-chat")
        await self.inbox.next_account()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what there is something to do with, and to share a chat only to who may."""
        if action in _NEED_THREADS and self._was_empty:
            return False
        if action in ("co_writers", "hand_over", "take_over"):
            is_seen = self.has_class("-chat") or not self.is_narrow
            return is_seen and self.chat.sharing.may(action)
        if action != "leave" or not self.is_mounted:
            return True
        return self.chat.has_focus_within or self.inbox.is_filtered

    def action_leave(self) -> None:
        """Go back one step."""
        if self.chat.drop_quote() or (self.panel is not None and self.panel.cancel()):
            return
        if self.chat.has_focus_within:
            self.remove_class("-chat")
            self.set_focus(self.inbox.list)
            self.chat.presence.look()
        elif self.inbox.clear_filter():
            self.set_focus(self.inbox.list)

    # -- who answers ------------------------------------------------------------------------------

    @work(group="sharing", exclusive=True)
    async def action_co_writers(self) -> None:
        """Let a colleague write in the open chat, or no longer."""
        await self.chat.sharing.choose_co_writer()

    @work(group="sharing", exclusive=True)
    async def action_hand_over(self) -> None:
        """Make a colleague the one who answers."""
        await self.chat.sharing.choose_owner()

    @work(group="sharing", exclusive=True)
    async def action_take_over(self) -> None:
        """Answer the open chat oneself."""
        await self.chat.sharing.take_over()

    def on_chat_pane_closed(self) -> None:
        """Go back to the conversations that may be seen."""
        self._hide_panel()
        self.remove_class("-chat")
        self.inbox.list.set_open(None)
        self.set_focus(self.inbox.list)

    def on_screen_resume(self) -> None:
        """Be seen in the open chat again."""
        self.chat.presence.look()

    # -- the event beside the chat ----------------------------------------------------------------

    @property
    def client_phone(self) -> str:
        """The number of the client whose chat is open or selected; empty for a group."""
        return row.phone if (row := self._client_row) else ""

    @property
    def client_name(self) -> str:
        """What that client is called in the conversations."""
        return row.name if (row := self._client_row) else ""

    @property
    def _client_row(self) -> ThreadRow | None:
        """The open conversation, or the selected one where a narrow window shows the list."""
        selected = self.inbox.list.selected_id
        if self.is_narrow and not self.has_class("-chat") and selected is not None:
            return self.inbox.list.inbox.get(selected)
        return self.chat.thread

    @property
    def is_panel_shown(self) -> bool:
        """Whether the event is beside the chat."""
        return self.has_class("-panel")

    async def action_extract(self) -> None:
        """Read the event out of the open conversation."""
        if panel := await self._show_panel():
            panel.extract()
            panel.editor.focus_first()

    async def action_toggle_panel(self) -> None:
        """Show the event beside the chat, or hide it."""
        if self.is_panel_shown:
            self._hide_panel()
        elif panel := await self._show_panel():
            panel.editor.focus_first()

    async def action_new_event(self) -> None:
        """Fill in an event that no message stands behind."""
        if panel := await self._show_panel():
            await panel.new_event()
            panel.editor.focus_first()

    async def _show_panel(self) -> "CrmPanel | None":
        """Show the panel for the open chat, and return it; None when there is no chat."""
        selected = self.inbox.list.selected_id
        if self.is_narrow and not self.has_class("-chat") and selected is not None:
            await self.open_thread(selected)
        if self.chat.thread is None:
            self.notify(_("Open a conversation first."), markup=False)
            return None
        if self.panel is None:
            from tui.widgets.crm_panel.panel import CrmPanel  # noqa: PLC0415 - on first use

            try:
                self.panel = CrmPanel(self.services, self.world, self.chat.sending)
            except SettingsError as error:
                self.notify(str(error), severity="error", markup=False)
                return None
            self.app.stylesheet.read(STYLES / "panel.tcss")  # the first frame does without it
            self.app.stylesheet.parse()
            await self.mount(self.panel, after=self.chat)
        await self.panel.open_thread(self.chat.thread)
        self.add_class("-panel")
        return self.panel

    def _hide_panel(self) -> None:
        if self.panel is not None and self.panel.has_focus_within:
            self.set_focus(self.chat.view)
        self.remove_class("-panel")
        self.chat.view.mark_messages(())

    def on_crm_panel_left(self) -> None:
        """Go back to the conversation; a narrow window has room for that alone."""
        if self.is_narrow:
            self._hide_panel()
        self.set_focus(self.chat.view)

    def on_crm_panel_evidence_shown(self, event: "CrmPanel.EvidenceShown") -> None:
        """Mark in the chat where the value of the current field came from.

        A narrow window shows no chat beside the event, so the message is quoted there.
        """
        self.chat.view.mark_messages(event.message_ids)
        if self.is_narrow and self.panel is not None:
            newest, chat = next(reversed(event.message_ids), ""), self.chat.chat
            row = chat.get(newest) if chat is not None else None
            self.panel.quote(copied_text(row) if row is not None else "")
