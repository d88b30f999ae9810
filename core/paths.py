"""Where things live on this machine: the data folder and the names inside it."""

import contextlib
import os
import re
import tempfile
from pathlib import Path
from stat import S_ISDIR
from typing import NamedTuple
from urllib.parse import quote

from core.errors import DataFolderError
from core.i18n import _

DATA_VARIABLE = "CAPCOADA_DATA"
"""Environment variable that names the data folder."""

_LONGEST_SOCKET_FOLDER = 70
"""Unix socket paths end at 104 bytes on some systems; this leaves room for the names inside."""

_ACCOUNT_ID = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"


def default_data_folder() -> Path:
    """Return `$CAPCOADA_DATA`, or the per-user data folder of this system."""
    if named := os.environ.get(DATA_VARIABLE):
        return Path(named).expanduser()
    from platformdirs import user_data_path  # noqa: PLC0415 - not needed when the folder is named

    return user_data_path("capcoada", appauthor=False)


class DataFolder(NamedTuple):
    """The one folder that holds everything of one installation: mode 0700, files 0600."""

    root: Path

    @property
    def settings_file(self) -> Path:
        """The operator's settings, in TOML; absent means defaults."""
        return self.root / "settings.toml"

    @property
    def store_file(self) -> Path:
        """The embedded document store."""
        return self.root / "store.db"

    @property
    def search_file(self) -> Path:
        """The index of the messages' words; made from the store, and again when it is deleted."""
        return self.root / "search.db"

    def drafts_file(self, uid: str) -> Path:
        """What an operator wrote and did not send or save yet; each has their own."""
        if uid == "local":
            return self.root / "drafts.json"
        return self.root / f"drafts.{quote(uid, safe='')}.json"

    @property
    def sign_in_file(self) -> Path:
        """Who is signed in here; holds the proof of it only where the desktop has no keyring."""
        return self.root / "sign-in.json"

    @property
    def logs(self) -> Path:
        """The folder of rotating logs, one file per process."""
        return self.root / "logs"

    @property
    def media(self) -> Path:
        """Downloaded media, one folder per account."""
        return self.root / "media"

    @property
    def lock_file(self) -> Path:
        """The lock of the one bridge of this folder; holds its pid while it runs."""
        return self.root / "bridge.lock"

    @property
    def bridge_id_file(self) -> Path:
        """What tells this folder's bridge from those of other folders, made at its first start."""
        return self.root / "bridge.id"

    @property
    def sockets(self) -> Path:
        """The folder of Unix sockets; elsewhere when the data folder's path is too long for one."""
        inside = self.root.absolute() / "run"
        if len(os.fsencode(inside)) <= _LONGEST_SOCKET_FOLDER:
            return inside
        import hashlib  # noqa: PLC0415 - rarely needed, and it loads OpenSSL

        digest = hashlib.sha256(os.fsencode(self.root.resolve())).hexdigest()[:12]
        base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
        return Path(base) / f"capcoada-{os.getuid()}-{digest}"

    @property
    def bridge_socket(self) -> Path:
        """The Unix socket of the bridge's callables."""
        return self.sockets / "bridge.sock"

    @property
    def doorbells(self) -> Path:
        """The folder of datagram sockets that are rung after each commit to the store."""
        return self.sockets / "bell"

    @property
    def accounts(self) -> Path:
        """The folder of the accounts' folders."""
        return self.root / "accounts"

    def account(self, account_id: str) -> Path:
        """Return the folder of one WhatsApp account: session, journal, worker log.

        Raises DataFolderError for an id that could leave the folder.
        """
        if not re.fullmatch(_ACCOUNT_ID, account_id):
            raise DataFolderError(_("The account id {id!r} is not valid.").format(id=account_id))
        return self.accounts / account_id

    def prepare(self) -> None:
        """Make the folder and its parts with mode 0700.

        Whatever runs on it makes no part of it anew: a folder that was taken away stays away.
        Raises DataFolderError when that cannot be done, or when sockets would lie where somebody
        else could put others in their place.
        """
        for folder in (self.root, self.logs, self.media, self.accounts, self.sockets):
            _make_private_folder(folder, parents=True)
        self.prepare_sockets()

    def prepare_sockets(self) -> None:
        """Make the folder of sockets, but not the data folder around it. Raises DataFolderError."""
        for folder in (self.sockets, self.doorbells):
            _make_private_folder(folder, parents=False)
        if not self.sockets.is_relative_to(self.root.absolute()):
            _check_private(self.sockets)


def _make_private_folder(folder: Path, *, parents: bool) -> None:
    try:
        folder.mkdir(mode=0o700, parents=parents, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(13, os.strerror(13))
    except OSError as error:
        raise DataFolderError(
            _("The data folder {folder} cannot be used: {reason}.").format(
                folder=folder, reason=error.strerror
            ),
            hint=_("Choose another with --data or CAPCOADA_DATA."),
        ) from error


def _check_private(folder: Path) -> None:
    """Check that a folder among other people's is ours alone. Raises DataFolderError."""
    found = folder.lstat()
    if not S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise DataFolderError(
            _("The folder {folder} for sockets is not yours alone.").format(folder=folder),
            hint=_("Remove it, or name a folder of your own in XDG_RUNTIME_DIR."),
        )


def make_private_file(path: Path) -> None:
    """Make an empty file that its owner alone can read, unless it is there. Raises OSError.

    One that is there is not opened: closing it again would drop the locks that this process holds
    on it (https://www.sqlite.org/howtocorrupt.html, 2.2), and with them what keeps other processes
    from removing SQLite's log.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def is_parted_from_log(path: Path) -> bool:
    """Whether a SQLite file is gone, or empty, while its log is there.

    Whoever opened it now would have SQLite delete the log, and with it everything that was
    committed and not yet copied back: the file in its place again would not bring that back.
    """
    # In this order: whoever makes the file makes its log after it.
    return _has_content(path.with_name(f"{path.name}-wal")) and not _has_content(path)


def _has_content(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False
