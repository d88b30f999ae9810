"""Adds the messages of one export to a thread, in small commits, next to a bridge that runs."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bridge.chat_import.classify import Content
from bridge.chat_import.media import MediaFiles, describe
from bridge.chat_import.merge import Known, Matcher, Named, Namer, Placer, known_from
from bridge.chat_import.people import People, parse_phone
from bridge.chat_import.reader import Exported
from bridge.chat_import.target import Target
from core.i18n import _
from core.model.documents import Media, Message, from_document, to_data
from core.model.ids import Jid, message_path, messages_path, thread_path
from core.store.errors import AlreadyExists, PreconditionFailed
from core.store.port import (
    DELETE_FIELD,
    SERVER_TIMESTAMP,
    Create,
    Query,
    Store,
    Transaction,
    Update,
    Write,
)
from core.text import clean_line

BATCH = 250
"""Messages a commit, or a few more."""
_LARGEST_BATCH = 490
"""The store's limit is 500 writes."""
_LONGEST_PREVIEW = 200
"""Characters of a thread's last message."""


@dataclass(slots=True)
class Outcome:
    """What became of the messages of one export."""

    added: int = 0
    known: int = 0
    """Which the store held already."""
    improved: int = 0
    """Known ones that got their file, their edit or their deletion."""
    files: int = 0
    types: Counter[str] = field(default_factory=Counter)
    """Of the added ones."""
    first: datetime | None = None
    last: datetime | None = None
    missing_files: int = 0
    """Attachments that the export names but does not hold."""


@dataclass(slots=True)
class _Batch:
    writes: list[Write]
    outcome: Outcome
    latest: "_Latest | None" = None


@dataclass(frozen=True, slots=True)
class _Latest:
    """The newest message so far, written now or known before: an import may have been cut off."""

    at: datetime
    message: Message | Known


class ChatWriter:
    """Writes one export into one thread."""

    def __init__(
        self,
        store: Store,
        target: Target,
        media: MediaFiles,
        *,
        people: People,
        has_seconds: bool,
        region: str,
        dry_run: bool = False,
    ) -> None:
        self._store = store
        self._target = target
        self._media = media
        self._region = region
        self._is_group = people.is_group
        self._dry_run = dry_run
        chat = people.phone_e164 or str(target.jid)
        self._namer = Namer(target.account_id, chat, people.me, is_group=people.is_group)
        self._matcher = Matcher(has_seconds=has_seconds)
        self._placer = Placer()
        self._senders: dict[str, str] = {}
        self._last_inbound: datetime | None = None

    async def write(self, messages: Iterable[Exported], outcome: Outcome) -> None:
        """Add the messages, counting in `outcome` as it goes; safe to repeat after any stop."""
        latest: _Latest | None = None
        for batch in _batched(messages):
            done = await self._write_batch([self._namer.name(each) for each in batch])
            _add(outcome, done.outcome)
            if done.latest and (latest is None or done.latest.at >= latest.at):
                latest = done.latest
            await asyncio.sleep(0)  # lets watches and stop requests through between commits
        if latest is not None and not self._dry_run:
            await self._show_latest(latest.message)

    async def _write_batch(self, batch: Sequence[Named]) -> _Batch:
        stored = await self._stored(batch)
        found = self._matcher.match(batch, stored)
        plan = self._plan(batch, found)
        if self._dry_run or not plan.writes:
            return plan
        try:
            await self._store.commit(plan.writes)
        except (AlreadyExists, PreconditionFailed):
            for write in plan.writes:  # somebody else wrote into the same moments: one by one
                await self._commit_one(write)
        return plan

    async def _commit_one(self, write: Write) -> None:
        try:
            await self._store.commit([write])
        except AlreadyExists:
            return  # the same message, added by another import
        except PreconditionFailed:
            assert isinstance(write, Update)
            await self._store.commit([Update(write.path, write.fields)])

    async def _stored(self, batch: Sequence[Named]) -> list[Known]:
        if not self._target.exists and self._dry_run:
            return []
        path = messages_path(self._target.thread_id)
        times = [named.exported.at for named in batch]
        documents = await self._store.query(
            Query(path)
            .where("tsClient", ">=", min(times) - self._matcher.margin)
            .where("tsClient", "<=", max(times) + self._matcher.precision + self._matcher.margin)
            .order_by("tsClient")
        )
        there = {document.id for document in documents}
        wanted = [
            message_path(self._target.thread_id, named.message_id)
            for named in batch
            if named.message_id not in there
        ]  # an earlier import with another time zone put them elsewhere
        documents += [each for each in await self._store.get_all(wanted) if each is not None]
        return [known for document in documents if (known := known_from(document))]

    def _plan(self, batch: Sequence[Named], found: Sequence[Known | None]) -> _Batch:
        plan = _Batch([], Outcome())
        for named, known in zip(batch, found, strict=True):
            slot = named.exported.at
            at = self._placer.place(slot, known.at if known else None, self._matcher.precision)
            plan.outcome.first = plan.outcome.first or at
            plan.outcome.last = at
            is_newest = plan.latest is None or at >= plan.latest.at
            if named.direction == "inbound":
                self._last_inbound = max(self._last_inbound or at, at)
            if known is not None:
                plan.outcome.known += 1
                self._improve(named, known, plan)
                if is_newest and known.type != "system":
                    plan.latest = _Latest(at, known)
                continue
            message = self._message(named, at, plan.outcome)
            plan.outcome.added += 1
            self._matcher.note_added(named.message_id)
            plan.outcome.types[message.type] += 1
            if is_newest and message.type != "system":
                plan.latest = _Latest(at, message)
            path = message_path(self._target.thread_id, message.message_id)
            plan.writes.append(Create(path, {**to_data(message), "createdAt": SERVER_TIMESTAMP}))
        return plan

    def _message(self, named: Named, at: datetime, outcome: Outcome) -> Message:
        content = named.exported.content
        is_notice = not named.exported.sender
        return Message(
            message_id=named.message_id,
            account_id=self._target.account_id,
            client_jid=str(self._target.jid),
            sender_jid="" if is_notice else self._sender_jid(named),
            sender_name=named.exported.sender.removeprefix("~").strip(),
            direction=named.direction,
            type=content.type,
            body=content.body or self._stand_in(content),
            media=self._file(named, named.message_id, outcome),
            is_edited=content.is_edited,
            is_revoked=content.is_revoked,
            ts_client=at,
            status="sent" if named.direction == "outbound" and content.type != "system" else None,
        )

    @staticmethod
    def _stand_in(content: Content) -> str:
        """Return the honest line for something whose kind the export does not even tell."""
        is_unknown = content.type == "unsupported"
        return _("Media that the export does not hold.") if is_unknown else ""

    def _file(self, named: Named, message_id: str, outcome: Outcome) -> Media | None:
        content = named.exported.content
        if not self._media.has(content.file_name):
            outcome.missing_files += bool(content.file_name)
            return describe(content.file_name, content.has_media)
        outcome.files += 1
        if self._dry_run:
            return describe(content.file_name, True)
        return self._media.keep(content.file_name, message_id)

    def _sender_jid(self, named: Named) -> str:
        if named.direction == "outbound":
            return ""
        if not self._is_group:
            return str(self._target.jid)
        name = named.exported.sender
        if name not in self._senders:
            phone = parse_phone(name, self._region)
            self._senders[name] = str(Jid.of_phone(phone)) if phone else ""
        return self._senders[name]

    def _improve(self, named: Named, known: Known, plan: _Batch) -> None:
        """Give a known message what only the export has: a file, a later edit, a deletion."""
        content = named.exported.content
        fields: dict[str, object] = {}
        data = known.document.data
        if content.is_revoked and not data.get("isRevoked"):
            fields["isRevoked"] = True
        if content.is_edited and content.type == "text" and not data.get("isEdited"):
            fields |= {"isEdited": True, "body": content.body}
        if data.get("isPlaceholder") and content.type != "unsupported":
            shown = describe(content.file_name, content.has_media)
            fields |= {"isPlaceholder": DELETE_FIELD, "type": content.type, "body": content.body}
            fields |= {"media": to_data(shown)} if shown else {}
        held = data.get("media") or {}
        if self._media.has(content.file_name) and not held.get("localPath"):
            media = self._file(named, known.message_id, plan.outcome)
            assert media is not None
            filled = {**to_data(media), **{key: value for key, value in held.items() if value}}
            fields["media"] = filled
        if fields:
            path = known.document.path
            plan.outcome.improved += 1
            plan.writes.append(Update(path, fields, update_time=known.document.update_time))

    async def _show_latest(self, newest: Message | Known) -> None:
        latest = from_document(newest.document, Message) if isinstance(newest, Known) else newest
        path = thread_path(self._target.thread_id)

        async def body(transaction: Transaction) -> None:
            thread = await transaction.get(path)
            if thread is None:
                return
            fields: dict[str, object] = {}
            before = thread.data.get("lastMessageAt")
            if before is None or before < latest.ts_client:
                fields = _summary(latest)
            heard = thread.data.get("lastInboundAt")
            if self._last_inbound and (heard is None or heard < self._last_inbound):
                fields["lastInboundAt"] = self._last_inbound
            if fields:
                transaction.write(Update(path, {**fields, "updatedAt": SERVER_TIMESTAMP}))

        await self._store.transact(body)


def _summary(latest: Message) -> dict[str, object]:
    """Return what a thread tells of its newest message, the same as the ingest does."""
    return {
        "lastMessageAt": latest.ts_client,
        "lastMessageId": latest.message_id,
        "lastMessageText": preview(latest),
        "lastMessageType": latest.type,
        "lastMessageDirection": latest.direction,
        "lastMessageStatus": latest.status if latest.direction == "outbound" else None,
    }


def preview(message: Message) -> str:
    """Return the one line that stands for a message in a list of threads."""
    text = clean_line(message.body[: 2 * _LONGEST_PREVIEW])[:_LONGEST_PREVIEW]
    if text or (message.media and message.media.file_name):
        return text or clean_line(message.media.file_name if message.media else "")
    return {
        "image": _("Photo"),
        "video": _("Video"),
        "audio": _("Audio"),
        "voice": _("Voice message"),
        "document": _("Document"),
        "sticker": _("Sticker"),
        "contact": _("Contact"),
    }.get(message.type, "")


def _batched(messages: Iterable[Exported]) -> Iterator[list[Exported]]:
    """Yield batches that do not part messages of one printed time: those are matched together."""
    batch: list[Exported] = []
    for message in messages:
        is_full = len(batch) >= BATCH and message.at != batch[-1].at
        if is_full or len(batch) >= _LARGEST_BATCH:
            yield batch
            batch = []
        batch.append(message)
    if batch:
        yield batch


def _add(total: Outcome, part: Outcome) -> None:
    total.added += part.added
    total.known += part.known
    total.improved += part.improved
    total.files += part.files
    total.missing_files += part.missing_files
    total.types.update(part.types)
    total.first = min((each for each in (total.first, part.first) if each), default=None)
    total.last = max((each for each in (total.last, part.last) if each), default=None)
