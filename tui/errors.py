"""Errors of the console itself.

ConsoleError(CapcoadaError)
├── TerminalUnfit   the console cannot be shown on this terminal
└── DemoError       the demo cannot use its folder or start its processes
"""

from core.errors import CapcoadaError


class ConsoleError(CapcoadaError):
    """Something went wrong inside the console."""


class TerminalUnfit(ConsoleError):
    """The console cannot be shown on this terminal."""


class DemoError(ConsoleError):
    """The demo cannot use its folder or start its processes."""
