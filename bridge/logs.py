"""The bridge's log: rotating, readable by its owner alone, with phone numbers masked."""

import logging
import logging.handlers
import re
from pathlib import Path

from core.text import mask_phone

LEVELS = ("debug", "info", "warning", "error")
_BYTES = 5 * 1024 * 1024
_FILES = 5
_NUMBER = re.compile(r"\+?\d{8,}")
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class MaskingFormatter(logging.Formatter):
    """Hides all but the last digits of whatever could be a phone number."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line and its trace, masked; times and process ids are too short to suffer."""
        return _NUMBER.sub(lambda match: mask_phone(match[0]), super().format(record))


def log_to(path: Path, level: str) -> logging.Handler:
    """Send the process's log to a file, and return the handler for closing it.

    The files are private because the process's umask is 077.
    """
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8"
    )
    handler.setFormatter(MaskingFormatter(_FORMAT))
    path.chmod(0o600)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level.upper())
    logging.getLogger("aiohttp").setLevel(logging.WARNING)
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    return handler
