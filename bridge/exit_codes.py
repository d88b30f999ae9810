"""What the commands end with, for the scripts that call them; see also `EXIT_ALREADY_RUNNING`."""

from typing import Final

EXIT_OK: Final = 0
EXIT_FAILED: Final = 1
"""It did not work, or something is not as it should be; a sentence says what."""
EXIT_WRONG_USE: Final = 2
"""The options are wrong, or do not say enough."""
EXIT_UNREAD: Final = 4
"""`import`: everything that could be read was imported, but some lines could not be read."""
EXIT_FOLDER_GONE: Final = 5
"""`bridge`: its data folder was taken away."""
EXIT_STOPPED: Final = 130
"""Ctrl+C, as shells count it."""
