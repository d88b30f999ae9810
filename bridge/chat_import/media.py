"""Takes media out of an export's archive into the data folder, each file once and only whole."""

import mimetypes
import re
import zipfile
from pathlib import Path, PurePath

from bridge.chat_import.archive import BROKEN, Export, media_key
from bridge.chat_import.errors import ImportRefused
from core.files import written_whole
from core.i18n import _
from core.model.documents import Media
from core.text import clean_line

_CHUNK = 1024 * 1024
_UNSAFE_NAME = re.compile(r"[^\w.+-]+")
_LONGEST_PART = 80
"""Bytes kept of a file's name, and of its ending; its message's id stands before them."""


def describe(file_name: str, has_media: bool) -> Media | None:
    """Return what a message carries as far as its name tells; None when it carries nothing."""
    if not has_media:
        return None
    if not file_name:
        return Media()
    guessed, _encoding = mimetypes.guess_type(file_name)
    return Media(mime_type=guessed or "application/octet-stream", file_name=clean_line(file_name))


class MediaFiles:
    """The media of one export, on their way into an account's folder."""

    def __init__(self, export: Export, folder: Path) -> None:
        self._export = export
        self._folder = folder

    def has(self, file_name: str) -> bool:
        """Whether the archive holds a file of this name."""
        return bool(file_name) and media_key(file_name) in self._export.media

    def size(self, file_name: str) -> int:
        """Return the bytes of a file; 0 when the archive does not hold it."""
        return self._export.media[media_key(file_name)].file_size if self.has(file_name) else 0

    def is_kept(self, local_path: str | None) -> bool:
        """Whether the file that a message names is there; a data folder may have lost its media."""
        return local_path is not None and Path(local_path).is_file()

    def keep(self, file_name: str, message_id: str) -> Media:
        """Write the file into the folder, readable by its owner alone, and return the media.

        A file that is there already in its full size is taken as it is. Raises ImportRefused when
        the archive is damaged, and OSError when the disk is full.
        """
        info = self._export.media[media_key(file_name)]
        path = self._folder / _stored_name(file_name, message_id)
        media = describe(file_name, True)
        assert media is not None
        if not (path.is_file() and path.stat().st_size == info.file_size):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._unpack(info, path)
        return Media(
            mime_type=media.mime_type, file_name=media.file_name, size=info.file_size,
            local_path=str(path),
        )  # fmt: skip

    def _unpack(self, info: zipfile.ZipInfo, path: Path) -> None:
        assert self._export.archive is not None
        try:
            with self._export.archive.open(info) as source, written_whole(path) as target:
                left = info.file_size
                while chunk := source.read(min(_CHUNK, left + 1)):
                    left -= len(chunk)
                    if left < 0:
                        raise zipfile.BadZipFile(_("it is longer than it says"))
                    target.write(chunk)
        except BROKEN as error:
            raise ImportRefused(
                _("{name} in {file} cannot be unpacked: {reason}.").format(
                    name=clean_line(info.filename), file=self._export.path.name, reason=error
                ),
                hint=_("Export the chat again on the phone; what was imported so far stays."),
            ) from error


def _stored_name(file_name: str, message_id: str) -> str:
    name = PurePath(_UNSAFE_NAME.sub("_", clean_line(file_name)).strip("._") or "file")
    stem, ending = (part.encode()[:_LONGEST_PART] for part in (name.stem, name.suffix))
    return f"{message_id[:24]}-{(stem + ending).decode(errors='ignore')}"
