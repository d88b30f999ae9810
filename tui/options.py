"""The options of `capcoada` and `capcoada demo`; loaded when a command line is not a plain one."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from core.i18n import LANGUAGES, _

EXIT_MISUSED = 2

BRIDGE_COMMANDS = (
    "bridge",
    "doctor",
    "export",
    "extract",
    "import",
    "migrate",
    "rules",
    "simulate",
    "staff",
)
"""Commands that `python -m bridge` carries out, with their own options."""


class _Parser(argparse.ArgumentParser):
    """An argument parser that says where help is."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line and leave with code 2."""
        print(f"{self.prog}: {message}", file=sys.stderr)
        hint = _("Try {command} to see what can be given.").format(command=f"{self.prog} --help")
        print(hint, file=sys.stderr)
        sys.exit(EXIT_MISUSED)


def console_parser() -> argparse.ArgumentParser:
    """Return the parser of `capcoada` itself; it refuses commands that there are not."""
    parser = _Parser(
        prog="capcoada",
        description=_("The terminal console from which you run your WhatsApp customers."),
        epilog=_commands_text(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage=f"capcoada [--data {_('FOLDER')}] [--language {{auto,en,ro}}] [{_('COMMAND')} …]",
        allow_abbrev=False,
        add_help=False,
    )
    _add_common(parser)
    parser.add_argument("--version", action=_Version, help=_("show the version and leave"))
    parser.add_argument("command", nargs="?", type=_known_command, help=argparse.SUPPRESS)
    return parser


def demo_parser() -> argparse.ArgumentParser:
    """Return the parser of `capcoada demo`."""
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
        ("export", _("write everything into a file, or conversations as text")),
        ("extract", _("turn conversations in a file into event drafts")),
        ("import", _("read back an export, or chats that were exported from a phone")),
        ("migrate", _("copy everything to Cloud Firestore, or back")),
        ("rules", _("check security rules, and say who may do what")),
        ("simulate", _("run the simulated WhatsApp")),
        ("staff", _("show and add operators, the first admin of a team")),
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
