"""One migration from one open store into another, with all that is said about it."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TextIO

from bridge.exit_codes import EXIT_FAILED, EXIT_OK
from bridge.moving.migrate import Migration, Place, PlaceFile, check_idle, total
from bridge.moving.progress import Progress
from bridge.moving.put import Tally
from bridge.moving.verify import Compared, compare
from bridge.moving.walk import still
from core.clock import Clock
from core.i18n import _, ngettext
from core.store.capabilities import ChangeFeed, StillReads
from core.store.port import Reader, Store


@dataclass(frozen=True, slots=True)
class Ends:
    """The two stores and what they are called, the same in every run."""

    source: Store
    target: Store
    source_name: str
    target_name: str


@dataclass(slots=True)
class MigrateJob:
    """Copies, then compares, and says what came of it."""

    ends: Ends
    place_file: PlaceFile
    clock: Clock
    overwrite: bool = False
    """Whether documents that are there and differ are replaced."""
    skip: bool = False
    """Whether documents that are there and differ are all right."""
    output: TextIO = field(default_factory=lambda: sys.stdout)
    progress: TextIO = field(default_factory=lambda: sys.stderr)

    async def run(self) -> int:
        """Copy what the target does not hold and compare. Raises MovingRefused, StoreError."""
        if not isinstance(self.ends.source, StillReads):  # Where it is one, a lock tells it all.
            await check_idle(self.ends.source, self.clock)
        seq = await _last_seq(self.ends.source)
        async with still(self.ends.source) as source:
            tally = await self._copy(source, seq)
            code = await self._compare(source)
        self._say_copied(tally)
        self.place_file.clear()
        return code

    async def verify(self) -> int:
        """Only compare. Raises StoreError."""
        async with still(self.ends.source) as source:
            return await self._compare(source)

    async def _copy(self, source: Reader, seq: int) -> Tally:
        progress = Progress(self.progress, await total(source))
        begin = Place(self.ends.source_name, self.ends.target_name, seq)
        migration = Migration(
            source,
            self.ends.target,
            self.place_file,
            begin,
            differing="overwrite" if self.overwrite else "leave",
            copied=progress.add,
        )
        try:
            return await migration.copy()
        finally:
            progress.close()

    async def _compare(self, source: Reader) -> int:
        progress = Progress(self.progress, await total(source))
        try:
            found = await compare(source, self.ends.target, progress.add)
        finally:
            progress.close()
        for line in _table(found):
            self._say(line)
        is_whole = all(one.is_whole for one in found)
        is_well = is_whole or (self.skip and not any(one.missing for one in found))
        self._say(_("Everything is there and the same.") if is_whole else _("The stores differ."))
        if not is_well:
            self._say(_("Run it again with --overwrite to take the source's, or with --skip."))
        return EXIT_OK if is_well else EXIT_FAILED

    def _say_copied(self, tally: Tally) -> None:
        text = ngettext("{n} document copied.", "{n} documents copied.", tally.added)
        self._say(text.format(n=tally.added))
        if tally.overwritten:
            self._say(_("{n} overwritten.").format(n=tally.overwritten))

    def _say(self, line: str) -> None:
        self.output.write(f"{line}\n")


async def _last_seq(store: Store) -> int:
    return await store.last_seq() if isinstance(store, ChangeFeed) else -1


def _table(found: Sequence[Compared]) -> list[str]:
    """Return a line for each collection that holds anything, and what is wrong below it."""
    lines = []
    for one in found:
        if one.documents or one.more:
            verdict = _("the same") if one.is_whole else _("differs")
            lines.append(f"{one.name:14} {one.documents:>10,}  {one.checksum[:12]}  {verdict}")
        for text, number in (
            (_("{n} missing"), one.missing),
            (_("{n} differ"), one.differing),
            (_("{n} only in the target"), one.more),
        ):
            if number:
                lines.append(f"  {text.format(n=number)}")
        lines += [f"    {path}" for path in one.paths]
    return lines
