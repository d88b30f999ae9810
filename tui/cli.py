"""The `capcoada` command: opens the console, or hands over to the bridge's own commands.

Exit codes: 0 done, 1 it cannot be done (with the reason and what helps), 2 wrong use,
130 interrupted. Nothing heavy is imported before it is certain that a console will be painted.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from core.errors import CapcoadaError, SettingsError
from core.i18n import LANGUAGES, _, adopt_language
from core.paths import DataFolder, default_data_folder

EXIT_FAILED = 1
EXIT_MISUSED = 2
EXIT_INTERRUPTED = 130

BRIDGE_COMMANDS = ("bridge", "doctor", "extract", "import", "simulate")
"""Commands that `python -m bridge` carries out, with their own options."""

_VALUE_OPTIONS = ("--data", "--language")


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out the command line and return the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    before, command, after = split_command(words)
    try:
        _speak(_value_of("--language", words), _value_of("--data", words))
        if command in BRIDGE_COMMANDS:
            options = _console_parser().parse_args(before)
            _hand_over(command, after, options)
        if command == "demo":
            return _demo(_demo_parser().parse_args([*before, *after]))
        return _console(_console_parser().parse_args(words))
    except CapcoadaError as error:
        print(f"capcoada: {error.message}", file=sys.stderr)
        if error.hint:
            print(error.hint, file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def split_command(words: Sequence[str]) -> tuple[list[str], str, list[str]]:
    """Part a command line at its command: the options before it, itself, all that follows.

    The command is empty when there is none.
    """
    place = 0
    while place < len(words):
        word = words[place]
        if not word.startswith("-"):
            return list(words[:place]), word, list(words[place + 1 :])
        place += 2 if word in _VALUE_OPTIONS else 1
    return list(words), "", []


# -- what the commands do -------------------------------------------------------------------------


def _console(options: argparse.Namespace) -> int:
    from tui.terminal import require_terminal

    folder = DataFolder(options.data or default_data_folder())
    require_terminal()
    folder.prepare()
    from core.clock import process_clock
    from core.settings import load_settings

    settings = load_settings(folder)
    from tui.console import run_console

    return run_console(folder, settings, process_clock())


def _demo(options: argparse.Namespace) -> int:
    from tui.terminal import require_terminal

    require_terminal()
    from tui.demo import run_demo

    return run_demo(options.data, fresh=options.fresh)


def _hand_over(command: str, rest: list[str], options: argparse.Namespace) -> NoReturn:
    """Become the bridge's command line: the console's packages and the bridge's never meet."""
    from core.paths import DATA_VARIABLE

    if options.data is not None:
        os.environ[DATA_VARIABLE] = str(options.data.absolute())
    sources = str(Path(__file__).resolve().parents[1])
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (sources, before)))
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-P", "-m", "bridge", command, *rest])  # noqa: S606


# -- options --------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """An argument parser that says where help is."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line and leave with code 2."""
        print(f"{self.prog}: {message}", file=sys.stderr)
        hint = _("Try {command} to see what can be given.").format(command=f"{self.prog} --help")
        print(hint, file=sys.stderr)
        sys.exit(EXIT_MISUSED)


def _console_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="capcoada",
        description=_("The terminal console from which you run your WhatsApp customers."),
        epilog=_commands_text(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="capcoada [--data FOLDER] [--language {auto,en,ro}] [COMMAND …]",
        allow_abbrev=False,
        add_help=False,
    )
    _add_common(parser)
    parser.add_argument("--version", action=_Version, help=_("show the version and leave"))
    parser.add_argument("command", nargs="?", type=_known_command, help=argparse.SUPPRESS)
    return parser


def _demo_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="capcoada demo",
        description=_(
            "Opens the console against a simulated WhatsApp with a lively little company; no phone "
            "is needed and nothing leaves this machine."
        ),
        allow_abbrev=False,
        add_help=False,
    )
    _add_common(parser)
    parser.add_argument(
        "--fresh", action="store_true", help=_("begin anew: forget what earlier demos left")
    )
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-h", "--help", action="help", help=_("show this help and leave"))
    parser.add_argument(
        "--data", type=Path, metavar=_("FOLDER"), help=_("the data folder to work with")
    )
    parser.add_argument(
        "--language",
        choices=("auto", *LANGUAGES),
        help=_("the language of the texts; auto follows the environment"),
    )


def _commands_text() -> str:
    commands = (
        ("", _("open the console")),
        ("demo", _("open the console against a simulated WhatsApp")),
        ("bridge", _("run the bridge that keeps the accounts connected")),
        ("doctor", _("see whether everything is in order, and what helps where not")),
        ("extract", _("turn conversations in a file into event drafts")),
        ("import", _("read chats that were exported from a phone")),
        ("simulate", _("run the simulated WhatsApp")),
    )
    rows = [f"  {f'capcoada {name}'.strip():18}{text}" for name, text in commands]
    head = _("commands; each has its own --help:")
    return "\n".join([head, *rows])


def _known_command(word: str) -> NoReturn:
    """Refuse a command that there is not; those that there are never come here."""
    known = ", ".join(("demo", *BRIDGE_COMMANDS))
    text = _("there is no command {word!r}; the commands are {known}")
    raise argparse.ArgumentTypeError(text.format(word=word, known=known))


class _Version(argparse.Action):
    """Prints the version; reads it only when asked."""

    def __init__(self, option_strings: Sequence[str], dest: str, **rest: object) -> None:
        super().__init__(option_strings, dest, nargs=0, help=str(rest.get("help", "")))

    def __call__(self, parser: argparse.ArgumentParser, *_rest: object) -> None:
        """Print and leave."""
        from core.version import version

        print(f"capcoada {version()}")
        parser.exit()


# -- language -------------------------------------------------------------------------------------


def _value_of(option: str, words: Sequence[str]) -> str | None:
    """Return an option's value before the command line is parsed: the parser speaks by it."""
    for place, word in enumerate(words):
        if word == option and place + 1 < len(words):
            return words[place + 1]
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return None


def _speak(language: str | None, data: str | None) -> None:
    """Choose the language: the option's, else the settings', else the environment's."""
    if language not in ("auto", *LANGUAGES):
        adopt_language("auto")
        language = _language_of_settings(data)
    adopt_language(language)


def _language_of_settings(data: str | None) -> str:
    folder = DataFolder(Path(data) if data else default_data_folder())
    if not folder.settings_file.is_file():
        return "auto"
    from core.settings import load_settings

    try:
        language = load_settings(folder).console.language
    except SettingsError:
        return "auto"  # help and doctor must work; whoever needs the settings says what is wrong
    return language if language in LANGUAGES else "auto"


if __name__ == "__main__":
    sys.exit(main())
