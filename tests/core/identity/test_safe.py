"""Where a sign-in is kept: in a keyring if there is one that works, else in a file of mode 0600."""

import asyncio
import json
import stat
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import KeyringLocked, PasswordDeleteError

from core.files import replace_file
from core.identity import safe as safe_module
from core.identity.errors import IdentityUnavailable, SignInNotKept
from core.identity.safe import Person, Safe, desktop_keyring
from core.identity.secret import Secret
from core.paths import DataFolder
from tests.support.waiting import PATIENCE_SECONDS, until

ANA = Person("ana", "ana@example.com", "Ana")
TOKEN = Secret("refresh-ana")


class FakeKeyring:
    """A desktop's keyring in memory; `trouble` is raised by whatever is asked of it."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.trouble: Exception | None = None
        self.is_deaf = False
        self.longest = 1000

    def get_password(self, service: str, username: str) -> str | None:
        self._raise()
        kept = self.kept.get((service, username))
        return kept and kept[: self.longest]

    def set_password(self, service: str, username: str, password: str) -> None:
        self._raise()
        if not self.is_deaf:
            self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._raise()
        if (service, username) not in self.kept:
            raise PasswordDeleteError
        del self.kept[service, username]

    def _raise(self) -> None:
        if self.trouble is not None:
            raise self.trouble


@pytest.fixture
def ring() -> FakeKeyring:
    return FakeKeyring()


@pytest.fixture
def safe(folder: DataFolder, ring: FakeKeyring) -> Safe:
    return Safe(folder, "project", lambda: ring)


async def test_the_keyring_has_the_token_and_the_file_the_name(
    safe: Safe, ring: FakeKeyring, folder: DataFolder
) -> None:
    assert (safe.person(), await safe.token()) == (None, None)
    await safe.keep(ANA, TOKEN)
    assert list(ring.kept.values()) == ["refresh-ana"]
    assert "refresh-ana" not in folder.sign_in_file.read_text()
    again = Safe(folder, "project", lambda: ring)
    assert (again.person(), await again.token()) == (ANA, TOKEN)


async def test_forgetting_removes_it_from_both(
    safe: Safe, ring: FakeKeyring, folder: DataFolder
) -> None:
    await safe.keep(ANA, TOKEN)
    await safe.forget()
    assert ring.kept == {}
    assert not folder.sign_in_file.exists()
    assert (safe.person(), await safe.token()) == (None, None)
    await safe.forget()


@pytest.mark.parametrize("place", ["file", "keyring"])
async def test_what_is_forgotten_while_it_is_being_kept_stays_forgotten(
    folder: DataFolder, ring: FakeKeyring, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    is_there, may_go_on = threading.Event(), threading.Event()
    replace, store = replace_file, ring.set_password

    def held_up(work: Callable[..., None], *arguments: object) -> None:
        is_there.set()
        assert may_go_on.wait(PATIENCE_SECONDS)
        work(*arguments)

    if place == "file":
        monkeypatch.setattr(safe_module, "replace_file", partial(held_up, replace))
    else:
        monkeypatch.setattr(ring, "set_password", partial(held_up, store))
    safe = Safe(folder, "firma", lambda: ring)
    keeping = asyncio.create_task(safe.keep(ANA, TOKEN))
    await until(is_there.is_set, "it is being kept")
    keeping.cancel()
    forgetting = asyncio.create_task(safe.forget())
    await asyncio.sleep(0)
    may_go_on.set()
    await forgetting
    with pytest.raises(asyncio.CancelledError):
        await keeping
    assert safe.person() is None
    assert not folder.sign_in_file.exists()
    assert ring.kept == {}


@pytest.mark.parametrize("kind", ["none", "locked", "deaf", "cutting", "broken"])
async def test_without_a_keyring_that_works_the_file_has_it_all(
    folder: DataFolder, ring: FakeKeyring, kind: str
) -> None:
    ring.is_deaf = kind == "deaf"
    ring.longest = 5 if kind == "cutting" else 1000
    ring.trouble = {"locked": KeyringLocked(), "broken": RuntimeError("refresh-ana")}.get(kind)
    safe = Safe(folder, "project", lambda: None if kind == "none" else ring)
    await safe.keep(ANA, TOKEN)
    assert (safe.person(), await safe.token()) == (ANA, TOKEN)
    assert stat.S_IMODE(folder.sign_in_file.stat().st_mode) == 0o600
    await safe.forget()
    assert not folder.sign_in_file.exists()


async def test_a_keyring_that_came_later_takes_the_token_out_of_the_file(
    folder: DataFolder, ring: FakeKeyring
) -> None:
    await Safe(folder, "project", lambda: None).keep(ANA, TOKEN)
    assert "refresh-ana" in folder.sign_in_file.read_text()
    later = Safe(folder, "project", lambda: ring)
    assert await later.token() == TOKEN
    await later.keep(ANA, Secret("refresh-two"))
    assert "refresh" not in folder.sign_in_file.read_text()
    assert await later.token() == Secret("refresh-two")


async def test_what_a_keyring_says_when_it_fails_is_not_logged(
    safe: Safe, ring: FakeKeyring, caplog: pytest.LogCaptureFixture
) -> None:
    ring.trouble = RuntimeError("refresh-ana")
    await safe.keep(ANA, TOKEN)
    assert "RuntimeError" in caplog.text
    assert "refresh-ana" not in caplog.text


async def test_a_locked_keyring_is_no_reason_to_sign_in_again(
    safe: Safe, ring: FakeKeyring
) -> None:
    await safe.keep(ANA, TOKEN)
    ring.trouble = KeyringLocked()
    with pytest.raises(IdentityUnavailable, match="keyring"):
        await safe.token()
    assert safe.person() == ANA


async def test_a_keyring_that_never_answers_is_left_behind(
    folder: DataFolder, ring: FakeKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safe_module, "KEYRING_SECONDS", 0.05)
    released = threading.Event()

    def slow() -> FakeKeyring:
        released.wait(60)
        return ring

    safe = Safe(folder, "project", slow)
    await safe.keep(ANA, TOKEN)
    assert "refresh-ana" in folder.sign_in_file.read_text()
    assert all(each.daemon for each in threading.enumerate() if each.name == "keyring")
    released.set()
    for each in threading.enumerate():
        if each.name == "keyring":
            each.join(10)


async def test_each_data_folder_has_its_own_sign_in(tmp_path: Path, ring: FakeKeyring) -> None:
    safes = []
    for name in ("one", "two"):
        folder = DataFolder(tmp_path / name)
        folder.prepare()
        safes.append(Safe(folder, "project", lambda: ring))
        await safes[-1].keep(ANA, Secret(name))
    await safes[0].forget()
    assert await safes[1].token() == Secret("two")


async def test_the_sign_in_of_another_project_is_none(folder: DataFolder) -> None:
    await Safe(folder, "one", lambda: None).keep(ANA, TOKEN)
    other = Safe(folder, "two", lambda: None)
    assert (other.person(), await other.token()) == (None, None)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"uid": 5}', '{"project": "project", "uid": ""}'])
async def test_a_file_that_makes_no_sense_is_nobody(folder: DataFolder, text: str) -> None:
    folder.sign_in_file.write_text(text)
    folder.sign_in_file.chmod(0o600)
    assert Safe(folder, "project", lambda: None).person() is None


async def test_a_file_that_others_can_read_is_not_believed(folder: DataFolder) -> None:
    safe = Safe(folder, "project", lambda: None)
    await safe.keep(ANA, TOKEN)
    folder.sign_in_file.chmod(0o640)
    assert (safe.person(), await safe.token()) == (None, None)


async def test_a_folder_that_cannot_be_written(folder: DataFolder) -> None:
    gone = DataFolder(folder.root / "gone")
    with pytest.raises(SignInNotKept):
        await Safe(gone, "project", lambda: None).keep(ANA, TOKEN)


async def test_the_file_is_what_the_documentation_says(folder: DataFolder) -> None:
    await Safe(folder, "project", lambda: None).keep(ANA, TOKEN)
    assert json.loads(folder.sign_in_file.read_text()) == {
        "project": "project", "uid": "ana", "email": "ana@example.com", "name": "Ana",
        "refreshToken": "refresh-ana",
    }  # fmt: skip


class _Sound(KeyringBackend):
    """A backend as a desktop has one."""

    priority = 5

    def get_password(self, service: str, username: str) -> str | None:
        return None

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


@pytest.mark.parametrize(
    ("backend", "is_used"), [(fail.Keyring, False), (null.Keyring, False), (_Sound, True)]
)
def test_only_a_keyring_that_keeps_secrets_is_used(
    monkeypatch: pytest.MonkeyPatch, backend: type[KeyringBackend], is_used: bool
) -> None:
    monkeypatch.setattr(keyring, "get_keyring", backend)
    assert (desktop_keyring() is not None) == is_used
