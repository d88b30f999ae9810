"""The bridge's log: rotating, readable by its owner alone, as text or as one JSON object a line.

Every record passes `bridge.redact`, its exceptions too. A traceback keeps what tells where it was:
files, lines and functions; the words of an exception that is not our own lose what they quote.
"""

import logging
import logging.handlers
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from bridge.redact import redact, redact_reason
from core.errors import CapcoadaError

LEVELS = ("debug", "info", "warning", "error")
LogFormat = Literal["text", "json"]
FORMATS: Final[tuple[LogFormat, ...]] = ("text", "json")
_BYTES = 5 * 1024 * 1024
_FILES = 5
_LONGEST_CHAIN = 8
"""Exceptions that led to each other and are told."""


class TextFormatter(logging.Formatter):
    """One line a record, with its trace below."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text."""
        moment = self.formatTime(record)
        said = _message(record)
        lines = [f"{moment} {record.levelname} {record.name}: {said}"]
        return "\n".join([*lines, *_trace(record)])


class JsonFormatter(logging.Formatter):
    """One JSON object a line, for a collector."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON: time, level, logger, message, and its trace if it has one."""
        moment = datetime.fromtimestamp(record.created, UTC)
        told = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        if trace := _trace(record):
            told["trace"] = "\n".join(trace)
        return msgspec.json.encode(told).decode()


def log_to(path: Path, level: str, log_format: LogFormat = "text") -> logging.Handler:
    """Send the process's log to a file, and return the handler for closing it.

    The files are private because the process's umask is 077.
    """
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8"
    )
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    path.chmod(0o600)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level.upper())
    for talkative in ("aiohttp", "asyncio", "httpx", "httpcore", "google", "grpc", "urllib3"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    return handler


def _message(record: logging.LogRecord) -> str:
    """Return what a record says; exceptions among its parts speak as they do in a trace."""
    parts = record.args
    if isinstance(parts, tuple):
        parts = tuple(_words(part) if isinstance(part, BaseException) else part for part in parts)
    return redact(str(record.msg) % parts if parts else str(record.msg))


def _trace(record: logging.LogRecord) -> list[str]:
    """Return where a record's exception came from, the first cause first."""
    error = record.exc_info[1] if record.exc_info else None
    lines: list[str] = []
    for one in reversed(list(_causes(error))):
        lines += [
            f"  {frame.filename}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(one.__traceback__)
        ]
        lines.append(f"  {type(one).__name__}: {_words(one)}")
    return lines


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and what led to it."""
    told: list[BaseException] = []
    while error is not None and error not in told and len(told) < _LONGEST_CHAIN:
        told.append(error)
        yield error
        led = None if error.__suppress_context__ else error.__context__
        error = error.__cause__ or led


def _words(error: BaseException) -> str:
    """Return an exception's words; ours are sentences of our own."""
    try:
        words = str(error)
    except Exception as failure:  # somebody else's __str__, and the log must go on
        return f"no words ({type(failure).__name__})"
    return redact(words) if isinstance(error, CapcoadaError) else redact_reason(words)
