"""Which messages of an export the store holds already, under another id or the same.

An export tells no message ids. Its own are made from what it does tell, so that importing again
adds nothing, however much longer the new export is. What the sync brought is recognised by
direction, kind, text and time, within what the export prints of the time.
"""

import hashlib
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bridge.chat_import.classify import Content, without_mentions
from bridge.chat_import.reader import Exported
from core.model.documents import Direction, MessageType
from core.store.port import Document

_REMEMBERED = 20_000
"""Messages back to which equal ones are numbered when times are out of order."""
QUEUE_TIME = timedelta(minutes=2)
"""How far a message sent from the console may stand from its time on the phone."""
_ID_LENGTH = 64
"""Characters of the ids that are made here; WhatsApp's are shorter."""
_TICK = timedelta(milliseconds=1)
"""Between messages of one minute or second, so that their order stays."""

_ANY_MEDIA = frozenset({"image", "video", "audio", "voice", "document", "sticker", "contact"})


@dataclass(frozen=True, slots=True)
class Named:
    """An exported message with its id and side."""

    exported: Exported
    message_id: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class Known:
    """A message that the store holds."""

    message_id: str
    at: datetime
    direction: str
    type: str
    text: str
    """For comparing, see `comparable`."""
    is_imported: bool
    """Whether it came from an export, whose times are exact as far as they go."""
    is_queued_here: bool
    """Whether it was sent from the console, so that its time is the console's."""
    document: Document


class Namer:
    """Gives exported messages their ids: the same in every export of the chat."""

    def __init__(self, account_id: str, chat: str, me: str, *, is_group: bool) -> None:
        self._prefix = f"{account_id}|{chat}"
        self._me = me
        self._is_group = is_group
        self._seen: OrderedDict[str, int] = OrderedDict()

    def name(self, exported: Exported) -> Named:
        """Return the message with its id; equal ones are numbered."""
        direction: Direction = "outbound" if self._is_mine(exported) else "inbound"
        content = exported.content
        # People get renamed between exports; with one customer the side says it all.
        who = exported.sender if self._is_group or not exported.sender else direction
        parts = (
            self._prefix, exported.local.isoformat(), who, content.type, content.body,
            content.file_name,
        )  # fmt: skip
        base = "\x1f".join(parts)
        count = self._seen.pop(base, 0) + 1
        self._seen[base] = count
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        digest = hashlib.sha256(f"{base}\x1f{count}".encode(errors="replace")).hexdigest()
        return Named(exported, digest, direction)

    def _is_mine(self, exported: Exported) -> bool:
        return bool(exported.sender) and exported.sender == self._me


def known_from(document: Document) -> Known | None:
    """Return a stored message for matching; None for a document that is none."""
    data = document.data
    wa_id = data.get("waMessageId")
    at = data.get("tsClient")
    if not isinstance(at, datetime):
        return None
    return Known(
        document.id, at, str(data.get("direction")), str(data.get("type")),
        comparable(str(data.get("body") or "")),
        len(document.id) == _ID_LENGTH and not wa_id,
        bool(wa_id) and wa_id != document.id,
        document,
    )  # fmt: skip


def comparable(text: str) -> str:
    """Return a body for comparing: mentions and blanks are told alike by neither side."""
    return " ".join(without_mentions(text).split())


class Matcher:
    """Finds the stored message for each exported one, each stored one once."""

    def __init__(self, *, has_seconds: bool) -> None:
        self.precision = timedelta(seconds=1 if has_seconds else 60)
        self._used: OrderedDict[str, None] = OrderedDict()

    @property
    def margin(self) -> timedelta:
        """How far around exported times stored messages must be looked at."""
        return self.precision + QUEUE_TIME

    def match(self, batch: Sequence[Named], stored: Iterable[Known]) -> list[Known | None]:
        """Return the stored message for each of `batch`, or None where there is none."""
        free = [known for known in stored if known.message_id not in self._used]
        found = self._by_id(batch, free)
        by_text: defaultdict[tuple[str, str], list[Known]] = defaultdict(list)
        for known in sorted(free, key=lambda each: each.at):
            by_text[known.direction, known.text].append(known)
            by_text[known.direction, _KIND + _group(known.type)].append(known)
            if known.type in _ANY_MEDIA or known.type == "unsupported":
                by_text[known.direction, _KIND].append(known)
        for reach in (timedelta(0), self.precision):
            for index, named in enumerate(batch):
                if found[index] is None:
                    found[index] = self._near(named, by_text, reach)
        self._alone(batch, free, found, _may_have_changed)
        self._alone(batch, free, found, _may_be_undecrypted)
        return found

    def slot(self, moment: datetime) -> datetime:
        """Return a moment as an export prints it."""
        moment = moment.replace(microsecond=0)
        return moment.replace(second=0) if self.precision.total_seconds() > 1 else moment

    def note_added(self, message_id: str) -> None:
        """Take note of a message that this import added, so that no later one is taken for it."""
        self._use(message_id)

    def _use(self, message_id: str) -> None:
        self._used[message_id] = None
        if len(self._used) > _REMEMBERED:
            self._used.popitem(last=False)

    def _by_id(self, batch: Sequence[Named], free: Iterable[Known]) -> list[Known | None]:
        by_id = {known.message_id: known for known in free}
        found: list[Known | None] = []
        for named in batch:
            known = by_id.get(named.message_id)
            if known is not None:
                self._use(known.message_id)
            found.append(known)
        return found

    def _near(
        self,
        named: Named,
        by_text: defaultdict[tuple[str, str], list[Known]],
        reach: timedelta,
    ) -> Known | None:
        content = named.exported.content
        if content.is_revoked or (
            content.type == "system" and (reach or not named.exported.sender)
        ):
            return None  # of WhatsApp's own lines, only calls have a sender and are in the sync
        wanted = [comparable(content.comparable or content.body)]
        if content.type != "text":
            group = _group(content.type)
            wanted = [_KIND] if content.type == "unsupported" else [_KIND + group, _UNKNOWN]
        for key in wanted:
            for known in by_text.get((named.direction, key), ()):
                if known.message_id in self._used:
                    continue
                if content.type == "text" and known.type != "text":
                    continue
                if reach and known.is_imported:
                    continue
                allowed = QUEUE_TIME if reach and known.is_queued_here else reach
                if abs(self.slot(known.at) - named.exported.at) <= allowed:
                    self._use(known.message_id)
                    return known
        return None

    def _alone(
        self,
        batch: Sequence[Named],
        free: Iterable[Known],
        found: list[Known | None],
        may_be: Callable[[Content, Known], bool],
    ) -> None:
        """Match what differs but may be the same: where one of each side is alone in its time."""
        others: defaultdict[tuple[str, datetime], list[Known]] = defaultdict(list)
        for known in free:
            if known.message_id not in self._used and known.type != "system":
                others[known.direction, self.slot(known.at)].append(known)
        left: defaultdict[tuple[str, datetime], list[int]] = defaultdict(list)
        for index, named in enumerate(batch):
            if found[index] is None and named.exported.content.type != "system":
                left[named.direction, named.exported.at].append(index)
        for key, candidates in others.items():
            indexes = [
                index
                for index in left.get(key, ())
                if any(may_be(batch[index].exported.content, known) for known in candidates)
            ]
            fitting = [
                known
                for known in candidates
                if any(may_be(batch[index].exported.content, known) for index in indexes)
            ]
            if len(indexes) == len(fitting) == 1:
                found[indexes[0]] = fitting[0]
                self._use(fitting[0].message_id)


def _may_have_changed(content: Content, known: Known) -> bool:
    """Whether an exported message may be the stored one after an edit or its deletion."""
    return content.is_revoked or (content.is_edited and known.type == "text")


def _may_be_undecrypted(_content: Content, known: Known) -> bool:
    """Whether an exported message may be the stored one that this device could not decrypt."""
    return bool(known.document.data.get("isPlaceholder"))


_KIND = "\x00"
"""Begins the keys of kinds, which no text can be."""
_UNKNOWN = _KIND + "unsupported"


def _group(kind: MessageType | str) -> str:
    return "audio" if kind == "voice" else kind


class Placer:
    """Gives messages of one printed minute or second times that keep their order."""

    def __init__(self) -> None:
        self._slot = datetime.min.replace(tzinfo=UTC)
        self._last = self._slot

    def place(self, slot: datetime, known_at: datetime | None, precision: timedelta) -> datetime:
        """Return the time of the next message; `known_at` if the store tells it."""
        if slot != self._slot:
            self._slot, self._last = slot, slot - _TICK
        at = self._last + _TICK
        if known_at is not None:
            at = known_at
        elif at >= slot + precision:
            at = slot + precision - _TICK
        self._last = max(at, self._last)
        return at
