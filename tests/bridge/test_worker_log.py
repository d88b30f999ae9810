"""The log that a worker prints into stays short, also while the worker lives."""

import os
from pathlib import Path

import pytest

from bridge import worker_process
from bridge.worker_process import WorkerProcess, put_long_log_aside


@pytest.fixture(autouse=True)
def short_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process, "_LONGEST_LOG", 1000)


def test_a_worker_goes_on_in_the_file_that_was_emptied(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    fd = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        for part in range(5):
            os.write(fd, f"part {part}\n".encode() * 200)
            put_long_log_aside(log)
            assert log.stat().st_size == 0
            os.write(fd, b"and on\n")
            put_long_log_aside(log)
    finally:
        os.close(fd)
    aside = tmp_path / "worker.log.1"
    assert aside.read_text() == "and on\n" + "part 4\n" * 200
    assert log.read_text() == "and on\n"
    assert {one.name for one in tmp_path.iterdir()} == {"worker.log", "worker.log.1"}


async def test_what_the_library_prints_is_not_kept_for_it_prints_pairing_codes(
    tmp_path: Path,
) -> None:
    prints = "import os; os.write(1, b'Pair Code: ABCD-1234\\n'); os.write(2, b'panic: nil\\n')"
    worker = await WorkerProcess.start("WA-01", ["-c", prints], tmp_path / "WA-01")
    assert await worker.report() is None
    await worker.end(grace_seconds=0)
    assert (tmp_path / "WA-01" / "worker.log").read_text() == "panic: nil\n"


def test_a_log_that_cannot_be_put_aside_stays_as_it_is(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text("x" * 2000)
    (tmp_path / "worker.log.1").mkdir()
    put_long_log_aside(log)
    assert log.read_text() == "x" * 2000
