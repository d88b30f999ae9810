"""Where a sign-in is kept between two starts: the desktop's keyring, or a file of mode 0600.

The file says who is signed in, which the console wants to know before its first frame; the refresh
token is in it only where there is no keyring (a server, a container) or it does not answer.
"""

import asyncio
import contextlib
import logging
import os
import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import msgspec

from core.files import replace_file
from core.i18n import _
from core.identity.errors import IdentityUnavailable, SignInNotKept
from core.identity.secret import Secret
from core.paths import DataFolder

KEYRING_SERVICE = "capcoada"
KEYRING_SECONDS = 60.0
"""How long a keyring may take: it may ask its owner to unlock it."""
_SOUND_PRIORITY = 1
"""From here on a backend keeps secrets; below are those that keep nothing, or plain files."""

_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in."""

    uid: str
    email: str
    name: str


class Keyring(Protocol):
    """What of a `keyring.backend.KeyringBackend` is used."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return a secret; None when there is none."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Forget a secret; raises when there is none."""
        ...


class _File(msgspec.Struct, omit_defaults=True, rename="camel"):
    """What `sign-in.json` holds."""

    project: str
    uid: str
    email: str = ""
    name: str = ""
    refresh_token: str = ""


def desktop_keyring() -> Keyring | None:
    """Return this desktop's keyring; None where there is none that keeps secrets. It may block."""
    import keyring  # noqa: PLC0415 - slow to load, and only needed around a sign-in

    backend = keyring.get_keyring()
    return backend if backend.priority >= _SOUND_PRIORITY else None


class Safe:
    """The kept sign-in of one data folder for one Google project."""

    def __init__(
        self,
        folder: DataFolder,
        project: str,
        keyring: Callable[[], Keyring | None] = desktop_keyring,
    ) -> None:
        self._path = folder.sign_in_file
        self._project = project
        self._keyring = keyring
        self._entry = str(folder.root.resolve())
        """The name in the keyring: each data folder has one sign-in."""
        self._turn = 0
        """Counts what was to be kept or forgotten: a thread that comes late does nothing."""
        self._file_lock = threading.Lock()
        self._keyring_lock = threading.Lock()

    def person(self) -> Person | None:
        """Return who is signed in; one small file is read for it."""
        kept = self._read()
        return Person(kept.uid, kept.email, kept.name) if kept else None

    async def token(self) -> Secret | None:
        """Return the kept refresh token; None when there is none.

        Raises IdentityUnavailable when the keyring does not answer.
        """
        kept = self._read()
        if kept is None:
            return None
        if kept.refresh_token:
            return Secret(kept.refresh_token)
        try:
            text = await _apart(self._from_keyring)
        except Exception as error:  # another program's mistakes
            _log_kind(error)
            raise IdentityUnavailable(_("this desktop's keyring does not answer")) from None
        return Secret(text) if text else None

    async def keep(self, person: Person, token: Secret) -> None:
        """Keep a sign-in in the place of any other. Raises SignInNotKept."""
        self._turn = turn = self._turn + 1
        try:
            is_in_keyring = await _apart(lambda: self._to_keyring(token, turn))
        except Exception as error:
            _log_kind(error)
            is_in_keyring = False
        kept = _File(self._project, person.uid, person.email, person.name)
        if not is_in_keyring:
            kept.refresh_token = token.reveal()
        try:
            await asyncio.to_thread(self._to_file, kept, turn)
        except OSError as error:
            raise SignInNotKept(error.strerror or str(error)) from error

    async def forget(self) -> None:
        """Remove the sign-in from the file and from the keyring."""
        self._turn += 1
        await asyncio.to_thread(self._out_of_file)
        try:
            await _apart(self._out_of_keyring)
        except Exception as error:
            _log_kind(error)

    def _read(self) -> _File | None:
        """Return what the file says, unless it is of another project or open to other users."""
        try:
            with self._path.open("rb") as file:
                is_open = stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077
                kept = msgspec.json.decode(file.read(), type=_File)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            _log.warning("%s cannot be read: who was signed in has to sign in again", self._path)
            return None
        if is_open:
            _log.warning("%s was open to other users and is not believed", self._path)
            return None
        return kept if kept.project == self._project and kept.uid else None

    # -- in a thread ------------------------------------------------------------------------------

    def _to_file(self, kept: _File, turn: int) -> None:
        with self._file_lock:
            if turn == self._turn:
                replace_file(self._path, msgspec.json.encode(kept))

    def _out_of_file(self) -> None:
        with self._file_lock, contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _from_keyring(self) -> str | None:
        keyring = self._keyring()
        return keyring.get_password(KEYRING_SERVICE, self._entry) if keyring else None

    def _to_keyring(self, token: Secret, turn: int) -> bool:
        """Put the token into the keyring; return whether it can be taken out again."""
        with self._keyring_lock:
            keyring = self._keyring() if turn == self._turn else None
            if keyring is None:
                return False
            keyring.set_password(KEYRING_SERVICE, self._entry, token.reveal())
            return keyring.get_password(KEYRING_SERVICE, self._entry) == token.reveal()

    def _out_of_keyring(self) -> None:
        with self._keyring_lock:
            keyring = self._keyring()
            if keyring and keyring.get_password(KEYRING_SERVICE, self._entry) is not None:
                keyring.delete_password(KEYRING_SERVICE, self._entry)


def _log_kind(error: Exception) -> None:
    """Log what a keyring raised by its kind alone: its text is another program's."""
    _log.warning("the keyring failed: %s", type(error).__name__)


async def _apart(work: Callable[[], T]) -> T:
    """Return what `work` returns, from a thread of its own that nobody waits for at the end.

    A keyring is another program, and may wait for ever for its owner. Raises TimeoutError, and
    whatever `work` raises.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, failure = None, None
        try:
            result = work()
        except Exception as error:
            failure = error
        with contextlib.suppress(RuntimeError):  # the loop is over: nobody waits any more
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, name="keyring", daemon=True).start()
    async with asyncio.timeout(KEYRING_SECONDS):
        return await done
