"""`extract`: runs an extraction engine over a file of conversations, one JSON object a line."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import msgspec

from bridge.errors import BridgeError
from core.crm.draft import Extraction, ExtractionInput, to_exchange
from core.errors import CapcoadaError
from core.i18n import _


def _rules(args: argparse.Namespace) -> Callable[[ExtractionInput], Extraction]:
    from core.crm.catalogue import DEFAULT_CATALOGUE, load_catalogue  # noqa: PLC0415 - only the chosen engine is loaded
    from core.crm.extract.rules import extract  # noqa: PLC0415 - only the chosen engine is loaded

    catalogue = load_catalogue(args.catalogue or DEFAULT_CATALOGUE)
    return lambda chat: extract(chat, catalogue=catalogue, currency=args.currency)


ENGINES: dict[str, Callable[[argparse.Namespace], Callable[[ExtractionInput], Extraction]]] = {
    "rules": _rules,
}
"""Engine name to what prepares it; the names are the choices of `--engine`."""


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the `extract` command to a command line."""
    parser = subparsers.add_parser(
        "extract", help=_("propose an event for each conversation of a JSON Lines file")
    )
    parser.add_argument("--engine", choices=sorted(ENGINES), default="rules")
    parser.add_argument("--input", type=Path, required=True, metavar="FILE.jsonl")
    parser.add_argument("--output", type=Path, required=True, metavar="OUT.jsonl")
    parser.add_argument("--catalogue", type=Path, metavar="FILE.toml", help=_("own services"))
    parser.add_argument("--currency", default="RON", help=_("the currency of bare prices"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read the conversations, write one result a line, and return the exit code.

    What a conversation's `expected` and `evidence` hold is never read.
    """
    try:
        engine = ENGINES[args.engine](args)
        count = _convert(args.input, args.output, engine)
    except CapcoadaError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(_("{count} conversations read.").format(count=count) + "\n")
    return 0


def _convert(source: Path, target: Path, engine: Callable[[ExtractionInput], Extraction]) -> int:
    lines: list[str] = []
    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BridgeError(
            _("{path} cannot be read: {reason}.").format(path=source, reason=error)
        ) from error
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            chat = msgspec.json.decode(line, type=ExtractionInput)
            result = engine(chat)
        except (msgspec.DecodeError, ZoneInfoNotFoundError, ValueError) as error:
            raise BridgeError(
                _("Line {number} of {path} is not a conversation: {reason}.").format(
                    number=number, path=source, reason=error
                ),
                hint=_("Each line needs now, timezone, and messages with id, direction, ts, body."),
            ) from error
        lines.append(json.dumps(to_exchange(result, chat.id), ensure_ascii=False) + "\n")
    try:
        target.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise BridgeError(
            _("{path} cannot be written: {reason}.").format(path=target, reason=error)
        ) from error
    return len(lines)
