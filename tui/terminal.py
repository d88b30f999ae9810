"""Whether this terminal can show the console; said in one sentence before anything is painted."""

import locale
import os
import shutil
import sys

from core.i18n import _
from tui.errors import TerminalUnfit

LEAST_COLUMNS = 60
LEAST_ROWS = 18


def require_terminal() -> None:
    """Raise TerminalUnfit, with what to do, unless the console can be shown here.

    Errors count too: Textual paints on that stream.
    """
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise TerminalUnfit(
            _("The console needs a terminal; its input or output is not one."),
            hint=_("Run it without a pipe; capcoada bridge runs without a terminal."),
        )
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise TerminalUnfit(
            _("This terminal cannot be painted on: TERM is {term!r}.").format(
                term=os.environ.get("TERM", "")
            ),
            hint=_(
                "Use a terminal emulator, or set TERM to what yours is, as in {example}."
            ).format(example="TERM=xterm-256color"),
        )
    if not speaks_utf8():
        raise TerminalUnfit(
            _("The language settings of this terminal do not say UTF-8."),
            hint=_("Start it as {example}.").format(example="LC_ALL=C.UTF-8 capcoada"),
        )
    columns, rows = shutil.get_terminal_size()
    if columns < LEAST_COLUMNS or rows < LEAST_ROWS:
        raise TerminalUnfit(
            _(
                "The window is {columns} × {rows}; the console needs at least "
                "{least_columns} × {least_rows}."
            ).format(
                columns=columns, rows=rows, least_columns=LEAST_COLUMNS, least_rows=LEAST_ROWS
            ),
            hint=_("Make the window larger, or the letters smaller."),
        )


def speaks_utf8() -> bool:
    """Return whether the environment lets this terminal speak UTF-8.

    Python itself turns the C locale into UTF-8 (PEP 538, PEP 540). Where nothing at all is set, as
    on a bare system, that is taken for granted; where C or another charset was asked for, it is
    believed.
    """
    asked = any(os.environ.get(name) for name in ("LC_ALL", "LANG")) or (
        bool(os.environ.get("LC_CTYPE")) and not sys.flags.utf8_mode
    )
    if not asked or os.environ.get("PYTHONUTF8") == "1":
        return True
    if sys.flags.utf8_mode:
        return False
    return locale.getencoding().upper().replace("-", "") == "UTF8"
