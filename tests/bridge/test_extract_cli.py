"""The `extract` command reads conversations and writes proposals."""

import argparse
import json
from pathlib import Path

import pytest

from bridge.extract_cli import register
from tests.support.fake_groq import error, good, running

LINE = {
    "id": "c1", "now": "2026-05-13T10:00:00+03:00", "timezone": "Europe/Bucharest",
    "phoneE164": "+40700000111",
    "existingEvents": [], "messages": [{"id": "m1", "direction": "inbound",
    "ts": "2026-05-12T10:00:00+03:00",
    "body": "Vreau Elsa pe 6 iunie la 17, 900 lei"}], "expected": {"intent": "SPAM"}, "evidence": 7,
}  # fmt: skip


def _run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())
    args = parser.parse_args(["extract", *words])
    code: int = args.run(args)
    return code


def test_one_line_in_one_line_out(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps(LINE) + "\n\n", encoding="utf-8")
    assert _run("--engine", "rules", "--input", str(source), "--output", str(target)) == 0
    line = json.loads(target.read_text(encoding="utf-8"))
    assert list(line) == ["id", "intent", "action", "targetEventId", "event", "evidence"]
    assert (line["id"], line["intent"], line["event"]["date"]) == ("c1", "BOOKING", "2026-06-06")


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        json.dumps({**LINE, "timezone": "Mars/Olympus"}),
        json.dumps({**LINE, "messages": 1}),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(text, encoding="utf-8")
    assert _run("--input", str(source), "--output", str(tmp_path / "out.jsonl")) == 1
    assert "Line 1" in capsys.readouterr().err


def test_a_missing_file_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--input", str(tmp_path / "none"), "--output", str(tmp_path / "out")) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_the_model_writes_the_same_shapes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk_123")
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps(LINE) + "\n" + json.dumps(LINE), encoding="utf-8")
    reply = {
        "intent": "BOOKING", "action": "CREATE_EVENT", "intentQuote": "Vreau",
        "intentMessageId": "m1", "targetEventId": None,
        "facts": [{"field": "date", "quote": "6 iunie", "messageId": "m1", "acceptedIn": None,
                   "service": None}],
    }  # fmt: skip
    with running() as groq:
        settings = f'[llm]\nbase_url = "{groq.url}"\n'
        (tmp_path / "settings.toml").write_text(settings, encoding="utf-8")
        groq.script(good(reply), error(401, "invalid_api_key", "Invalid API Key"))
        options = ("--engine", "groq", "--data", str(tmp_path))
        assert _run(*options, "--input", str(source), "--output", str(target)) == 1
    line = json.loads(target.read_text(encoding="utf-8"))
    assert list(line) == ["id", "intent", "action", "targetEventId", "event", "evidence"]
    assert line["event"]["date"] == "2026-06-06"
    assert line["evidence"] == {"date": ["m1"]}


def test_without_a_key_it_says_where_to_put_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps(LINE), encoding="utf-8")
    options = ("--engine", "groq", "--data", str(tmp_path))
    assert _run(*options, "--input", str(source), "--output", str(target)) == 1
    said = capsys.readouterr().err
    assert "no Groq key" in said
    assert "GROQ_API_KEY" in said
    assert str(tmp_path / "groq.key") in said
    assert not target.exists()
