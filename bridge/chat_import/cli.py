"""`capcoada import`: exported chats into the threads of an account; exports of capcoada go on."""

import argparse
import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bridge.chat_import.errors import ImportRefused, ImportUnclear
from bridge.exit_codes import EXIT_FAILED, EXIT_OK, EXIT_STOPPED, EXIT_UNREAD, EXIT_WRONG_USE
from core.clock import Clock, process_clock
from core.errors import CapcoadaError
from core.i18n import _
from core.paths import DataFolder
from core.settings import Settings, load_settings
from core.text import clean_line

if TYPE_CHECKING:
    from bridge.chat_import.archive import Export
    from bridge.chat_import.people import Ask
    from bridge.chat_import.report import ChatReport
    from bridge.chat_import.survey import Survey
    from core.store.port import Store


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the `import` command and its options; `run` is left in the namespace as `run`."""
    from bridge.cli import add_data_option

    parser = subparsers.add_parser(
        "import",
        help=_("read back an export, or add chats that were exported on a phone"),
        description=_(
            "Adds chats exported from WhatsApp on a phone (.txt or .zip) to an account's threads, "
            "or brings back what `capcoada export` wrote. Importing again adds nothing twice."
        ),
        epilog=_(
            "Exit codes: 0 all read, 1 error, 2 wrong use or something is left to be said, "
            "4 some lines could not be read."
        ),
    )
    add = parser.add_argument
    about = _("an exported chat, .txt or .zip, or an export of capcoada")
    add("files", nargs="+", type=Path, metavar=_("FILE"), help=about)
    add_data_option(parser)
    _add_chat_options(parser)
    add("--dry-run", action="store_true", help=_("only show what would happen"))
    differing = parser.add_mutually_exclusive_group()
    differing.add_argument(
        "--overwrite",
        action="store_true",
        help=_("of an export: replace documents that are there and differ"),
    )
    differing.add_argument(
        "--skip",
        action="store_true",
        help=_("of an export: keep documents that are there and differ"),
    )
    parser.set_defaults(run=run)


def _add_chat_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what an exported chat does not tell."""
    add = parser.add_argument
    add("--account", default="", metavar="ID", help=_("the account that the chats belong to"))
    add(
        "--create-account",
        default="",
        metavar=_("NAME"),
        help=_("make that account, never connecting, if it is not there"),
    )
    add("--me", default="", metavar=_("NAME"), help=_("your name in the exports"))
    add(
        "--phone",
        default="",
        metavar=_("NUMBER"),
        help=_("the customer's number, as +40712345678"),
    )
    add("--chat-name", default="", metavar=_("NAME"), help=_("the customer's or group's name"))
    add("--group", action="store_true", help=_("the chat is a group"))
    add(
        "--date-order",
        choices=("dmy", "mdy", "ymd"),
        help=_("how dates are written, where the export does not tell"),
    )
    add(
        "--time-zone",
        default="",
        metavar=_("ZONE"),
        help=_("the phone's time zone, as Europe/Bucharest; default: that of the settings"),
    )


def run(args: argparse.Namespace) -> int:
    """Import the files that the options name, and return the exit code."""
    from bridge.cli import folder_of
    from bridge.moving.read import is_export

    exports = [path for path in args.files if is_export(path)]
    if len(exports) == len(args.files):
        from bridge.moving.cli import run_import

        return run_import(args)
    if exports:
        print(_("Exports of capcoada and exported chats are imported apart."), file=sys.stderr)
        return EXIT_WRONG_USE
    if args.overwrite or args.skip:
        print(_("--overwrite and --skip go with exports of capcoada."), file=sys.stderr)
        return EXIT_WRONG_USE
    clock = process_clock()
    try:
        folder = folder_of(args)
        settings = load_settings(folder)
        zone = _zone(args.time_zone or settings.business.time_zone)
        folder.prepare()
        job = ImportJob(args, folder, settings, zone, clock, _terminal())
        return asyncio.run(job.run())
    except KeyboardInterrupt:
        print(
            _("Stopped. What was imported so far stays; run it again to finish."), file=sys.stderr
        )
        return EXIT_STOPPED
    except ImportUnclear as error:
        print(error, file=sys.stderr)
        return EXIT_WRONG_USE
    except CapcoadaError as error:
        print(error, file=sys.stderr)
        return EXIT_FAILED
    except OSError as error:
        print(_("The import stopped: {reason}.").format(reason=error), file=sys.stderr)
        return EXIT_FAILED


@dataclass(slots=True)
class ImportJob:
    """One run of the command."""

    args: argparse.Namespace
    folder: DataFolder
    settings: Settings
    zone: ZoneInfo
    clock: Clock
    ask: "Ask | None" = None
    say: Callable[[str], None] = print

    async def run(self) -> int:
        """Import all files; one that is refused does not keep the others from being imported."""
        from bridge.chat_import.archive import title_of
        from core.store.open import open_store

        chats = {title_of(path.name) for path in self.args.files}
        if len(chats) > 1 and (self.args.phone or self.args.chat_name):
            raise ImportUnclear(
                _("--phone and --chat-name tell of one chat, and the files are of several."),
                hint=_("Import the chats one by one."),
            )
        worst = EXIT_OK
        async with open_store(self.folder, self.settings) as store:
            from bridge.chat_import.target import find_account

            args = self.args
            account_id = await find_account(
                store, self.folder, args.account, args.create_account, self.clock,
                dry_run=args.dry_run,
            )  # fmt: skip
            for path in args.files:
                try:
                    code = await self._import_file(store, account_id, path)
                except ImportUnclear as error:
                    print(f"{clean_line(path.name)}: {error}", file=sys.stderr)
                    code = EXIT_WRONG_USE
                except ImportRefused as error:
                    print(error, file=sys.stderr)
                    code = EXIT_FAILED
                worst = _worse(worst, code)
        return worst

    async def _import_file(self, store: "Store", account_id: str, path: Path) -> int:
        from bridge.chat_import.archive import open_export

        with open_export(path) as export:
            report = await self._import(store, account_id, export)
        for line in report.summary():
            self.say(line)
        for line in report.problems():
            print(line, file=sys.stderr)
        return EXIT_UNREAD if report.unread.count else EXIT_OK

    async def _import(self, store: "Store", account_id: str, export: "Export") -> "ChatReport":
        from bridge.chat_import.media import MediaFiles
        from bridge.chat_import.people import Wishes, find_people
        from bridge.chat_import.reader import Reading
        from bridge.chat_import.report import ChatReport
        from bridge.chat_import.target import find_target, prepare_thread
        from bridge.chat_import.write import ChatWriter

        args, business = self.args, self.settings.business
        today = self.clock().astimezone(self.zone).date()
        known = tuple(name for name in (args.me, args.chat_name, export.title) if ": " in name)
        overview = self._survey(export, today, known)
        people = find_people(
            overview,
            export.title,
            Wishes(me=args.me, phone=args.phone, chat_name=args.chat_name, is_group=args.group),
            region=business.region,
            own_names=(self.settings.operator.name, business.name),
            ask=self.ask,
        )
        target = await find_target(store, account_id, people)
        if not args.dry_run:
            await prepare_thread(store, target, people)
        reading = Reading(overview, overview.decision.order, self.zone, today, known)
        report = ChatReport(
            file=export.name,
            people=people,
            target=target,
            decision=overview.decision,
            time_zone=self.zone.key,
            unread=reading.unread,
            notes=reading.notes,
            is_dry_run=args.dry_run,
        )
        writer = ChatWriter(
            store,
            target,
            MediaFiles(export, self.folder.media / account_id),
            people=people,
            has_seconds=overview.shape.has_seconds,
            region=business.region,
            clock=self.clock,
            dry_run=args.dry_run,
        )
        await writer.write(reading.messages(export.lines()), report.outcome)
        return report

    def _survey(self, export: "Export", today: date, known: tuple[str, ...]) -> "Survey":
        """Read the export once; raises ImportRefused for none, ImportUnclear for open dates."""
        from bridge.chat_import.dates import Decision
        from bridge.chat_import.survey import survey

        overview = survey(export.lines(), today, known)
        if overview is None:
            raise ImportRefused(
                _("{file} is no exported chat: no line begins with a date.").format(
                    file=export.name
                ),
                hint=_("Export the chat on the phone, and give the file as it came."),
            )
        if self.args.date_order:
            return replace(overview, decision=Decision(self.args.date_order, "given"))
        if overview.decision.certainty == "unknown":
            raise ImportUnclear(
                _("The dates can be read in more than one order."),
                hint=_("Say --date-order dmy or --date-order mdy."),
            )
        return overview


def _worse(first: int, second: int) -> int:
    order = (EXIT_OK, EXIT_UNREAD, EXIT_WRONG_USE, EXIT_FAILED)
    return max(first, second, key=order.index)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ImportUnclear(
            _("There is no time zone {name!r}.").format(name=name),
            hint=_("Use an IANA name such as Europe/Bucharest."),
        ) from error


def _terminal() -> "Ask | None":
    """Return how to ask the operator; None when nobody sits there."""

    def ask(question: str) -> str:
        try:
            return input(question)
        except EOFError:
            return ""

    return ask if sys.stdin.isatty() and sys.stdout.isatty() else None
