"""What can be wrong with the index of words."""

from core.errors import CapcoadaError


class SearchUnusable(CapcoadaError):
    """The index of words cannot be read or written; the messages themselves are not touched."""
