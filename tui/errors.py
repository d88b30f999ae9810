"""Errors of the console itself.

ConsoleError(CapcoadaError)
└── DraftsUnreadable   the file of unsent texts cannot be read or written
"""

from core.errors import CapcoadaError


class ConsoleError(CapcoadaError):
    """Something went wrong inside the console."""


class DraftsUnreadable(ConsoleError):
    """The file of unsent texts cannot be read or written."""
