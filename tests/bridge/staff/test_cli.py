"""Operators from a shell: how a team's first admin is made."""

import asyncio
from pathlib import Path

import pytest

from bridge.cli import main
from bridge.staff import cli
from core.model.documents import StaffProfile, from_document
from core.model.ids import staff_path
from core.paths import DataFolder
from core.service.callables import FindOperatorAnswer
from core.settings import Cloud, Settings
from core.settings_file import save_settings
from core.store.open import open_store
from core.store.port import Store


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
    given = ("add", "u1", "--admin", "--email", "ana@example.com", "--name", "Ana")
    assert said(capsys, tmp_path, *given) == "Ana is an operator: admin, all accounts.\n"
    ana = asyncio.run(profile(tmp_path, "u1"))
    assert ana == StaffProfile(uid="u1", email="ana@example.com", display_name="Ana", role="admin")
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


def test_an_admin_stays_one_until_it_is_said_that_they_are_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, tmp_path, "add", "u1", "--admin")
    assert "admin, all accounts" in said(capsys, tmp_path, "add", "u1", "--name", "Ana")
    told = said(capsys, tmp_path, "add", "u1", "--no-admin", "--account", "WA-01")
    assert told == "Ana is an operator: WA-01.\n"


def test_a_uid_that_is_no_name_of_a_document_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["staff", "add", "a/b", "--data", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("capcoada: ")


def test_in_a_team_an_address_is_enough(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def found(cloud: Cloud, email: str) -> FindOperatorAnswer:
        return FindOperatorAnswer(uid="x7Gh2", email=email, name=f"Ana of {cloud.project}")

    def on_this_machine(folder: DataFolder, _settings: Settings) -> Store:
        return open_store(folder)

    monkeypatch.setattr(cli, "find_operator", found)
    monkeypatch.setattr(cli, "open_store", on_this_machine)
    folder = DataFolder(tmp_path)
    folder.prepare()
    save_settings(folder, Settings(cloud=Cloud(project="demo")))
    told = said(capsys, tmp_path, "add", "ana@example.com", "--admin")
    assert told == "Ana of demo is an operator: admin, all accounts.\n"
    ana = asyncio.run(profile(tmp_path, "x7Gh2"))
    assert (ana.email, ana.is_admin) == ("ana@example.com", True)
