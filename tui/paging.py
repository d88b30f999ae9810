"""Reading on in the open chat: up, down, to a message far back, and to the newest again."""

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from core.service.chat import Chat
from core.store.errors import StoreError
from tui.later import later
from tui.services import Services

if TYPE_CHECKING:
    from tui.widgets.chat_pane import ChatPane

Direction = Literal["older", "newer"]


class Paging:
    """Reads what the chat pane does not hold yet, a page at a time."""

    def __init__(self, pane: "ChatPane", services: Services) -> None:
        self._pane = pane
        self._store = services.store
        self._next: Direction | None = None
        """Where to read on once the page has come that is being read."""

    def read(self, direction: Direction) -> None:
        """Read a page; while another one is being read, after that."""
        chat, workers = self._pane.chat, self._pane.workers
        if chat is None:
            return
        if any(worker.group == "chat-page" and worker.is_running for worker in workers):
            self._next = direction
            return
        self._next = None
        self._pane.run_worker(
            later(self._read, chat, direction),
            name=f"chat-{direction}",
            group="chat-page",
            description="reads more messages",
        )

    async def _read(self, chat: Chat, direction: Direction) -> None:
        read = chat.read_older if direction == "older" else chat.read_newer
        try:
            await read(self._store)
        except StoreError as error:
            self._pane.show_problem(str(error))
        if chat is self._pane.chat:
            self._pane.view.changed()
            if self._next not in (None, direction):
                self._pane.call_later(self.read, self._next)

    async def to_newest(self) -> None:
        """Go to the newest messages and stay there."""
        if (chat := self._pane.chat) is None:
            return
        try:
            await chat.read_newest(self._store)
        except StoreError as error:
            self._pane.show_problem(str(error))
        if chat is self._pane.chat:
            self._pane.view.go_to_end()

    async def to_message(self, moment: datetime, message_id: str) -> None:
        """Go to a message, wherever in the history it is."""
        if (chat := self._pane.chat) is None:
            return
        if chat.get(message_id) is None:
            try:
                await chat.read_around(self._store, moment)
            except StoreError as error:
                self._pane.show_problem(str(error))
        if chat is self._pane.chat:
            self._pane.view.reveal(message_id)
