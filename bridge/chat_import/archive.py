"""Opens an export, `.txt` or `.zip`, as lines and media by name; refuses dangerous archives."""

import io
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from bridge.chat_import.classify import with_cedillas
from bridge.chat_import.errors import ImportRefused
from bridge.chat_import.phrases import LANGUAGES
from core.i18n import _
from core.text import clean_line

MOST_MEMBERS = 100_000
LARGEST_TEXT = 512 * 1024 * 1024
"""Bytes of chat text; 40,000 messages, the most that WhatsApp exports, have a few MiB."""
LARGEST_FILE = 2 * 1024**3
"""Bytes of one media file; WhatsApp takes documents of up to 2 GB."""
_DENSE_FROM = 16 * 1024 * 1024
"""Bytes from which on the compression is looked at."""
_DENSEST = 200
"""Times; media hardly shrink, and chats by ten or twenty."""
_LONGEST_LINE = 1024 * 1024

_COPY_NUMBER = re.compile(r"\s*\(\d{1,3}\)$")
_TITLES = re.compile(
    with_cedillas(
        "|".join(
            re.escape(title).replace(r"\*", "(.+)")
            for language in LANGUAGES for title in language.titles
        )
    ),
    re.IGNORECASE,
)  # fmt: skip
_UTF_8 = 0x800
"""The flag of a member whose name is said to be UTF-8; zipfile reads others as code page 437."""

BROKEN = (EOFError, ValueError, OverflowError, NotImplementedError, zipfile.BadZipFile, zlib.error)
"""What zipfile raises for archives that are damaged, or not made by a phone."""


def title_of(file_name: str) -> str:
    """Return the name of the chat that an export's file name tells, or an empty text."""
    stem = re.sub(r"\.(?:zip|txt)$", "", file_name, flags=re.IGNORECASE)
    stem = _COPY_NUMBER.sub("", unicodedata.normalize("NFC", clean_line(stem)))
    found = _TITLES.fullmatch(stem)
    return next(group for group in found.groups() if group is not None) if found else ""


def media_key(name: str) -> str:
    """Return what a file name is looked up by: without folders, composed, without case."""
    return unicodedata.normalize("NFC", clean_line(PurePosixPath(name).name)).casefold()


@dataclass
class Export:
    """An export that was opened."""

    path: Path
    title: str
    """The chat's name as the file name tells it; may be empty."""
    archive: zipfile.ZipFile | None = None
    text_member: zipfile.ZipInfo | None = None
    media: dict[str, zipfile.ZipInfo] = field(default_factory=dict)
    """By `media_key`."""

    @property
    def name(self) -> str:
        """What reports call the file."""
        inside = f"/{_name(self.text_member)}" if self.text_member else ""
        return clean_line(f"{self.path.name}{inside}")

    def lines(self) -> Iterator[str]:
        """Read the text anew, line by line; bytes that are no UTF-8 become lone surrogates.

        Of a line that no message can hold only the beginning is read.
        Raises ImportRefused when it cannot be read.
        """
        try:
            with self._open() as stream, _decoded(stream) as reader:
                total = 0
                is_begin = True
                while line := reader.readline(_LONGEST_LINE):
                    total += len(line)
                    if total > LARGEST_TEXT:
                        raise _refused(self.path, _("its text is far too long"))
                    if is_begin:
                        yield line.rstrip("\r\n")
                    is_begin = line.endswith("\n")
        except (OSError, *BROKEN) as error:
            raise _refused(self.path, str(error)) from error

    def _open(self) -> IO[bytes]:
        if self.archive is not None and self.text_member is not None:
            return self.archive.open(self.text_member)
        return self.path.open("rb")


@contextmanager
def open_export(path: Path) -> Iterator[Export]:
    """Open an exported chat. Raises ImportRefused for what is none, or dangerous."""
    try:
        if not path.is_file():
            reason = _("there is no such file") if not path.exists() else _("it is no file")
            raise _refused(path, reason)
        archive = zipfile.ZipFile(path) if zipfile.is_zipfile(path) else None
    except (OSError, *BROKEN) as error:
        raise _refused(path, str(error)) from error
    if archive is None:
        yield Export(path, title_of(path.name))
        return
    with archive:
        yield _from_archive(path, archive)


def _from_archive(path: Path, archive: zipfile.ZipFile) -> Export:
    members = [
        info
        for info in archive.infolist()
        if not info.filename.endswith("/") and not info.filename.startswith("__MACOSX/")
    ]
    size = path.stat().st_size
    if len(members) > MOST_MEMBERS:
        raise _refused(path, _("it holds too many files"))
    if (total := sum(info.file_size for info in members)) > max(_DENSE_FROM, size * _DENSEST):
        raise _refused(path, _("it would unpack to {size} bytes").format(size=total))
    for info in members:
        if reason := _danger(info):
            name = clean_line(_name(info))[:80]
            raise _refused(path, _("{name!r} in it {reason}").format(name=name, reason=reason))
    text = _text_member(path, members)
    if text.file_size > LARGEST_TEXT:
        raise _refused(path, _("its text is far too long"))
    media = {media_key(_name(info)): info for info in members if info is not text}
    title = title_of(path.name) or title_of(PurePosixPath(_name(text)).name)
    return Export(path, title, archive, text, media)


def _danger(info: zipfile.ZipInfo) -> str:
    """Return why a member is not to be touched, or an empty text."""
    name = info.orig_filename
    parts = re.split(r"[/\\]", name)
    if name.startswith(("/", "\\")) or ".." in parts or re.match(r"[A-Za-z]:", name):
        return _("would leave its folder")
    if "\x00" in name:
        return _("has a broken name")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return _("is no plain file")
    if info.flag_bits & 0x1:
        return _("is encrypted")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return _("is compressed in an unusual way")
    if info.file_size > LARGEST_FILE:
        return _("is too large")
    if info.file_size > max(_DENSE_FROM, info.compress_size * _DENSEST):
        return _("would unpack to far more than it should")
    return ""


def _name(info: zipfile.ZipInfo) -> str:
    """Return a member's name: it may be UTF-8 without saying so."""
    if info.flag_bits & _UTF_8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename


def _text_member(path: Path, members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """Return the chat's text; others are documents that were sent, whatever they are called."""
    texts = [info for info in members if info.filename.lower().endswith(".txt")]
    title = title_of(path.name)
    for fits in (
        lambda name: bool(title) and title_of(name) == title,
        lambda name: name.rpartition(".")[0] == path.stem,
        lambda name: name == "_chat.txt",
        lambda name: bool(title_of(name)),
    ):
        if chosen := [info for info in texts if fits(PurePosixPath(_name(info)).name)]:
            return chosen[0]
    if len(texts) == 1:
        return texts[0]
    raise _refused(path, _("no chat is in it"))


def _decoded(stream: IO[bytes]) -> io.TextIOWrapper:
    buffered = io.BufferedReader(stream)  # type: ignore[type-var]
    start = buffered.peek(2)[:2]
    if start in (b"\xff\xfe", b"\xfe\xff"):
        return io.TextIOWrapper(buffered, "utf-16", errors="replace", newline="\n")
    return io.TextIOWrapper(buffered, "utf-8-sig", errors="surrogateescape", newline="\n")


def _refused(path: Path, reason: str) -> ImportRefused:
    return ImportRefused(
        _("{file} cannot be imported: {reason}.").format(
            file=clean_line(str(path)), reason=clean_line(reason)
        ),
        hint=_("Export the chat again on the phone, and give the file as it came."),
    )
