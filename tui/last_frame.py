"""The screen as it was left, shown again at once while the console is being loaded.

It is a picture: its last line says so and from when it is, and the first live frame takes its
place. Nothing is imported here that bare Python does not have at hand.
"""

import os
import sys
from collections.abc import Iterable

FILE_NAME = "last-frame"
"""In the data folder, mode 0600: it holds what was on the screen."""
_MOST_BYTES = 1 << 20
_FORMAT = "capcoada-frame-1"
_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?1049l\x1b[?25h"
ENTER_SCREEN = "\x1b[?1049h"
"""What a program writes to get a screen of its own; a terminal may clear it again at that."""


class _Shown:
    """What is to be undone: one process has one terminal."""

    is_there = False
    echo: list[object] | None = None
    """The terminal's settings before its echo was turned off."""


def show(folder: str) -> bool:
    """Show the frame that was kept in a data folder, if it fits this terminal; return whether.

    What is typed meanwhile is not echoed, and waits for the console.
    """
    try:
        with open(os.path.join(folder, FILE_NAME), encoding="utf-8") as file:
            if file.readline().rstrip("\n") != _head():
                return False
            frame = file.read(_MOST_BYTES)
    except (OSError, UnicodeDecodeError):
        return False
    _stop_echo()
    _Shown.is_there = True
    sys.stdout.write(_ENTER + frame)
    sys.stdout.flush()
    return True


def is_shown() -> bool:
    """Whether a kept frame is on the screen."""
    return _Shown.is_there


def take_over() -> None:
    """Take note that the console paints from now on, and gives the screen back by itself."""
    _Shown.is_there = False


def leave() -> None:
    """Give the terminal back as it was, whether the console came to paint or not."""
    if _Shown.is_there:
        _Shown.is_there = False
        sys.stdout.write(_LEAVE)
        sys.stdout.flush()
    if _Shown.echo is not None:
        import termios  # noqa: PLC0415 - it was loaded to turn the echo off

        before, _Shown.echo = _Shown.echo, None
        termios.tcsetattr(0, termios.TCSANOW, before)  # type: ignore[arg-type]  # as it was got


def keep(folder: str, lines: Iterable[str], mark: str) -> None:
    """Keep a frame: each line as it is written to this terminal, and the mark for the last one.

    A frame that cannot be kept is none the next time.
    """
    rows = [f"\x1b[{row};1H{line}" for row, line in enumerate(lines, start=1)]
    rows[-1] = f"\x1b[{len(rows)};1H\x1b[0m\x1b[7m{mark}\x1b[0m"
    path = os.path.join(folder, FILE_NAME)
    try:
        descriptor = os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(_head() + "\n" + "".join(rows))
        os.replace(f"{path}.new", path)
    except (OSError, UnicodeEncodeError):
        forget(folder)


def forget(folder: str) -> None:
    """Keep no frame: the next operator must not see it."""
    for name in (FILE_NAME, f"{FILE_NAME}.new"):
        try:
            os.unlink(os.path.join(folder, name))
        except OSError:
            continue


def _head() -> str:
    """Return what a frame must have been kept under to look right here."""
    try:
        size = os.get_terminal_size(sys.__stdout__.fileno())  # type: ignore[union-attr]
        columns, rows = size
    except (OSError, ValueError):
        columns = rows = 0
    look = (os.environ.get(name, "") for name in ("TERM", "COLORTERM", "NO_COLOR", "LC_ALL"))
    return " ".join((_FORMAT, f"{columns}x{rows}", *look))


def _stop_echo() -> None:
    """Have what is typed wait as it was typed; a terminal would take ctrl+q and ctrl+s out."""
    import termios  # noqa: PLC0415 - only when a frame is there

    try:
        before = termios.tcgetattr(0)
        quiet = [*before]
        quiet[0] = before[0] & ~(termios.IXON | termios.ICRNL)
        quiet[3] = before[3] & ~(termios.ECHO | termios.ICANON)
        termios.tcsetattr(0, termios.TCSANOW, quiet)
        _Shown.echo = before
    except termios.error:  # no terminal to read from: nothing is echoed either
        return
