"""Operators from a shell: how a team's first admin is made."""

import asyncio
from pathlib import Path

import pytest

from bridge.cli import main
from core.model.documents import StaffProfile, from_document
from core.model.ids import staff_path
from core.paths import DataFolder
from core.store.open import open_store
from tests.support.auth_server import auth_server
from tests.support.fake_firebase_auth import PROJECT
from tests.support.processes import start_firestore_server


async def profile(folder: Path, uid: str) -> StaffProfile:
    async with open_store(DataFolder(folder)) as store:
        document = await store.get(staff_path(uid))
        assert document is not None
        return from_document(document, StaffProfile)


def said(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> str:
    assert main(["staff", *arguments, "--data", str(folder)]) == 0
    return capsys.readouterr().out


def test_the_first_admin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no operator" in said(capsys, tmp_path, "list")
    given = ("add", "u1", "--admin", "--name", "Ana")
    assert said(capsys, tmp_path, *given) == "Ana is an operator: admin, all accounts.\n"
    ana = asyncio.run(profile(tmp_path, "u1"))
    assert ana == StaffProfile(uid="u1", display_name="Ana", role="admin")
    assert "u1  Ana  admin, all accounts" in said(capsys, tmp_path, "list")


def test_rights_change_and_what_is_not_given_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, tmp_path, "add", "u2", "--name", "Bob", "--account", "WA-01", "--account", "WA-02")
    assert "Bob  WA-01, WA-02" in said(capsys, tmp_path, "list")
    said(capsys, tmp_path, "add", "u2", "--admin")
    bob = asyncio.run(profile(tmp_path, "u2"))
    assert (bob.display_name, bob.role, bob.allowed_account_ids) == (
        "Bob",
        "admin",
        ["WA-01", "WA-02"],
    )
    assert said(capsys, tmp_path, "add", "u3") == "u3 is an operator: no account yet.\n"


def test_a_uid_that_is_no_name_of_a_document_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["staff", "add", "a/b", "--data", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("capcoada: ")


async def test_in_a_team_an_address_is_enough(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "settings.toml").write_text(f'[cloud]\nproject = "{PROJECT}"\n')
    process, ready = await asyncio.to_thread(start_firestore_server, tmp_path / "firestore.db")
    with process:
        async with auth_server() as auth:
            uid, email = await auth.add("Ana")
            monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", ready["address"])
            monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", auth.host)
            arguments = (capsys, tmp_path, "add", email, "--admin")
            assert (await asyncio.to_thread(said, *arguments)).startswith("Ana is an operator")
            listed = await asyncio.to_thread(said, capsys, tmp_path, "list")
            assert f"{uid}  Ana  admin" in listed
            nobody = ["staff", "add", "nobody@example.com", "--data", str(tmp_path)]
            assert await asyncio.to_thread(main, nobody) == 1
            assert "Nobody signs in with this address" in capsys.readouterr().err
