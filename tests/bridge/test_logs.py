"""The log tells where and what, and neither to whom, nor what they wrote, nor any secret."""

import json
import logging
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import logs
from bridge.logs import LogFormat, log_to
from bridge.redact import redact, redact_reason
from core.errors import CapcoadaError

FORMATS: list[LogFormat] = ["text", "json"]
BODY = "Vreau pe 10 februarie, strada Florilor 3"


@contextmanager
def a_log(path: Path, log_format: LogFormat = "text") -> Iterator[logging.Logger]:
    root = logging.getLogger()
    level = root.level
    handler = log_to(path, "info", log_format)
    try:
        yield logging.getLogger("capcoada.test")
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()


def test_a_full_log_is_put_aside_and_old_ones_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_BYTES", 2000)
    with a_log(tmp_path / "bridge.log") as log:
        for number in range(500):
            log.info("line %d of many", number)
    kept = {one.name: one.stat().st_size for one in tmp_path.iterdir()}
    assert kept.keys() == {"bridge.log", *(f"bridge.log.{number}" for number in range(1, 6))}
    assert max(kept.values()) <= 2000
    assert "line 499 " in (tmp_path / "bridge.log").read_text()


@pytest.mark.parametrize("log_format", FORMATS)
def test_numbers_are_masked_and_the_file_is_private(tmp_path: Path, log_format: LogFormat) -> None:
    path = tmp_path / "bridge.log"
    with a_log(path, log_format) as log:
        log.info("from %s to %s", "40712345678@s.whatsapp.net", "+40799111222")
        try:
            raise ValueError("no thread WA-01__40712345678@s.whatsapp.net")
        except ValueError:
            log.exception("it failed")
    text = path.read_text()
    assert "…678@s.whatsapp.net to …222" in text
    assert "40712345678" not in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_json_is_one_object_a_line(tmp_path: Path) -> None:
    path = tmp_path / "bridge.log"
    with a_log(path, "json") as log:
        log.warning("first\nsecond \x1b[2J\u202e%s", "end")
        try:
            try:
                json.loads("{}")["x"]
            except KeyError as error:
                raise CapcoadaError("It cannot be done.") from error
        except CapcoadaError:
            log.exception("that")
    first, second = [json.loads(line) for line in path.read_text().splitlines()]
    assert first.keys() == {"time", "level", "logger", "message"}
    assert (first["level"], first["logger"]) == ("warning", "capcoada.test")
    assert first["message"] == "first second end"
    assert first["time"].endswith("Z")
    assert second["message"] == "that"
    assert "test_logs.py" in second["trace"]
    assert second["trace"].index("KeyError") < second["trace"].index("It cannot be done.")


def _validation() -> None:
    msgspec.json.decode(json.dumps({"body": BODY}).encode(), type=dict[str, int])


def _unpacked() -> None:
    first, _second = BODY.split(", ", 1)
    raise ValueError(f"cannot read {BODY!r} after {first!r}")


def _key() -> None:
    json.loads("{}")[BODY]


def _number() -> None:
    int(BODY)


@pytest.mark.parametrize("log_format", FORMATS)
@pytest.mark.parametrize("fails", [_validation, _unpacked, _key, _number])
def test_exceptions_do_not_tell_what_was_written(
    tmp_path: Path, log_format: LogFormat, fails: Callable[[], None]
) -> None:
    path = tmp_path / "bridge.log"
    with a_log(path, log_format) as log:
        try:
            fails()
        except Exception as error:
            log.exception("it failed")
            log.error("it failed: %s", error)
    text = path.read_text()
    assert "Florilor" not in text
    assert fails.__name__ in text, "where it was"
    assert "it failed" in text


@pytest.mark.parametrize(
    "secret",
    [
        "postgres://bridge:hunter2secret@db.example/whatsapp",
        "Authorization: Bearer hunter2secret",
        "authorization=Basic hunter2secret",
        "password='hunter2secret' host=x",
        'refresh_token": "hunter2secret"',
        "https://x.example/token?key=A&api_key=hunter2secret&b=1",
        "GROQ_API_KEY=hunter2secret",
        "groq said gsk_hunter2secret",
        "eyJhbGciOiJub25lIn0.hunter2secret.",
        "-----BEGIN PRIVATE KEY-----\nhunter2secret\n-----END PRIVATE KEY-----",
        "2@AbCdEfGhIjKlMnOpQrSt,hunter2secret,Gh==",
        "hunter2secret" * 4,
    ],
)
def test_secrets_never_get_in(tmp_path: Path, secret: str) -> None:
    path = tmp_path / "bridge.log"
    with a_log(path) as log:
        log.error("it said %s", secret)
        try:
            raise RuntimeError(secret)
        except RuntimeError as error:
            log.error("again: %s", error)
            log.exception("and again")
    assert "hunter2secret" not in path.read_text()
    assert path.read_text().count("RuntimeError") == 1


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("+40 712 345 678", "…678"),
        ("+40-712-345-678", "…678"),
        ("0712 345 678", "…678"),
        ("0712.345.678.", "…678."),
        ("(0040712345678)", "(…678)"),
        ("2026-02-10 18:00:00,123", "2026-02-10 18:00:00,123"),
        ("process 4194304 of 10.0.0.12:5432", "process 4194304 of 10.0.0.12:5432"),
        ("WA-01: connected", "WA-01: connected"),
        ("it's here and isn't there", "it's here and isn't there"),
    ],
)
def test_what_is_a_number_and_what_is_not(text: str, masked: str) -> None:
    assert redact(text) == masked


def test_an_exception_without_words_does_not_stop_the_log(tmp_path: Path) -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no")

    path = tmp_path / "bridge.log"
    with a_log(path) as log:
        try:
            raise Mute
        except Mute:
            log.exception("it failed")
        error = ValueError("round")
        error.__cause__ = error
        log.error("circle", exc_info=error)
    assert "Mute: no words (RuntimeError)" in path.read_text()
    assert "ValueError: round" in path.read_text()


@given(st.text(max_size=400))
def test_whatever_comes_is_one_safe_line(text: str) -> None:
    for line in (redact(text), redact_reason(text)):
        assert "\n" not in line
        assert "\x1b" not in line
    assert len(redact_reason(text)) <= 301


@given(st.integers(min_value=10**7, max_value=10**14))
def test_no_long_number_stays(number: int) -> None:
    assert str(number) not in redact(f"from {number}, again {number}@s.whatsapp.net")
