"""Handing messages to the bridge in order, and keeping those that it did not take."""

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from core.i18n import _
from core.identity.errors import IdentityError
from core.service.chat import UNSENT, Chat, MessageRow, QuoteView
from core.service.drafts import Draft, Drafts, DraftsUnusable, Unsent
from core.service.errors import BridgeUnreachable, ServiceError
from core.service.inbox import ThreadRow
from core.service.outgoing import Outgoing
from tui.later import later
from tui.services import Services

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.timer import Timer

    from core.service.callables import SendAnswer, SendRequest
    from tui.widgets.chat_pane import ChatPane

SAVE_PAUSE_SECONDS = 0.6
"""How long typing must rest before drafts are written down."""
TAKEN_SECONDS = 0.05
"""How long the bridge may take to have a message on disk before it is written down here too."""

_log = logging.getLogger(__name__)


class Sending:
    """The chat pane's way out: it sends, resolves, marks as read and keeps drafts."""

    def __init__(self, pane: "ChatPane", services: Services) -> None:
        self._pane = pane
        self._bridge = services.bridge
        self.drafts = Drafts(services.folder.drafts_file(services.session.uid))
        self.outgoing = Outgoing(self.drafts, services.session.uid, services.clock)
        self._locks: dict[str, asyncio.Lock] = {}
        self._under_way: dict[str, str] = {}
        """By client message id, the thread of what is being handed over."""
        self._save_timer: Timer | None = None

    def load(self) -> None:
        """Read the drafts of an earlier time; tell when they cannot be read."""
        try:
            self.drafts.load()
        except DraftsUnusable as error:
            self._complain(str(error))

    # -- drafts -----------------------------------------------------------------------------------

    def keep_draft(self, thread_id: str, draft: Draft) -> None:
        """Remember a draft now and write it down once the typing rests."""
        self.drafts.keep(thread_id, draft)
        self._save_after_rest()

    def keep_event(self, thread_id: str, form: bytes) -> None:
        """The same of the form of a thread's event, as JSON; an empty one forgets it."""
        self.drafts.keep_event(thread_id, form)
        self._save_after_rest()

    def _save_after_rest(self) -> None:
        if self._save_timer is not None:
            self._save_timer.stop()
        self._save_timer = self._pane.set_timer(SAVE_PAUSE_SECONDS, self.save_soon)

    def save_soon(self) -> None:
        """Write drafts down without making anybody wait."""
        self._pane.run_worker(
            self._save(), name="drafts-save", group="drafts-save",
            description="writes unsent texts down",
        )  # fmt: skip

    def save_now(self) -> None:
        """Write drafts down before leaving."""
        try:
            self.drafts.save()
        except DraftsUnusable as error:
            _log.error("drafts were not saved: %s", error)

    async def _save(self) -> None:
        snapshot = self.drafts.take_snapshot()
        if snapshot is None:
            return
        async with self._lock("drafts"):
            try:
                await asyncio.to_thread(self.drafts.write, snapshot)
            except DraftsUnusable as error:
                self._complain(str(error))

    # -- sending ----------------------------------------------------------------------------------

    def send(self, thread: ThreadRow, chat: Chat, text: str, quote: QuoteView | None) -> None:
        """Show a message at once and hand it to the bridge."""
        message = self.outgoing.write(thread, text, quote.message_id if quote else "")
        chat.add_pending(self.outgoing.row(message, "queued", quote))
        self._start(message, chat)

    def is_under_way(self, message: Unsent) -> bool:
        """Whether a message is being handed to the bridge right now."""
        return message.client_message_id in self._under_way

    def resolve(self, chat: Chat, row: MessageRow, action: str) -> str:
        """Settle a message; return the text of one given up before the bridge had it."""
        message = self.outgoing.find(row.id, chat.thread_id)
        if row.status == UNSENT and message is not None:
            if action == "retry":
                chat.mark_queued(row.id)
                self._start(message, chat)
                return ""
            self.outgoing.given_up(row.id, chat.thread_id)
            chat.drop_pending(row.id)
            self.save_soon()
            return message.text
        self._pane.run_worker(
            self._resolve(row.id, action), name="resolve", group="resolve",
            description="settles a message",
        )  # fmt: skip
        return ""

    async def mark_read(self, thread_id: str, message_id: str) -> bool:
        """Tell the bridge that a thread was seen; return whether it knows now."""
        from core.service.callables import MarkReadRequest  # noqa: PLC0415 - after the first frame

        request = MarkReadRequest(thread_id=thread_id, up_to_message_id=message_id or None)
        try:
            await self._bridge.call(request)
        except (ServiceError, IdentityError) as error:
            _log.info("a thread was not marked as read: %s", error)
            return False
        return True

    def _start(self, message: Unsent, chat: Chat) -> None:
        request = _request(message)
        taken: Callable[[], Awaitable[SendAnswer]] = partial(self._bridge.call, request)
        if message.thread_id not in self._under_way.values():  # else at its turn
            taken = self._bridge.begin(request)  # before the screen is painted
        self._under_way[message.client_message_id] = message.thread_id
        self._pane.run_worker(
            later(self._hand_over, message, chat, taken),
            name=f"send-{message.client_message_id[:8]}",
            group="send", description="hands a message to the bridge",
        )  # fmt: skip

    async def _hand_over(
        self, message: Unsent, chat: Chat, taken: "Callable[[], Awaitable[SendAnswer]]"
    ) -> None:
        loop = asyncio.get_running_loop()
        # Not at once: both would wait for one disk, and the bridge's is the write that counts.
        saving = loop.call_later(TAKEN_SECONDS, self.save_soon)
        try:
            async with self._lock(message.thread_id):
                await taken()
        except (ServiceError, IdentityError) as error:
            # What brings a bridge back is said under the accounts: here its keys are what helps.
            reason = error.message if isinstance(error, BridgeUnreachable) else str(error)
            self.outgoing.refused(message, reason)
            del self._under_way[message.client_message_id]
            self._shown_chat(chat).mark_unsent(self.outgoing.request_id(message), reason)
            self._pane.view.changed()
        else:
            self.outgoing.taken(message)
            del self._under_way[message.client_message_id]
        finally:
            saving.cancel()
        self.save_soon()

    def _shown_chat(self, chat: Chat) -> Chat:
        """Return the chat on the screen if it is the same thread opened anew."""
        shown = self._pane.chat
        return shown if shown is not None and shown.thread_id == chat.thread_id else chat

    async def _resolve(self, request_id: str, action: str) -> None:
        from core.service.callables import ResolveRequest  # noqa: PLC0415 - after the first frame

        match action:
            case "retry":
                request = ResolveRequest(request_id=request_id, action="retry")
            case "mark_sent":
                request = ResolveRequest(request_id=request_id, action="mark_sent")
            case _:
                request = ResolveRequest(request_id=request_id, action="cancel")
        try:
            await self._bridge.call(request)
        except (ServiceError, IdentityError) as error:
            self._complain(str(error))

    def _complain(self, text: str) -> None:
        self._pane.notify(text, title=_("Not done"), severity="error", markup=False)

    def _lock(self, name: str) -> asyncio.Lock:
        return self._locks.setdefault(name, asyncio.Lock())


def _request(message: Unsent) -> "SendRequest":
    from core.service.callables import SendRequest  # noqa: PLC0415 - after the first frame

    return SendRequest(
        thread_id=message.thread_id,
        account_id=message.account_id,
        to_jid=message.to_jid,
        text=message.text,
        client_message_id=message.client_message_id,
        quoted_message_id=message.quoted_id or None,
    )
