"""`rules check`: reads security rules, says what is wrong with them, or who may do what."""

import argparse
import shutil
import sys
import textwrap
from pathlib import Path

from bridge.exit_codes import EXIT_FAILED, EXIT_OK, EXIT_WRONG_USE
from core.i18n import _, ngettext
from core.store.errors import RulesInvalid
from core.store.rules.explain import Opening, functions, openings
from core.store.rules.ruleset import PACKAGED_RULES, Ruleset

_NARROWEST = 60


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the `rules` command to a command line."""
    about = _("Check security rules, and explain who may do what.")
    parser = subparsers.add_parser("rules", help=about, description=about)
    commands = parser.add_subparsers(metavar=_("COMMAND"), required=True)
    check = commands.add_parser("check", help=about, description=about)
    check.add_argument(
        "file",
        type=Path,
        nargs="?",
        default=PACKAGED_RULES,
        metavar=_("FILE"),
        help=_("a firestore.rules file; else the rules that this version goes by"),
    )
    check.add_argument(
        "--functions", action="store_true", help=_("also show what the rules' functions come to")
    )
    check.set_defaults(run=run_check)


def run_check(options: argparse.Namespace) -> int:
    """Check a file and print what it says.

    Return 0, 1 when the rules are wrong, 2 when the file cannot be read.
    """
    file: Path = options.file
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        sentence = _("{path} cannot be read: {reason}.").format(path=file, reason=reason)
        sys.stderr.write(f"capcoada: {sentence}\n")
        return EXIT_WRONG_USE
    try:
        ruleset = Ruleset.parse(text)
    except RulesInvalid as error:
        sys.stderr.write(f"{file}:{error.line}:{error.column}: {error.reason}\n{error.excerpt}\n")
        return EXIT_FAILED
    width = max(shutil.get_terminal_size((100, 24)).columns, _NARROWEST)
    lines = _places(openings(ruleset.rules), width)
    if options.functions:
        lines += _functions(functions(ruleset.rules), width)
    sys.stdout.write("\n".join(lines) + "\n")
    return EXIT_OK


def _places(found: list[Opening], width: int) -> list[str]:
    """Return a table of who may do what, place by place."""
    places = list(dict.fromkeys(one.place for one in found))
    lines = [
        ngettext(
            "The rules speak of {count} place.", "The rules speak of {count} places.", len(places)
        ).format(count=len(places)),
        "",
    ]
    operations = max((len(", ".join(one.operations)) for one in found), default=0)
    for place in places:
        lines.append(place)
        for one in found:
            if one.place == place:
                head = f"  {', '.join(one.operations):{operations}}  "
                lines += _wrapped(head, _who(one), width)
        lines.append("")
    return [*lines, _("everything else"), f"  {_('nobody')}"]


def _functions(known: dict[str, str], width: int) -> list[str]:
    lines = ["", _("where")]
    for name, meaning in known.items():
        lines += _wrapped(f"  {name} = ", meaning, width, indent="      ")
    return lines


def _who(opening: Opening) -> str:
    if not opening.conditions:
        return _("nobody")
    if "true" in opening.conditions:
        return _("everybody, signed in or not")
    return f" {_('or')} ".join(opening.conditions)


def _wrapped(head: str, text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=head,
        subsequent_indent=indent or " " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )
