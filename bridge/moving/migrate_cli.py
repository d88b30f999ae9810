"""`capcoada migrate`: the whole store to Cloud Firestore, or back onto this machine."""

import argparse
import asyncio
from contextlib import nullcontext
from typing import Literal

from msgspec.structs import replace

from bridge.moving.errors import MovingRefused
from core.clock import process_clock
from core.i18n import _
from core.paths import DataFolder
from core.settings import Cloud, Settings, load_settings

Engine = Literal["embedded", "firestore"]


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the `migrate` command and its options; what carries it out is left as `run`."""
    from bridge.cli import add_data_option  # noqa: PLC0415 - it imports this module

    parser = subparsers.add_parser(
        "migrate",
        help=_("copy the whole store to Cloud Firestore, or back"),
        description=_(
            "Copies every document of the store and then compares both sides. It can be stopped "
            "at any time and goes on where it stopped; repeating it writes nothing twice. "
            "Nothing is deleted."
        ),
    )
    add = parser.add_argument
    add(
        "--to",
        required=True,
        choices=("firestore", "embedded"),
        help=_("where to: the Google project of the settings, or this machine's data folder"),
    )
    add("--project", default="", metavar="ID", help=_("the Google project; else that of settings"))
    add("--verify", action="store_true", help=_("only compare, and write nothing"))
    differing = parser.add_mutually_exclusive_group()
    differing.add_argument(
        "--overwrite", action="store_true", help=_("replace documents that are there and differ")
    )
    differing.add_argument(
        "--skip", action="store_true", help=_("keep documents that are there and differ")
    )
    add_data_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Migrate as the options say, and return the exit code. Raises CapcoadaError, OSError."""
    from bridge.cli import folder_of  # noqa: PLC0415 - it imports this module
    from bridge.lock import BridgeLock  # noqa: PLC0415 - only when it is run

    folder = folder_of(args)
    folder.prepare()
    settings = load_settings(folder)
    if args.project:
        settings = replace(settings, cloud=replace(settings.cloud, project=args.project))
    if not settings.cloud.project:
        raise MovingRefused(
            _("No Google project is set."),
            hint=_('Say --project ID, or set project = "ID" under [cloud] in settings.toml.'),
        )
    with nullcontext() if args.verify else BridgeLock.hold(folder.lock_file):
        return asyncio.run(_migrate(args, folder, settings))


async def _migrate(args: argparse.Namespace, folder: DataFolder, settings: Settings) -> int:
    from bridge.moving.migrate import PlaceFile  # noqa: PLC0415 - only when it is run
    from bridge.moving.migrate_job import Ends, MigrateJob  # noqa: PLC0415
    from core.store.open import open_store  # noqa: PLC0415

    here = replace(settings, cloud=Cloud())
    there = settings.cloud
    names = {"embedded": "embedded", "firestore": f"firestore:{there.project}/{there.database}"}
    origin: Engine = "embedded" if args.to == "firestore" else "firestore"
    engines = {"embedded": here, "firestore": settings}
    async with (
        open_store(folder, engines[origin]) as source,
        open_store(folder, engines[args.to]) as target,
    ):
        job = MigrateJob(
            Ends(source, target, names[origin], names[args.to]),
            PlaceFile(folder.root / f"migrate-{args.to}.json"),
            process_clock(),
            overwrite=args.overwrite,
            skip=args.skip,
        )
        return await (job.verify() if args.verify else job.run())
