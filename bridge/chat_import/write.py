"""Adds the messages of one export to a thread, in small commits, next to a bridge that runs."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bridge.chat_import.classify import Content
from bridge.chat_import.errors import ImportRefused
from bridge.chat_import.matching import (
    EXPORT_PRECISION,
    EXPORT_TEXT,
    IMPORTED_FROM,
    IMPORTED_UNTIL,
    Matcher,
    comparable,
    is_from_export,
    known_from,
)
from bridge.chat_import.media import MediaFiles, describe
from bridge.chat_import.naming import Named, Namer
from bridge.chat_import.people import People, parse_phone
from bridge.chat_import.placing import Placer
from bridge.chat_import.reader import Exported
from bridge.chat_import.target import Target
from bridge.ingest import threads
from core.clock import EPOCH, Clock
from core.i18n import _
from core.model.documents import Heading, Media, Message, to_data
from core.model.ids import Jid, message_path, messages_path, thread_path
from core.store.port import (
    DELETE_FIELD,
    SERVER_TIMESTAMP,
    Create,
    Data,
    Document,
    Query,
    Reader,
    Store,
    Transaction,
    Update,
    Write,
)

BATCH = 250
"""Messages a commit, or a few more."""
_ATTEMPTS = 100
"""At a commit: the messages that come in meanwhile go first."""
_LARGEST_BATCH = 490
"""The store's limit is 500 writes."""
_MOST_TEXT = 1024 * 1024
"""Characters a commit; the cloud takes 10 MiB, and a character may have four bytes."""


@dataclass(slots=True)
class Outcome:
    """What became of the messages of one export."""

    added: int = 0
    known: int = 0
    """Which the store held already."""
    improved: int = 0
    """Known ones that were given something that only the export has."""
    files: int = 0
    first: datetime | None = None
    last: datetime | None = None
    missing_files: int = 0
    """Attachments that the export names but does not hold."""


@dataclass(frozen=True, slots=True)
class _Latest:
    """The newest message so far, written now or known before: an import may have been cut off."""

    at: datetime
    message: Data


@dataclass(slots=True)
class _Plan:
    """What one attempt at a batch comes to."""

    matcher: Matcher
    placer: Placer
    writes: list[Write] = field(default_factory=list)
    outcome: Outcome = field(default_factory=Outcome)
    latest: _Latest | None = None
    last_inbound: datetime | None = None


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
        clock: Clock,
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
        self._clock = clock
        self._matcher = Matcher(timedelta(seconds=1 if has_seconds else 60))
        self._placer = Placer()
        self._senders: dict[str, str] = {}
        self._last_inbound: datetime | None = None

    async def write(self, messages: Iterable[Exported], outcome: Outcome) -> None:
        """Add the messages, counting in `outcome` as it goes; safe to repeat after any stop."""
        latest: _Latest | None = None
        for batch in _batched(messages):
            done = await self._write_batch([self._namer.name(each) for each in batch])
            self._matcher, self._placer = done.matcher, done.placer
            self._last_inbound = _later(self._last_inbound, done.last_inbound)
            _add(outcome, done.outcome)
            if done.latest and (latest is None or done.latest.at >= latest.at):
                latest = done.latest
            await asyncio.sleep(0)  # lets watches and stop requests through between commits
        if latest is not None and not self._dry_run:
            await self._show_latest(latest.message)

    async def _write_batch(self, batch: Sequence[Named]) -> _Plan:
        if self._dry_run:
            return self._plan(batch, await self._stored(self._store, batch))

        async def attempt(transaction: Transaction) -> _Plan:
            # The bridge looks at the same marks and moments before it adds a message, so that
            # of two that add the same one, one has to look again.
            thread = await transaction.get(thread_path(self._target.thread_id))
            marks = self._marks(thread, batch)
            plan = self._plan(batch, await self._stored(transaction, batch))
            transaction.write(*plan.writes, *marks)
            return plan

        return await self._store.transact(attempt, attempts=_ATTEMPTS)

    def _marks(self, thread: Document | None, batch: Sequence[Named]) -> list[Write]:
        """Return the write by which the thread tells from when to when it has imported messages.

        An export ends at the latest now, and so does what it can bring. Raises ImportRefused when
        the thread became part of another meanwhile.
        """
        path = thread_path(self._target.thread_id)
        data = thread.data if thread is not None else {}
        if data.get("mergedInto"):
            raise ImportRefused(
                _("The conversation was joined with another meanwhile."),
                hint=_("Import the chat again: what is there already is not added twice."),
            )
        times = [named.exported.at for named in batch]
        begin, end = min(times), max(*times, self._clock())
        known_begin = data.get(IMPORTED_FROM, datetime.max.replace(tzinfo=UTC))
        known_end = data.get(IMPORTED_UNTIL, EPOCH)
        if known_begin <= begin and max(times) <= known_end:
            return []
        marks = {IMPORTED_FROM: min(known_begin, begin), IMPORTED_UNTIL: max(known_end, end)}
        return [Update(path, {**marks, "updatedAt": SERVER_TIMESTAMP})]

    async def _stored(self, reader: Reader, batch: Sequence[Named]) -> dict[str, Document]:
        """Return by id what the store holds around the times of a batch."""
        if not self._target.exists and self._dry_run:
            return {}
        path = messages_path(self._target.thread_id)
        times = [named.exported.at for named in batch]
        documents = await reader.query(
            Query(path)
            .where("tsClient", ">=", min(times) - self._matcher.margin)
            .where("tsClient", "<=", max(times) + self._matcher.precision + self._matcher.margin)
            .order_by("tsClient")
        )
        stored = {document.id: document for document in documents}
        wanted = [
            message_path(self._target.thread_id, named.message_id)
            for named in batch
            if named.message_id not in stored
        ]  # an earlier import with another time zone put them elsewhere
        found = await reader.get_all(wanted) if wanted else []
        return stored | {document.id: document for document in found if document is not None}

    def _plan(self, batch: Sequence[Named], stored: dict[str, Document]) -> _Plan:
        plan = _Plan(self._matcher.fork(), self._placer.fork())
        known = [each for document in stored.values() if (each := known_from(document))]
        printed = [
            replace(named.printed, size=self._media.size(named.exported.content.file_name))
            for named in batch
        ]
        found = plan.matcher.match(printed, known)
        for named, same in zip(batch, found, strict=True):
            slot = named.exported.at
            at = plan.placer.place(slot, same.at if same else None, plan.matcher.precision)
            plan.outcome.first = plan.outcome.first or at
            plan.outcome.last = at
            is_newest = plan.latest is None or at >= plan.latest.at
            if named.direction == "inbound":
                plan.last_inbound = _later(plan.last_inbound, at)
            if same is not None:
                plan.outcome.known += 1
                data = self._improve(named, stored[same.message_id], plan)
                if is_newest and same.type != "system":
                    plan.latest = _Latest(at, data)
                continue
            data = to_data(self._message(named, at, plan.outcome))
            plan.outcome.added += 1
            plan.matcher.note_added(named.message_id)
            if is_newest and data["type"] != "system":
                plan.latest = _Latest(at, data)
            path = message_path(self._target.thread_id, named.message_id)
            created = {**data, **self._origin(named), "createdAt": SERVER_TIMESTAMP}
            plan.writes.append(Create(path, created))
        return plan

    def _origin(self, named: Named) -> dict[str, object]:
        """Return the fields by which the ingest knows an imported message again."""
        seconds = int(self._matcher.precision.total_seconds())
        fields: dict[str, object] = {EXPORT_PRECISION: seconds}
        text = named.printed.text
        if text != comparable(named.exported.content.body):
            fields[EXPORT_TEXT] = text
        return fields

    def _message(self, named: Named, at: datetime, outcome: Outcome) -> Message:
        content = named.exported.content
        is_notice = not named.exported.sender
        return Message(
            message_id=named.message_id,
            account_id=self._target.account_id,
            client_jid=str(self._target.jid),
            sender_jid="" if is_notice else self._sender_jid(named),
            sender_name=_shown_sender(named),
            direction=named.direction,
            type=content.type,
            heading=self._heading(content),
            body=content.body,
            media=self._file(named, named.message_id, outcome),
            is_edited=content.is_edited,
            is_revoked=content.is_revoked,
            ts_client=at,
            status="sent" if named.direction == "outbound" and content.type != "system" else None,
        )

    @staticmethod
    def _heading(content: Content) -> Heading | None:
        """Return what is said before a text, or of what the export does not even name."""
        is_unknown = content.type == "unsupported" and not content.body
        code = "not_in_export" if is_unknown else content.heading
        return Heading(code=code) if code else None

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

    def _improve(self, named: Named, known: Document, plan: _Plan) -> Data:
        """Give a known message what only the export has, and return what it then holds."""
        content = named.exported.content
        fields: dict[str, object] = {}
        data = known.data
        if content.is_revoked and not data.get("isRevoked"):
            fields["isRevoked"] = True
        if content.is_edited and content.type == "text" and not data.get("isEdited"):
            fields |= {"isEdited": True, "body": content.body}
        if data.get("isPlaceholder") and content.type != "unsupported":
            shown = describe(content.file_name, content.has_media)
            fields |= {"isPlaceholder": DELETE_FIELD, "type": content.type, "body": content.body}
            heading = self._heading(content)
            fields["heading"] = to_data(heading) if heading else DELETE_FIELD
            fields |= {"media": to_data(shown)} if shown else {}
        is_member = self._is_group and named.direction == "inbound"
        if is_member and not data.get("senderName") and (name := _shown_sender(named)):
            fields["senderName"] = name
        if known.id == named.message_id and not (data.get("waMessageId") or is_from_export(data)):
            fields |= self._origin(named)  # An older version imported it, and did not say so.
        held = data.get("media") or {}
        if self._media.has(content.file_name) and not self._media.is_kept(held.get("localPath")):
            media = self._file(named, known.id, plan.outcome)
            assert media is not None
            told = {key: value for key, value in held.items() if value}
            fields["media"] = {**to_data(media), **told, "localPath": media.local_path}
        if fields:
            plan.outcome.improved += 1
            plan.writes.append(Update(known.path, fields))
        merged = {**data, **fields}
        return {key: value for key, value in merged.items() if value is not DELETE_FIELD}

    async def _show_latest(self, latest: Data) -> None:
        """Have the thread tell of the newest message, as the ingest does."""
        path = thread_path(self._target.thread_id)

        async def body(transaction: Transaction) -> None:
            thread = await transaction.get(path)
            if thread is None:
                return
            after = threads.with_message(dict(thread.data), dict(latest), was_live=True)
            heard = _later(after.get("lastInboundAt"), self._last_inbound)
            if heard is not None:
                after["lastInboundAt"] = heard
            fields = {
                name: value for name, value in after.items() if thread.data.get(name) != value
            }
            if fields:
                transaction.write(Update(path, {**fields, "updatedAt": SERVER_TIMESTAMP}))

        await self._store.transact(body)


def _batched(messages: Iterable[Exported]) -> Iterator[list[Exported]]:
    """Yield batches that rarely part messages of one printed time: those are matched together."""
    batch: list[Exported] = []
    size = 0
    for message in messages:
        is_full = len(batch) >= BATCH and message.at != batch[-1].at
        if is_full or len(batch) >= _LARGEST_BATCH or size >= _MOST_TEXT:
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += len(message.content.body)
    if batch:
        yield batch


def _shown_sender(named: Named) -> str:
    return named.exported.sender.removeprefix("~").strip()


def _later(first: datetime | None, second: datetime | None) -> datetime | None:
    return max((moment for moment in (first, second) if moment is not None), default=None)


def _add(total: Outcome, part: Outcome) -> None:
    total.added += part.added
    total.known += part.known
    total.improved += part.improved
    total.files += part.files
    total.missing_files += part.missing_files
    total.first = min((each for each in (total.first, part.first) if each), default=None)
    total.last = max((each for each in (total.last, part.last) if each), default=None)
