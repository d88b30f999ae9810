"""Copies a whole store into another, from wherever it stopped, and writes nothing twice."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec
from msgspec.structs import replace

from bridge.moving.errors import MovingRefused
from bridge.moving.lines import data_bytes
from bridge.moving.put import Differing, Item, Putter, Tally, batches, patiently
from bridge.moving.walk import count, pages
from core.clock import Clock
from core.files import written_whole
from core.i18n import _
from core.model.collections import COLLECTIONS, Collection
from core.model.ids import ACCOUNTS
from core.store.port import Query, Reader, Store


class Place(msgspec.Struct, frozen=True):
    """How far a migration has come; written down after each commit."""

    source: str
    target: str
    seq: int
    """The latest change of the source when it began; -1 where the engine cannot tell."""
    collection: str = COLLECTIONS[0].name
    after: str = ""
    """The path of the last document of that collection that is done."""
    was_empty: bool = False
    """Whether the target held nothing of that collection when it was begun."""


@dataclass(slots=True)
class PlaceFile:
    """The place of a migration on disk, so that the next run goes on from there."""

    path: Path

    def read(self, wanted: Place) -> Place:
        """Return the place of an earlier run of the same migration, else the beginning.

        A source that was written to since then is gone through from the beginning.
        """
        try:
            known = msgspec.json.decode(self.path.read_bytes(), type=Place)
        except (OSError, msgspec.MsgspecError):
            return wanted
        names = [one.name for one in COLLECTIONS]
        is_same = (known.source, known.target) == (wanted.source, wanted.target)
        is_still = known.seq == wanted.seq and known.collection in names
        return known if is_same and is_still else wanted

    def write(self, place: Place) -> None:
        """Note a place, durably. Raises OSError."""
        with written_whole(self.path) as file:
            file.write(msgspec.json.encode(place))

    def clear(self) -> None:
        """Forget it: the migration is over. Raises OSError."""
        self.path.unlink(missing_ok=True)


@dataclass(slots=True)
class Migration:
    """One copying of one store into another."""

    source: Reader
    target: Store
    place_file: PlaceFile
    begin: Place
    differing: Differing = "leave"
    copied: Callable[[int], None] = lambda _count: None
    """Hears of each batch that is done."""
    tally: Tally = field(default_factory=Tally)

    async def copy(self) -> Tally:
        """Copy what the target does not hold; safe to repeat. Raises StoreError, OSError."""
        place = self.place_file.read(self.begin)
        names = [one.name for one in COLLECTIONS]
        for collection in COLLECTIONS[names.index(place.collection) :]:
            if collection.name != place.collection or not place.after:
                there = await patiently(partial(count, self.target, collection, collection.query))
                place = replace(self.begin, collection=collection.name, was_empty=not there)
            await self._copy(collection, place)
        return self.tally

    async def _copy(self, collection: Collection, place: Place) -> None:
        putter = Putter(self.target, differing=self.differing)
        putter.tally = self.tally
        async for page in pages(self.source, collection.query, after=place.after):
            items = [
                Item(one.path, dict(one.data), len(data_bytes(one.data)) + len(one.path))
                for one in page
            ]
            for batch in batches(items):
                await putter.put(batch, are_new=place.was_empty)
                place = replace(place, after=batch[-1].path)
                self.place_file.write(place)
                self.copied(len(batch))


async def total(reader: Reader) -> int:
    """Return how many documents a store holds that move. Raises StoreError."""
    return sum([await count(reader, one, one.query) for one in COLLECTIONS])


async def check_idle(source: Reader, clock: Clock) -> None:
    """Refuse to copy accounts that a bridge works for. Raises MovingRefused, StoreError."""
    for document in await source.query(Query(ACCOUNTS)):
        lease = document.data.get("lease")
        if isinstance(lease, dict) and lease.get("expiresAt", clock()) > clock():
            raise MovingRefused(
                _("The bridge {owner} works for the account {id}.").format(
                    owner=lease.get("owner"), id=document.id
                ),
                hint=_("Stop it first; what arrives meanwhile waits at WhatsApp."),
            )
