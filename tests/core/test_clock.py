"""The clocks that a process can be started with."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.clock import FROZEN_CLOCK_VARIABLE, jumping_clock, process_clock, system_clock


def test_a_clock_jumps_once_and_goes_on() -> None:
    ticks = iter([0.0, 1.4, 1.5])
    clock = jumping_clock(-90, after=1.5, ticks=lambda: next(ticks))
    assert abs(clock() - system_clock()) < timedelta(seconds=30)
    assert abs(clock() - system_clock() + timedelta(seconds=90)) < timedelta(seconds=30)


def test_the_environment_says_how_wrong_a_clock_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FROZEN_CLOCK_VARIABLE, "+3600.5")
    off = process_clock()() - system_clock()
    assert timedelta(seconds=3570) < off < timedelta(seconds=3630)


def test_the_environment_stops_a_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FROZEN_CLOCK_VARIABLE, "2026-02-10T18:00:00+02:00")
    assert process_clock()() == datetime(2026, 2, 10, 16, tzinfo=UTC)


def test_a_file_says_what_time_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.touch()
    monkeypatch.setenv(FROZEN_CLOCK_VARIABLE, str(file))
    clock = process_clock()
    for moment in (datetime(2026, 2, 10, 16, tzinfo=UTC), datetime(2026, 2, 11, 4, tzinfo=UTC)):
        os.utime(file, (moment.timestamp(),) * 2)
        assert clock() == moment


@pytest.mark.parametrize("text", ["2026-02-10T18:00:00", "soon"])
def test_what_is_no_clock_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FROZEN_CLOCK_VARIABLE, text)
    with pytest.raises(ValueError, match=text):
        process_clock()
