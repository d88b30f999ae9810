"""`rules check` says who may do what, or where the rules are wrong."""

from pathlib import Path

import pytest

from bridge.cli import main
from core.i18n import adopt_language

RULES = """rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /things/{id} {
      allow read: if isMine(id);
      allow create;
    }
    function isMine(id) { return request.auth.uid == id; }
  }
}
"""


@pytest.fixture(autouse=True)
def _english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAPCOADA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "100")
    adopt_language("en")


def test_the_rules_of_this_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "check"]) == 0
    lines = capsys.readouterr().out.splitlines()
    place = lines.index("/threads/{threadId}/messages/{messageId}")
    assert [line.split() for line in lines[place + 1 : place + 3]] == [
        ["get,", "list", "mayUseThread(threadId)"],
        ["create,", "update,", "delete", "nobody"],
    ]
    assert lines[-2:] == ["everything else", "  nobody"]
    assert max(map(len, lines)) <= 100


def test_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "own.rules"
    file.write_text(RULES, encoding="utf-8")
    assert main(["rules", "check", str(file), "--functions"]) == 0
    assert capsys.readouterr().out == (
        "The rules speak of 1 place.\n\n"
        "/things/{id}\n"
        "  get, list       isMine(id)\n"
        "  create          everybody, signed in or not\n"
        "  update, delete  nobody\n\n"
        "everything else\n  nobody\n\n"
        "where\n  isMine(id) = request.auth.uid == id\n"
    )


def test_a_mistake_is_shown_where_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "own.rules"
    file.write_text(RULES.replace("isMine(id);", "isMin(id);"), encoding="utf-8")
    assert main(["rules", "check", str(file)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == (
        f"{file}:5:22: There is no function isMin. Is isMine meant?\n"
        "      allow read: if isMin(id);\n"
        "                     ^\n"
    )


@pytest.mark.parametrize("name", ["missing.rules", "."])
def test_a_file_that_cannot_be_read(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rules", "check", str(tmp_path / name)]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_wrong_use() -> None:
    with pytest.raises(SystemExit) as caught:
        main(["rules"])
    assert caught.value.code == 2
