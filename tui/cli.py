"""The `capcoada` command: opens the console, or hands over to the bridge's own commands.

Exit codes: 0 done, 1 it cannot be done (with the reason and what helps), 2 wrong use,
130 interrupted. Nothing heavy is imported before it is certain that a console will be painted.
"""

import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from tui import last_frame

if TYPE_CHECKING:
    import argparse

    from core.paths import DataFolder

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130

_VALUE_OPTIONS = ("--data", "--language")
_LANGUAGES = ("en", "ro")
"""As in `core.i18n`, which is loaded a little later."""
_ZONE_FILES = "/usr/share/zoneinfo:/usr/lib/zoneinfo:/usr/share/lib/zoneinfo:/etc/zoneinfo"
"""Where Python looks for time zones; untold, it loads how it was built to find out."""


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out the command line and return the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if is_plain(words):
        _show_last_frame(_value_of("--data", words))
    from core.errors import CapcoadaError

    before, command, after = split_command(words)
    try:
        _speak(_value_of("--language", words), _value_of("--data", words))
        if is_plain(words):
            return _console(_value_of("--data", words))
        from tui.options import BRIDGE_COMMANDS, console_parser, demo_parser

        if command in BRIDGE_COMMANDS:
            _hand_over(command, after, console_parser().parse_args(before))
        if command == "demo":
            return _demo(demo_parser().parse_args([*before, *after]))
        return _console(console_parser().parse_args(words).data)
    except CapcoadaError as error:
        last_frame.leave()
        print(f"capcoada: {error.message}", file=sys.stderr)
        if error.hint:
            print(error.hint, file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    finally:
        last_frame.leave()


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


def is_plain(words: Sequence[str]) -> bool:
    """Return whether these words open the console with options that need no parser to be read."""
    pairs = dict(zip(words[::2], words[1::2], strict=False))
    return (
        len(words) == 2 * len(pairs)
        and pairs.keys() <= set(_VALUE_OPTIONS)
        and all(value and value[0] != "-" for value in pairs.values())
        and pairs.get("--language", "auto") in ("auto", *_LANGUAGES)
    )


# -- what the commands do -------------------------------------------------------------------------


def _show_last_frame(data: str | None) -> None:
    """Show what was last on the screen, before anything else is loaded."""
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout)):
        return
    folder = data or os.environ.get("CAPCOADA_DATA")
    if folder is None:
        from core.paths import default_data_folder

        folder = str(default_data_folder())
    last_frame.show(os.path.expanduser(folder))


def _folder(data: "str | os.PathLike[str] | None") -> "DataFolder":
    from pathlib import Path

    from core.paths import DataFolder, default_data_folder

    return DataFolder(Path(data) if data else default_data_folder())


def _console(data: "str | os.PathLike[str] | None") -> int:
    """Open the console; no garbage is looked for until it runs: what is imported is none."""
    gc.disable()
    try:
        return _open_console(data)
    finally:
        gc.enable()


def _open_console(data: "str | os.PathLike[str] | None") -> int:
    from tui.terminal import require_terminal

    folder = _folder(data)
    require_terminal()
    folder.prepare()
    os.environ.setdefault("PYTHONTZPATH", _ZONE_FILES)
    from core.clock import process_clock
    from core.settings import load_settings

    settings = load_settings(folder)
    from tui.console import run_console

    return run_console(folder, settings, process_clock())


def _demo(options: "argparse.Namespace") -> int:
    from tui.terminal import require_terminal

    require_terminal()
    from tui.demo import run_demo

    return run_demo(options.data, fresh=options.fresh)


def _hand_over(command: str, rest: list[str], options: "argparse.Namespace") -> NoReturn:
    """Become the bridge's command line: the console's packages and the bridge's never meet."""
    from core.paths import DATA_VARIABLE

    if options.data is not None:
        os.environ[DATA_VARIABLE] = str(options.data.absolute())
    sources = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (sources, before)))
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-P", "-m", "bridge", command, *rest])  # noqa: S606


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
    from core.i18n import LANGUAGES, adopt_language

    if language not in ("auto", *LANGUAGES):
        adopt_language("auto")
        language = _language_of_settings(data)
    adopt_language(language)


def _language_of_settings(data: str | None) -> str:
    from core.errors import SettingsError
    from core.i18n import LANGUAGES

    folder = _folder(data)
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
