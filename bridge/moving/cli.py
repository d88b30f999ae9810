"""`capcoada export`, and `capcoada import` of what it wrote."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar
from zoneinfo import ZoneInfo

from bridge.exit_codes import EXIT_OK, EXIT_WRONG_USE
from bridge.moving.errors import MovingRefused
from core.i18n import _, ngettext
from core.model.collections import COLLECTIONS, named
from core.paths import DataFolder, is_parted_from_log
from core.settings import Settings, load_settings
from core.text import clean_line

if TYPE_CHECKING:
    from bridge.moving.export import Wanted
    from bridge.moving.load import Policy
    from bridge.moving.put import Tally
    from core.store.port import Reader, Store

T = TypeVar("T")


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the `export` command and its options; what carries it out is left as `run`."""
    from bridge.cli import add_data_option

    parser = subparsers.add_parser(
        "export",
        help=_("write everything into one file, or conversations as text"),
        description=_(
            "Writes every document of the store into one file that `capcoada import` reads back, "
            "or with --text each conversation into a text file. The bridge may run meanwhile."
        ),
    )
    add = parser.add_argument
    add("file", nargs="?", metavar=_("FILE"), help=_("the file to write; - is standard output"))
    add("--text", type=Path, metavar=_("FOLDER"), help=_("write a text file per conversation here"))
    add(
        "--thread",
        action="append",
        default=[],
        metavar="ID",
        help=_("only this conversation; may be given several times"),
    )
    add(
        "--collection",
        action="append",
        default=[],
        choices=[one.name for one in COLLECTIONS],
        metavar=_("NAME"),
        help=_("only this collection; may be given several times"),
    )
    add(
        "--no-times",
        action="store_true",
        help=_("leave out when documents were made and changed, so that files can be compared"),
    )
    add_data_option(parser)
    parser.set_defaults(run=run_export)


def run_export(args: argparse.Namespace) -> int:
    """Export as the options say, and return the exit code. Raises CapcoadaError, OSError."""
    from bridge.cli import folder_of
    from core.store.open import embedded_file

    if (args.file is None) == (args.text is None):
        print(_("Name either a file or, with --text, a folder."), file=sys.stderr)
        return EXIT_WRONG_USE
    if args.text is not None and (args.collection or args.no_times):
        print(_("--collection and --no-times go with a file."), file=sys.stderr)
        return EXIT_WRONG_USE
    folder = folder_of(args)
    settings = load_settings(folder)
    file = embedded_file(folder, settings)
    if not settings.cloud.project and not file.exists() and not is_parted_from_log(file):
        raise MovingRefused(
            _("There is no store in {folder}.").format(folder=folder.root),
            hint=_("Name the data folder by --data or CAPCOADA_DATA."),
        )
    folder.prepare()
    if args.text is not None:
        args.text.mkdir(mode=0o700, parents=True, exist_ok=True)
    return asyncio.run(_export(args, folder, settings))


async def _export(args: argparse.Namespace, folder: DataFolder, settings: Settings) -> int:
    from bridge.moving.export import Wanted
    from bridge.moving.walk import missing_threads, still
    from core.store.open import open_store

    async with open_store(folder, settings) as store, still(store) as reader:
        if missing := await missing_threads(reader, args.thread):
            raise MovingRefused(
                _("There is no conversation {name}.").format(name=clean_line(missing[0])),
                hint=_("An id looks like {example}.").format(
                    example="WA-01__40712345678@s.whatsapp.net"
                ),
            )
        if args.text is not None:
            zone = ZoneInfo(settings.business.time_zone)
            await _export_text(reader, args.text, args.thread, zone)
        else:
            collections = named(args.collection) if args.collection else COLLECTIONS
            wanted = Wanted(collections, args.thread, with_times=not args.no_times)
            await _export_file(reader, wanted, args.file, is_one_moment=reader is not store)
    return EXIT_OK


async def _export_text(
    reader: "Reader", folder: Path, threads: Sequence[str], zone: ZoneInfo
) -> None:
    from bridge.moving.text_export import write_texts

    files = await write_texts(reader, folder, zone, threads=threads)
    told = ngettext("{n} conversation in {folder}", "{n} conversations in {folder}", files)
    print(told.format(n=files, folder=folder))


async def _export_file(
    reader: "Reader", wanted: "Wanted", name: str, *, is_one_moment: bool
) -> None:
    from bridge.moving.export import counts, write_export
    from bridge.moving.progress import Progress
    from core.files import written_whole

    expected = await counts(reader, wanted)
    progress = Progress(sys.stderr, sum(expected.values()))

    async def write(output: BinaryIO) -> int:
        try:
            return await write_export(
                reader,
                wanted,
                output,
                is_one_moment=is_one_moment,
                expected=expected,
                wrote=progress.add,
            )
        finally:
            progress.close()

    if name == "-":
        total = await write(sys.stdout.buffer)
        sys.stdout.buffer.flush()
    else:
        path = Path(name)
        _check_target(path)
        with written_whole(path) as file:
            total = await write(file)
    told = ngettext("{n} document written to {file}", "{n} documents written to {file}", total)
    print(told.format(n=total, file=name), file=sys.stderr if name == "-" else sys.stdout)
    if not is_one_moment:
        print(_("What was written meanwhile may be in it or not."), file=sys.stderr)


def _check_target(path: Path) -> None:
    """Refuse to replace a file that is no export. Raises MovingRefused."""
    from bridge.moving.read import is_export

    if path.exists() and not (path.is_file() and (is_export(path) or not path.stat().st_size)):
        raise MovingRefused(
            _("{file} is there already, and is no export.").format(file=path),
            hint=_("Choose another name."),
        )


# -- import ---------------------------------------------------------------------------------------


def run_import(args: argparse.Namespace) -> int:
    """Import the exports that the options name, and return the exit code.

    Raises CapcoadaError, OSError.
    """
    from bridge.cli import folder_of
    from bridge.lock import BridgeLock

    folder = folder_of(args)
    folder.prepare()
    # A bridge would send what waits in the file while the file is still being read.
    with BridgeLock.hold(folder.lock_file):
        return asyncio.run(_import(args, folder))


async def _import(args: argparse.Namespace, folder: DataFolder) -> int:
    from core.store.open import open_store

    policy: Policy = "overwrite" if args.overwrite else "skip" if args.skip else "refuse"
    async with open_store(folder, load_settings(folder)) as store:
        for path in args.files:
            with path.open("rb") as file:
                await _import_file(store, file, clean_line(path.name), policy, dry=args.dry_run)
    return EXIT_OK


async def _import_file(
    store: "Store", file: BinaryIO, name: str, policy: "Policy", *, dry: bool
) -> None:
    from bridge.moving.load import Load
    from bridge.moving.progress import Progress
    from bridge.moving.read import examine

    contents = examine(file, name)
    load = Load(store, file, name, contents, policy)

    async def shown(work: Callable[[], Awaitable[T]]) -> T:
        progress = Progress(sys.stderr, contents.documents)
        load.looked_at = progress.add
        try:
            return await work()
        finally:
            progress.close()

    if dry:
        tally = await shown(load.compare)
    else:
        await shown(load.check)
        tally = await shown(load.write)
    for line in _told(name, tally, policy, dry=dry):
        print(line)
    if contents.waiting and not dry:
        told = ngettext(
            "{n} message in it waits to be sent: the bridge sends it once it runs.",
            "{n} messages in it wait to be sent: the bridge sends them once it runs.",
            contents.waiting,
        )
        print(told.format(n=contents.waiting), file=sys.stderr)
        print(
            _("Cancel in the console what another bridge has sent since the export."),
            file=sys.stderr,
        )


def _told(name: str, tally: "Tally", policy: "Policy", *, dry: bool) -> list[str]:
    """Return what is said about a file."""
    lines = [
        _("{file}: {added} added, {same} were there already.").format(
            file=name, added=tally.added, same=tally.same
        )
    ]
    differing = tally.overwritten + tally.left
    if differing:
        outcome = _("{n} differ and stay as they are.")
        if policy == "overwrite":
            would = _("{n} differ and would be overwritten.")
            outcome = would if dry else _("{n} overwritten.")
        elif policy == "refuse" and dry:
            outcome = _("{n} differ: it would not be imported.")
        lines.append("  " + outcome.format(n=differing))
        lines += [f"    {path}" for path in tally.differing]
    if dry:
        lines.append(_("Nothing was changed: this was a dry run."))
    return lines
