"""Many byte strings in one, which SQLite cuts: nobody has to look at each of them on the way."""

from collections.abc import Iterator, Sequence
from typing import Final, Self

import msgspec

from core.i18n import _
from core.store.errors import InvalidRequest

_DIGITS: Final = 8
_MOST: Final = 10**_DIGITS - 1
_PLACE: Final = f"%0{_DIGITS}d%0{_DIGITS}d%s"
CUT: Final = (
    f"substr({{joined}}, substr(value, 1, {_DIGITS}), substr(value, 1 + {_DIGITS}, {_DIGITS}))"
)
"""SQL for the bytes of a row of `json_each(places)`; `joined` is the parameter that has them."""
NAME: Final = f"substr(value, 1 + 2 * {_DIGITS})"
"""SQL for its name."""

_decode = msgspec.json.Decoder(list[str]).decode


class Pieces(msgspec.Struct, frozen=True):
    """Byte strings, none of them empty, each with a name."""

    joined: bytes
    """All of them, one after the other."""
    places: str
    """JSON: of each where it begins, counted from 1, its length, both in eight digits, its name."""
    count: int
    largest: int
    """Bytes of the largest one."""

    @classmethod
    def of(cls, names: Sequence[str], parts: Sequence[bytes]) -> Self:
        """Join parts. Raises InvalidRequest for more than 100 MB of them."""
        places, at = [], 1
        for name, part in zip(names, parts, strict=True):
            size = len(part)
            places.append(_PLACE % (at, size, name))
            at += size
        if at > _MOST:
            raise InvalidRequest(_("That is too much at once."))
        largest = max(map(len, parts), default=0)
        return cls(b"".join(parts), msgspec.json.encode(places).decode(), len(places), largest)

    def __len__(self) -> int:
        return self.count

    def each(self) -> Iterator[tuple[str, bytes]]:
        """Yield names and bytes."""
        for place in _decode(self.places):
            at, size = int(place[:_DIGITS]), int(place[_DIGITS : 2 * _DIGITS])
            yield place[2 * _DIGITS :], self.joined[at - 1 : at - 1 + size]
