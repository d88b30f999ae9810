"""Documents that were encoded ahead, so that a commit of many need not look at each value.

Whoever makes documents in bulk, in a process of its own perhaps, packs them there. The writer of
this engine stores the bytes as they are; every other engine sees the mapping that they stand for.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Self

from core.store.embedded.codec import check_size, decode, encode
from core.store.port import SERVER_TIMESTAMP, Data, Value
from core.store.values import ATOMS, check_names, plain_value

_FEW = 15
"""Pairs that MessagePack counts in one byte (https://github.com/msgpack/msgpack/blob/master/spec.md)."""


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
        check_names(data)
        plain = {
            name: value if type(value) in ATOMS else plain_value(value)
            for name, value in data.items()
        }
        blob = encode("", plain)
        count = len(plain)
        return cls(blob[len(_head(count)) :], count)

    def joined(self, other: "Packed", stamps: tuple[str, ...]) -> "Packed":
        """Return this with the fields of `other`, and the commit's time in the fields `stamps`.

        No name may be in both.
        """
        return Packed(self.pairs + other.pairs, self.count + other.count, stamps)

    def blob(self, path: str, moment: datetime) -> bytes:
        """Return the bytes to store for a commit at `moment`. Raises InvalidRequest."""
        head, tail = _around(self.count, self._stamps, moment)
        return check_size(path, head + self.pairs + tail)

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


def _head(count: int) -> bytes:
    """Return what MessagePack puts before the pairs of a map."""
    if count <= _FEW:
        return bytes((0x80 | count,))
    return b"\xde" + count.to_bytes(2) if count < 2**16 else b"\xdf" + count.to_bytes(4)


@lru_cache(maxsize=64)
def _around(count: int, stamps: tuple[str, ...], moment: datetime) -> tuple[bytes, bytes]:
    """Return what comes before and after the pairs: many documents of a commit share it."""
    stamped = encode("", dict.fromkeys(stamps, moment))
    return _head(count + len(stamps)), stamped[len(_head(len(stamps))) :]
