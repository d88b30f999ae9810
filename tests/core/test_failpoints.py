"""Failpoints: how a process is armed, what happens at them, and that each exists in the code."""

import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core.failpoints import NAMES, VARIABLE, FailpointsUnclear, armed_by

SOURCES = Path(__file__).parents[2]


def test_an_unarmed_process_passes_by() -> None:
    for name in NAMES:
        armed_by("")(name)


def test_the_disk_is_full_at_the_passage_that_was_asked_for_and_at_no_other() -> None:
    reach = armed_by("journal.append.begin:2:full, store.commit.end:1:full")
    reach("journal.append.begin")
    with pytest.raises(sqlite3.OperationalError) as caught:
        reach("journal.append.begin")
    assert caught.value.sqlite_errorcode == sqlite3.SQLITE_FULL
    reach("journal.append.begin")
    with pytest.raises(sqlite3.OperationalError):
        reach("store.commit.end")


def test_a_process_dies_where_its_environment_says() -> None:
    code = (
        "from core.failpoints import reach\n"
        "for turn in 'ab':\n    print(turn, flush=True)\n    reach('ingest.commit')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={VARIABLE: "ingest.commit:2:kill", "PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, "a\nb\n")


@pytest.mark.parametrize("text", ["nowhere:1:kill", "ingest.commit", "ingest.commit:x:kill",
                                  "ingest.commit:1:dance"])  # fmt: skip
def test_what_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(FailpointsUnclear, match=VARIABLE):
        armed_by(text)


def test_every_failpoint_is_somewhere_in_the_code_and_none_is_unknown() -> None:
    found = {
        name
        for package in ("core", "bridge")
        for path in (SOURCES / package).rglob("*.py")
        for name in re.findall(r'\breach\("([a-z.]+)"\)', path.read_text(encoding="utf-8"))
    }
    assert found == set(NAMES)
