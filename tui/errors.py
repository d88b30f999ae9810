"""Errors of the console itself.

ConsoleError(CapcoadaError)
"""

from core.errors import CapcoadaError


class ConsoleError(CapcoadaError):
    """Something went wrong inside the console."""
