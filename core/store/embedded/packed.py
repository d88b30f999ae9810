"""Documents that were encoded ahead, so that a commit of many need not look at each value.

Whoever makes documents in bulk, in a process of its own perhaps, packs them there. The writer of
this engine stores the bytes as they are; every other engine sees the mapping that they stand for.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, Self

from core.i18n import _
from core.store.embedded.catalogue import Entries, held_form
from core.store.embedded.codec import check_size, decode, encode
from core.store.embedded.pieces import Pieces
from core.store.errors import InvalidRequest
from core.store.indexes import Index, IndexSet
from core.store.limits import LARGEST_DOCUMENT
from core.store.paths import collection_group, split_document
from core.store.port import SERVER_TIMESTAMP, Create, Data, Value
from core.store.values import ATOMS, check_names, plain_value

_PLAIN: Final = re.compile(r"[0-9A-Za-z-]*")
_SHORT: Final = 100
"""Ids of such letters, and shorter than this, need no closer look."""
_SMALL_HEADS = tuple(bytes((0x80 | count,)) for count in range(16))
"""What counts so few pairs (https://github.com/msgpack/msgpack/blob/master/spec.md)."""


class Packed(Mapping[str, Value]):
    """The data of a whole document, for `Create` and `Set` without `merge`."""

    __slots__ = ("_data", "_stamps", "count", "pairs")

    def __init__(self, pairs: bytes, count: int, stamps: tuple[str, ...] = ()) -> None:
        self.pairs = pairs
        """Names and values as MessagePack, one after the other, without what counts them."""
        self.count = count
        """How many pairs these are."""
        self._stamps = stamps
        self._data: dict[str, Value] | None = None

    @classmethod
    def of(cls, data: Data) -> Self:
        """Check and encode data without sentinels. Raises InvalidRequest."""
        return cls(checked(data)[len(_head(len(data))) :], len(data))

    def joined(self, other: "Packed", stamps: tuple[str, ...]) -> "Packed":
        """Return this with the fields of `other`, and the commit's time in the fields `stamps`.

        No name may be in both.
        """
        return Packed(self.pairs + other.pairs, self.count + other.count, stamps)

    def blob(self, path: str, moment: datetime) -> bytes:
        """Return the bytes to store for a commit at `moment`. Raises InvalidRequest."""
        head = _head(self.count + len(self._stamps))
        return check_size(path, head + self.pairs + _stamped(self._stamps, moment))

    def _decoded(self) -> dict[str, Value]:
        if self._data is None:
            self._data = decode(_head(self.count) + self.pairs)
            self._data |= dict.fromkeys(self._stamps, SERVER_TIMESTAMP)
        return self._data

    def __getitem__(self, name: str) -> Value:
        return self._decoded()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._decoded())

    def __len__(self) -> int:
        return self.count + len(self._stamps)


def checked(data: Data) -> bytes:
    """Check and encode data without sentinels. Raises InvalidRequest."""
    check_names(data)
    plain = dict(data)
    for name in [name for name, value in plain.items() if type(value) not in ATOMS]:
        plain[name] = plain_value(plain[name])
    return encode("", plain)


def with_room(blob: bytes, room: int) -> bytes:
    """Return a document's bytes as if it had `room` fields more, which are to follow.

    Raises InvalidRequest for a document of so many fields that nobody makes them in bulk.
    """
    count = blob[0] - _SMALL_HEADS[0][0]
    if not 0 <= count < len(_SMALL_HEADS) - room:
        raise InvalidRequest(_("That is too much at once."))
    return _SMALL_HEADS[count + room] + blob[1:]


def without_room(blob: bytes, room: int) -> bytes:
    """Return what `with_room` was given."""
    return _SMALL_HEADS[blob[0] - _SMALL_HEADS[room][0]] + blob[1:]


@lru_cache(maxsize=64)
def own_indexes(group: str) -> tuple[Entries, ...]:
    """Return the indexes of the collections with an id that documents' own fields settle.

    As the packaged definitions have them: a file may hold others.
    """
    forms = (held_form(index) for index in IndexSet.packaged().all() if index.group == group)
    own = dict.fromkeys(form for form in forms if form.scope == "COLLECTION")
    return tuple(Entries(0, index) for index in own)


def ready_keys(group: str, ids: Sequence[str], documents: Sequence[Data]) -> list[Pieces]:
    """Return the keys of documents in `own_indexes`; none where one has not exactly one."""
    ready: list[Pieces] = []
    for entries in own_indexes(group):
        found = [entries.keys("", name, data) for name, data in zip(ids, documents, strict=True)]
        keys = [key for keys in found for key in keys]
        are_single = all(len(keys) == 1 for keys in found)
        ready.append(Pieces.of([""] * len(keys), keys) if are_single else Pieces.of((), ()))
    return ready


class PackedCreates:
    """New documents of one collection; see `core.store.port.Creates`.

    All have the fields of `shared` besides their own, and the commit's time in the fields `stamps`.
    """

    __slots__ = ("_room", "_shared", "_stamps", "collection", "documents", "ids", "keys")

    def __init__(
        self,
        collection: str,
        ids: Sequence[str],
        documents: Pieces,
        keys: Sequence[Pieces] = (),
        *,
        shared: Packed,
        stamps: tuple[str, ...] = (),
    ) -> None:
        """`documents` are named `ids` and have room for the rest; `keys` are of `ready_keys`.

        Raises InvalidRequest for an id that is there twice, or that no document can have.
        """
        _check_ids(collection, ids)
        self.collection = collection
        self.ids = ids
        self.documents = documents
        """See `tail`."""
        self._shared = shared
        self._stamps = stamps
        self._room = shared.count + len(stamps)
        group = collection.rpartition("/")[2]
        self.keys: dict[Index, Pieces] = {
            entries.index: some
            for entries, some in zip(own_indexes(group), keys, strict=False)
            if len(some) == len(ids)
        }
        """Of the indexes for which every document has exactly one."""

    def __len__(self) -> int:
        return len(self.ids)

    def each(self) -> Iterator[Create]:
        """Yield them one by one."""
        for name, blob in self.documents.each():
            own = without_room(blob, self._room)
            data = Packed(own[1:], own[0] - _SMALL_HEADS[0][0])
            yield Create(f"{self.collection}/{name}", data.joined(self._shared, self._stamps))

    def tail(self, moment: datetime) -> bytes:
        """Return what ends the bytes of each for a commit at `moment`. Raises InvalidRequest."""
        tail = self._shared.pairs + _stamped(self._stamps, moment)
        if self.documents.largest + len(tail) > LARGEST_DOCUMENT:
            for name, blob in self.documents.each():
                check_size(f"{self.collection}/{name}", blob + tail)
        return tail


def _check_ids(collection: str, ids: Sequence[str]) -> None:
    """Raise InvalidRequest for an id that is there twice, or that no document can have."""
    if len(set(ids)) != len(ids):
        raise InvalidRequest(_("A document of {path} is named twice.").format(path=collection))
    if all(ids) and max(map(len, ids)) < _SHORT and _PLAIN.fullmatch("".join(ids)):
        collection_group(collection)
        return
    for name in ids:
        if split_document(f"{collection}/{name}") != (collection, name):
            raise InvalidRequest(_("{path!r} is not the path of a document.").format(path=name))


def _head(count: int) -> bytes:
    """Return what MessagePack puts before the pairs of a map."""
    if count < len(_SMALL_HEADS):
        return _SMALL_HEADS[count]
    return b"\xde" + count.to_bytes(2) if count < 2**16 else b"\xdf" + count.to_bytes(4)


@lru_cache(maxsize=16)
def _stamped(stamps: tuple[str, ...], moment: datetime) -> bytes:
    """Return the pairs of the fields that hold the commit's time."""
    return encode("", dict.fromkeys(stamps, moment))[len(_head(len(stamps))) :]
