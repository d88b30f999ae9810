"""A conversation as it was, as an export tells it, and as the phone does."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bridge.chat_import.archive import Export, open_export
from bridge.chat_import.classify import Content
from bridge.chat_import.media import MediaFiles
from bridge.chat_import.people import People
from bridge.chat_import.reader import Exported
from bridge.chat_import.target import find_target, prepare_thread
from bridge.chat_import.write import ChatWriter, Outcome
from bridge.whatsapp.facts import (
    Chat,
    MessageSeen,
)
from core.model.documents import MessageType
from core.model.ids import messages_path
from core.service.chat import message_row
from core.store.port import Query
from tests.support.accounts import (
    NOW,
    PHONE,
    THREAD,
    Desk,
    a_desk,
    at,
    message,
)

CHAT = Chat(jid=PHONE)
PEOPLE = People(me="P", name="Ana", is_group=False, phone_e164="+40712345678")


@dataclass(frozen=True)
class Said:
    """A message of the conversation as it really was."""

    number: int
    seconds: int
    from_me: bool
    body: str
    type: MessageType = "text"

    @property
    def fact(self) -> MessageSeen:
        """As the history tells it, with a time that keeps the order within its second."""
        return message(
            f"WA{self.number}", self.body, seconds=self.seconds + self.number * 1e-6,
            from_me=self.from_me, type=self.type, is_history=True,
        )  # fmt: skip

    @property
    def exported(self) -> Exported:
        """As an Android phone exports it."""
        moment = at(self.seconds).replace(second=0, microsecond=0)
        content = Content(self.type, self.body, has_media=self.type != "text")
        sender = "P" if self.from_me else "Ana"
        return Exported(1, moment.replace(tzinfo=None), moment, sender, content)


async def take_in(
    desk: Desk, messages: Sequence[Exported], export: Export, *, people: People = PEOPLE
) -> Outcome:
    """Import messages as the command does."""
    target = await find_target(desk.store, "WA-01", people)
    await prepare_thread(desk.store, target, people)
    writer = ChatWriter(
        desk.store, target, MediaFiles(export, export.path.parent / "media"), people=people,
        has_seconds=False, region="RO", clock=lambda: NOW + timedelta(days=1),
    )  # fmt: skip
    outcome = Outcome()
    await writer.write(messages, outcome)
    return outcome


async def visible(desk: Desk) -> tuple[list[Any], dict[str, Any]]:
    """Return what an operator sees of the conversation and of its line in the inbox."""
    query = Query(messages_path(THREAD)).order_by("tsClient")
    rows = [message_row(document) for document in await desk.store.query(query)]
    seen = [
        (_second(row.moment), row.is_outbound, row.kind, row.body, row.status, row.is_revoked,
         row.is_edited, row.reactions, row.sender)
        for row in rows
    ]  # fmt: skip
    thread = await desk.thread()
    names = ("lastMessageText", "lastMessageDirection", "lastMessageStatus", "unreadCount")
    line = {name: thread.get(name) for name in names}
    line |= {name: _second(thread[name]) for name in ("lastMessageAt",) if thread.get(name)}
    return seen, line


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


@asynccontextmanager
async def an_imported_chat(folder: Path, *said: Said) -> AsyncIterator[tuple[Desk, Export]]:
    """A desk whose only conversation came by an import."""
    (folder / "chat.txt").write_text("")
    async with a_desk(folder) as desk:
        with open_export(folder / "chat.txt") as export:
            await take_in(desk, [one.exported for one in said], export)
            yield desk, export
