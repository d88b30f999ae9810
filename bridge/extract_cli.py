"""`extract`: runs an extraction engine over a file of conversations, one JSON object a line."""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from bridge.errors import BridgeError
from bridge.exit_codes import EXIT_FAILED, EXIT_OK
from core.crm.draft import Extraction, ExtractionInput, to_exchange
from core.errors import CapcoadaError
from core.i18n import _

_PATIENCE_SECONDS = 300.0


def _rules(args: argparse.Namespace) -> Callable[[ExtractionInput], Extraction]:
    from core.crm.catalogue import DEFAULT_CATALOGUE, load_catalogue  # noqa: PLC0415 - only the chosen engine is loaded
    from core.crm.extract.rules import extract  # noqa: PLC0415 - only the chosen engine is loaded

    catalogue = load_catalogue(args.catalogue or DEFAULT_CATALOGUE)
    return lambda chat: extract(chat, catalogue=catalogue, currency=args.currency)


def _groq(args: argparse.Namespace) -> Callable[[ExtractionInput], Extraction]:
    from bridge.cli import folder_of  # noqa: PLC0415 - it imports this module
    from core.llm.key import read_key  # noqa: PLC0415 - only the chosen engine is loaded
    from core.llm.open import make_extractor  # noqa: PLC0415
    from core.settings import load_settings, placed  # noqa: PLC0415

    folder = folder_of(args)
    settings = placed(load_settings(folder), folder)
    read_key(settings.llm)
    replace = msgspec.structs.replace
    crm = replace(settings.crm, catalogue=str(args.catalogue or settings.crm.catalogue))
    # Nobody waits at a screen: a plan's limit per minute only makes it slower.
    llm = replace(settings.llm, total_seconds=max(settings.llm.total_seconds, _PATIENCE_SECONDS))
    business = replace(settings.business, currency=args.currency)
    patient = replace(settings, crm=crm, llm=llm, business=business)
    extractor = make_extractor(patient)
    return lambda chat: asyncio.run(extractor.extract(chat))


ENGINES: dict[str, Callable[[argparse.Namespace], Callable[[ExtractionInput], Extraction]]] = {
    "rules": _rules,
    "groq": _groq,
}
"""Engine name to what prepares it; the names are the choices of `--engine`."""


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the `extract` command to a command line."""
    from bridge.cli import add_data_option  # noqa: PLC0415 - it imports this module

    parser = subparsers.add_parser(
        "extract", help=_("propose an event for each conversation of a JSON Lines file")
    )
    parser.add_argument(
        "--engine",
        choices=sorted(ENGINES),
        default="rules",
        help=_("who reads: the built-in rules or a model"),
    )
    add_data_option(parser)
    name = _("FILE")
    add = parser.add_argument
    add("--input", type=Path, required=True, metavar=f"{name}.jsonl", help=_("the conversations"))
    add("--output", type=Path, required=True, metavar=f"{name}.jsonl", help=_("the results"))
    add("--catalogue", type=Path, metavar=f"{name}.toml", help=_("own services"))
    add("--currency", default="RON", metavar="RON", help=_("the currency of bare prices"))
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
        return EXIT_FAILED
    sys.stdout.write(_("{count} conversations read.").format(count=count) + "\n")
    return EXIT_OK


def _convert(source: Path, target: Path, engine: Callable[[ExtractionInput], Extraction]) -> int:
    """Write the results one by one, so that an engine that fails keeps what it did before."""
    chats = list(_conversations(source))
    try:
        with target.open("w", encoding="utf-8") as file:
            for chat in chats:
                line = json.dumps(to_exchange(engine(chat), chat.id), ensure_ascii=False)
                file.write(line + "\n")
                file.flush()
    except OSError as error:
        raise BridgeError(
            _("{path} cannot be written: {reason}.").format(path=target, reason=error)
        ) from error
    return len(chats)


def _conversations(source: Path) -> Iterator[ExtractionInput]:
    """Yield the conversations of a file. Raises BridgeError naming the line that is none."""
    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BridgeError(
            _("{path} cannot be read: {reason}.").format(path=source, reason=error)
        ) from error
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            chat = msgspec.json.decode(line, type=ExtractionInput)
            ZoneInfo(chat.timezone)
        except (msgspec.DecodeError, ZoneInfoNotFoundError, ValueError) as error:
            raise BridgeError(
                _("Line {number} of {path} is not a conversation: {reason}.").format(
                    number=number, path=source, reason=error
                ),
                hint=_("Each line needs now, timezone, and messages with id, direction, ts, body."),
            ) from error
        yield chat
