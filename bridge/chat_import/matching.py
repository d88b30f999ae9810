"""Which messages of an export are the same as messages that WhatsApp's own telling brought.

An export tells no message ids. Its messages are recognised by direction, kind, text and time,
within what the export prints of the time. Of several photos, those with a file of the same size are
the same, then those with the same caption; equal ones are in their order. The import asks this
about what the store holds, and the ingest about what earlier imports brought.
"""

import re
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from core.model.documents import MessageType
from core.store.port import Document

QUEUE_TIME = timedelta(minutes=2)
"""How far a message sent from the console may stand from its time on the phone."""
EXPORT_PRECISION = "exportPrecision"
"""The field of messages that an import made: so many seconds their export's times are exact to."""
EXPORT_TEXT = "exportText"
"""The field of such messages with mentions: their text for comparing, see `comparable`."""
IMPORTED_FROM, IMPORTED_UNTIL = "importedFrom", "importedUntil"
"""The fields of a thread that tell from when to when it has, or may get, imported messages."""
_REMEMBERED = 20_000
"""Messages back to which none is taken for two exported ones."""
_ANY_MEDIA = frozenset({"image", "video", "audio", "voice", "document", "sticker", "contact"})
_MENTION = re.compile("@(?:\u2068[^\u2068\u2069\n]*\u2069|\\d{6,20})")


@dataclass(frozen=True, slots=True)
class Printed:
    """A message as an export prints it."""

    message_id: str
    """The one that the import gives it."""
    at: datetime
    """The beginning of the minute or second that is printed."""
    direction: str
    type: str
    text: str
    """For comparing, see `comparable`."""
    is_notice: bool = False
    """Whether it is a line of WhatsApp's own, without a sender."""
    is_edited: bool = False
    is_revoked: bool = False
    size: int = 0
    """Bytes of its file; 0 where the export does not hold it."""


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
    is_placeholder: bool = False
    """Whether this device could not decrypt it."""
    size: int = 0
    """Bytes of its file; 0 when that is not known."""


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
        is_from_export(data),
        bool(wa_id) and wa_id != document.id and EXPORT_PRECISION not in data,
        bool(data.get("isPlaceholder")),
        _size(data),
    )  # fmt: skip


def is_from_export(data: Mapping[str, Any]) -> bool:
    """Whether a message came from an export, and from nowhere else yet."""
    return EXPORT_PRECISION in data and not data.get("waMessageId")


def printed_from(document: Document) -> Printed:
    """Return a message that an import made as its export printed it."""
    data = document.data
    precision = timedelta(seconds=data[EXPORT_PRECISION])
    return Printed(
        document.id, slot(data["tsClient"], precision), data["direction"], data["type"],
        data.get(EXPORT_TEXT) or comparable(str(data.get("body") or "")),
        not data.get("senderName"), bool(data.get("isEdited")), bool(data.get("isRevoked")),
        _size(data),
    )  # fmt: skip


def _size(data: Mapping[str, Any]) -> int:
    size = (data.get("media") or {}).get("size")
    return size if isinstance(size, int) else 0


def slot(moment: datetime, precision: timedelta) -> datetime:
    """Return a moment as an export prints it that is exact to a second or a minute."""
    moment = moment.replace(microsecond=0)
    return moment.replace(second=0) if precision.total_seconds() > 1 else moment


def without_mentions(text: str) -> str:
    """Return text with mentions cut to `@`: exports tell names, the sync tells numbers."""
    return _MENTION.sub("@", text) if "@" in text else text


def comparable(text: str) -> str:
    """Return a body for comparing: mentions and blanks are told alike by neither side."""
    return " ".join(without_mentions(text).split())


class Matcher:
    """Finds the stored message for each exported one, each stored one once."""

    def __init__(self, precision: timedelta, used: Iterable[str] = ()) -> None:
        self.precision = precision
        self._used: OrderedDict[str, None] = OrderedDict.fromkeys(used)

    def fork(self) -> Self:
        """Return the same matcher, which may be used apart: for an attempt that may fail."""
        return type(self)(self.precision, self._used)

    @property
    def margin(self) -> timedelta:
        """How far around exported times stored messages must be looked at."""
        return self.precision + QUEUE_TIME

    def match(
        self, batch: Sequence[Printed], stored: Iterable[Known], *, guess: bool = True
    ) -> list[Known | None]:
        """Return the stored message for each of `batch`, or None where there is none.

        With `guess`, what differs is the same where it is alone in its time on both sides.
        """
        free = [known for known in stored if known.message_id not in self._used]
        found = self._by_id(batch, free)
        by_text: defaultdict[tuple[str, str], list[Known]] = defaultdict(list)
        for known in sorted(free, key=lambda each: each.at):
            for key in (known.text, *_of_file(known), *_of_caption(known), *_of_kind(known)):
                by_text[known.direction, key].append(known)
            if known.type in _ANY_MEDIA or known.type == "unsupported":
                by_text[known.direction, _KIND].append(known)
        for wanted in (_of_file, _of_caption, _wanted):
            for reach in (timedelta(0), self.precision):
                for index, printed in enumerate(batch):
                    if found[index] is None:
                        found[index] = self._near(printed, wanted(printed), by_text, reach)
        for may_be in (_may_have_changed, _may_be_undecrypted) if guess else ():
            self._alone(batch, free, found, may_be)
        return found

    def note_added(self, message_id: str) -> None:
        """Take note of a message that this import added, so that no later one is taken for it."""
        self._use(message_id)

    def _use(self, message_id: str) -> None:
        self._used[message_id] = None
        if len(self._used) > _REMEMBERED:
            self._used.popitem(last=False)

    def _by_id(self, batch: Sequence[Printed], free: Iterable[Known]) -> list[Known | None]:
        by_id = {known.message_id: known for known in free}
        found: list[Known | None] = []
        for printed in batch:
            known = by_id.get(printed.message_id)
            if known is not None:
                self._use(known.message_id)
            found.append(known)
        return found

    def _near(
        self,
        printed: Printed,
        wanted: Iterable[str],
        by_text: defaultdict[tuple[str, str], list[Known]],
        reach: timedelta,
    ) -> Known | None:
        if printed.is_revoked or (printed.type == "system" and (reach or printed.is_notice)):
            return None  # of WhatsApp's own lines, only calls have a sender and are in the sync
        for key in wanted:
            for known in by_text.get((printed.direction, key), ()):
                if known.message_id in self._used:
                    continue
                if printed.type == "text" and known.type != "text":
                    continue
                if reach and known.is_imported:
                    continue
                allowed = QUEUE_TIME if reach and known.is_queued_here else reach
                if abs(slot(known.at, self.precision) - printed.at) <= allowed:
                    self._use(known.message_id)
                    return known
        return None

    def _alone(
        self,
        batch: Sequence[Printed],
        free: Iterable[Known],
        found: list[Known | None],
        may_be: Callable[[Printed, Known], bool],
    ) -> None:
        """Match what differs but may be the same: where one of each side is alone in its time."""
        others: defaultdict[tuple[str, datetime], list[Known]] = defaultdict(list)
        for known in free:
            if known.message_id not in self._used and known.type != "system":
                others[known.direction, slot(known.at, self.precision)].append(known)
        left: defaultdict[tuple[str, datetime], list[int]] = defaultdict(list)
        for index, printed in enumerate(batch):
            if found[index] is None and printed.type != "system":
                left[printed.direction, printed.at].append(index)
        for key, candidates in others.items():
            indexes = [
                index
                for index in left.get(key, ())
                if any(may_be(batch[index], known) for known in candidates)
            ]
            fitting = [
                known
                for known in candidates
                if any(may_be(batch[index], known) for index in indexes)
            ]
            if len(indexes) == len(fitting) == 1:
                found[indexes[0]] = fitting[0]
                self._use(fitting[0].message_id)


def _may_have_changed(printed: Printed, known: Known) -> bool:
    """Whether an exported message may be the stored one after an edit or its deletion."""
    return printed.is_revoked or (printed.is_edited and known.type == "text")


def _may_be_undecrypted(_printed: Printed, known: Known) -> bool:
    """Whether an exported message may be the stored one that this device could not decrypt."""
    return known.is_placeholder


_KIND = "\x00"
"""Begins the keys of kinds, which no text can be."""
_UNKNOWN = _KIND + "unsupported"


def _group(kind: MessageType | str) -> str:
    return "audio" if kind == "voice" else kind


def _of_kind(message: Printed | Known) -> Sequence[str]:
    return (_KIND + _group(message.type),)


def _of_file(message: Printed | Known) -> Sequence[str]:
    """Return the key of its file, which hardly another has of the same minute; none without one."""
    return (f"{_KIND}{_group(message.type)} {message.size}",) if message.size else ()


def _of_caption(message: Printed | Known) -> Sequence[str]:
    is_captioned = message.type != "text" and message.text
    return (f"{_KIND}{_group(message.type)}\n{message.text}",) if is_captioned else ()


def _wanted(printed: Printed) -> Sequence[str]:
    """Return the keys of what an exported message may be, whatever else tells it apart."""
    if printed.type == "text":
        return (printed.text,)
    return (_KIND,) if printed.type == "unsupported" else (*_of_kind(printed), _UNKNOWN)
