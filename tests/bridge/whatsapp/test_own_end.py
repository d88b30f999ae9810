"""A worker's own end in time, by a clock that the test moves."""

import threading

from bridge.whatsapp.own_end import EXIT_CODE, OwnEnd
from bridge.whatsapp.protocol import LeaseUntil

PATIENCE_SECONDS = 30.0


class Life:
    """A worker that notes how it was ended."""

    def __init__(self) -> None:
        self.now = 0.0
        self.told: list[str] = []
        self.is_told = threading.Event()
        self.codes: list[int] = []
        self.is_gone = threading.Event()
        self.end = OwnEnd(self._tell, ticks=lambda: self.now, end_now=self._die)

    def _tell(self, why: str) -> None:
        self.told.append(why)
        self.is_told.set()

    def _die(self, code: int) -> None:
        self.codes.append(code)
        self.is_gone.set()

    def is_due(self) -> bool:
        return self.end.is_due

    def at(self, now: float, stop_at: float, gone_at: float) -> None:
        """Move the clock, and have the lease looked at."""
        self.now = now
        self.end.put_off(LeaseUntil(stop_at=stop_at, gone_at=gone_at))


def test_first_it_is_asked_and_then_it_is_gone() -> None:
    life = Life()
    assert not life.is_due()
    life.at(0, 10, 20)
    assert not life.is_due()
    life.at(10, 10, 20)
    assert life.is_due()
    assert life.is_told.wait(PATIENCE_SECONDS)
    assert not life.codes
    life.at(20, 10, 20)
    assert life.is_gone.wait(PATIENCE_SECONDS)
    assert (len(life.told), life.codes) == (1, [EXIT_CODE])


def test_a_renewal_puts_the_end_off() -> None:
    life = Life()
    life.at(0, 10, 20)
    life.at(9, 70, 80)
    life.at(69, 70, 80)
    assert not life.is_due()
    life.at(70, 70, 80)
    assert life.is_told.wait(PATIENCE_SECONDS)
    assert life.now == 70


def test_after_a_long_sleep_it_is_gone_at_once() -> None:
    life = Life()
    life.at(0, 10, 20)
    life.at(5000, 10, 20)
    assert life.is_gone.wait(PATIENCE_SECONDS)
    assert life.told == []
