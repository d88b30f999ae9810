"""The simulator's command line."""

import argparse
import sys
from pathlib import Path

from bridge.errors import BridgeError
from core.i18n import _


def register_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a parser the simulator's options."""
    number, folder = _("NUMBER"), _("FOLDER")
    add = parser.add_argument
    add("--port", type=_port, default=0, metavar=number, help=_("TCP port on 127.0.0.1; 0: any"))
    add("--state", type=Path, required=True, metavar=folder, help=_("folder of its own state"))
    add("--demo", action="store_true", help=_("fill it with the demo company"))
    add(
        "--speed",
        type=_speed,
        metavar=number,
        help=_("how fast its customers live; 0: not by themselves"),
    )
    add("--seed", type=int, default=0, metavar=number, help=_("makes every run alike"))


def run_arguments(arguments: argparse.Namespace) -> int:
    """Run the simulator with parsed options; returns the exit code."""
    from bridge.simulator.server import run_simulator

    try:
        run_simulator(
            arguments.state,
            port=arguments.port,
            demo=arguments.demo,
            seed=arguments.seed,
            speed=arguments.speed,
        )
    except BridgeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(_("a port is a number from 0 to 65535"))
    return int(text)


def _speed(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(_("a speed is 0 or more"))
    return number


def main() -> int:
    """Run `python -m bridge.simulator`."""
    parser = argparse.ArgumentParser(
        prog="python -m bridge.simulator", description=_("A stand-in for WhatsApp's side.")
    )
    register_arguments(parser)
    return run_arguments(parser.parse_args())
