"""The commands that need no screen: bridge, doctor, export, import, migrate and others.

Exit codes: 0 all is well, 1 it did not work (a sentence on standard error says why), 2 wrong use,
3 another bridge holds the data folder, 4 an import left lines out, 5 the data folder was taken away
from a running bridge, 130 ctrl+c.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from bridge.exit_codes import EXIT_FAILED, EXIT_FOLDER_GONE, EXIT_STOPPED
from core.errors import CapcoadaError, SettingsError
from core.i18n import adopt_language
from core.paths import DataFolder, default_data_folder
from core.service.bridge import EXIT_ALREADY_RUNNING


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    _choose_language(given)
    options = _parser().parse_args(given)
    from bridge.errors import AlreadyRunning, DataFolderGone

    try:
        run: Callable[[argparse.Namespace], int] = options.run
        return run(options)
    except AlreadyRunning as error:
        print(f"capcoada: {error}", file=sys.stderr)
        return EXIT_ALREADY_RUNNING
    except DataFolderGone as error:
        print(f"capcoada: {error}", file=sys.stderr)
        return EXIT_FOLDER_GONE
    except CapcoadaError as error:
        print(f"capcoada: {error}", file=sys.stderr)
        return EXIT_FAILED
    except OSError as error:
        print(f"capcoada: {error}", file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        return EXIT_STOPPED


def _parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    from core.i18n import _

    parser = argparse.ArgumentParser(prog="capcoada", description=_("The console's background."))
    commands = parser.add_subparsers(metavar=_("COMMAND"), required=True, dest="command")
    _add_bridge(commands)
    _add_doctor(commands)
    _add_simulate(commands)
    _add_import(commands)
    _add_export(commands)
    _add_migrate(commands)
    _add_extract(commands)
    _add_rules(commands)
    _add_staff(commands)
    return parser


def _add_bridge(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from bridge.logs import FORMATS, LEVELS
    from core.i18n import _

    about = _("Run the bridge: it keeps the WhatsApp accounts connected.")
    parser = commands.add_parser("bridge", help=about, description=about)
    add_data_option(parser)
    parser.add_argument(
        "--simulator",
        metavar="URL",
        type=_url,
        help=_("use simulated accounts from this simulator"),
    )
    parser.add_argument(
        "--log-level", choices=LEVELS, default="info", help=_("how much the log says")
    )
    parser.add_argument(
        "--log-format",
        choices=FORMATS,
        default="text",
        help=_("lines to read, or JSON for a collector"),
    )
    parser.set_defaults(run=_run_bridge)


def _run_bridge(options: argparse.Namespace) -> int:
    from bridge.daemon import run_daemon

    run_daemon(
        folder_of(options),
        simulator=options.simulator,
        log_level=options.log_level,
        log_format=options.log_format,
    )
    return 0


def _add_doctor(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from core.i18n import _

    about = _("Check everything that capcoada needs, and say what is wrong.")
    parser = commands.add_parser("doctor", help=about, description=about)
    add_data_option(parser)
    repair = _("recompute numbers, history and clients of all events, and mend what differs")
    parser.add_argument("--repair", action="store_true", help=repair)
    full = _("read all of a large store as well, which may take minutes")
    parser.add_argument("--full", action="store_true", help=full)
    parser.set_defaults(run=_run_doctor)


def _run_doctor(options: argparse.Namespace) -> int:
    from bridge.doctor.examine import examine

    return examine(folder_of(options), _say, full=options.full, repair=options.repair)


def _say(line: str) -> None:
    """Print a line at once, also into a pipe: the next one may take minutes."""
    print(line, flush=True)


def _add_simulate(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from bridge.simulator.cli import register_arguments, run_arguments
    from core.i18n import _

    about = _("Run a simulator of WhatsApp's side, for trying things out.")
    parser = commands.add_parser("simulate", help=about, description=about)
    register_arguments(parser)
    parser.set_defaults(run=run_arguments)


def _add_import(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from bridge.chat_import.cli import register

    register(commands)


def _add_export(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from bridge.moving.cli import register

    register(commands)


def _add_migrate(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from bridge.moving.migrate_cli import register

    register(commands)


def _add_extract(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from bridge.extract_cli import register

    register(commands)


def _add_rules(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from bridge.rules_cli import register

    register(commands)


def _add_staff(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from bridge.staff.cli import register

    register(commands)


def add_data_option(parser: argparse.ArgumentParser) -> None:
    """Give a command the `--data` option."""
    from core.i18n import _

    parser.add_argument(
        "--data", type=Path, metavar=_("FOLDER"), help=_("the data folder; else CAPCOADA_DATA")
    )


def folder_of(options: argparse.Namespace) -> DataFolder:
    """Return the data folder that the options or the environment name."""
    named: Path | None = getattr(options, "data", None)
    return DataFolder((named.expanduser() if named else default_data_folder()).absolute())


def _url(text: str) -> str:
    from core.i18n import _

    parts = urlsplit(text)
    if parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise argparse.ArgumentTypeError(
            _("a simulator is reached at http://127.0.0.1:PORT, not {url}").format(url=text)
        )
    return text.rstrip("/")


def _choose_language(given: Sequence[str]) -> None:
    """Speak the operator's language from the first word on; broken settings are told later."""
    early = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    early.add_argument("--data", type=Path, nargs="?")
    options, _rest = early.parse_known_args([*given])
    from core.settings import load_settings

    try:
        adopt_language(load_settings(folder_of(options)).console.language)
    except SettingsError:
        adopt_language("auto")
