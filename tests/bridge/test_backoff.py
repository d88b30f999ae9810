"""The numbers that protect a number: delays, breaker, cooldown, budget."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.backoff import Backoff, BackoffPolicy
from tests.support.virtual_time import START

EXACT = BackoffPolicy(jitter=0.0)
CHANCE = random.Random(1)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (1, 2), (2, 4), (3, 8), (4, 16), (5, 32), (6, 60), (99, 60)]
)
def test_the_delay_doubles_up_to_its_ceiling(failures: int, seconds: float) -> None:
    backoff = Backoff(EXACT)
    for _ in range(failures):
        backoff = backoff.failed()
    assert backoff.delay(CHANCE) == seconds


@given(failures=st.integers(1, 50), seed=st.integers())
def test_jitter_stays_within_a_quarter(failures: int, seed: int) -> None:
    backoff = Backoff(failures=failures)
    exact = Backoff(EXACT, failures=failures).delay(CHANCE)
    assert 0.75 * exact <= backoff.delay(random.Random(seed)) <= 1.25 * exact


def test_six_throttles_bring_a_cooldown_that_doubles_up_to_an_hour() -> None:
    backoff = Backoff(EXACT)
    cooldowns = []
    for number in range(1, 25):
        backoff = backoff.failed(throttled=True)
        if number % 6 == 0:
            assert backoff.is_cooling
            cooldowns.append(backoff.delay(CHANCE) / 60)
        else:
            assert backoff.delay(CHANCE) <= 60
    assert cooldowns == [15, 30, 60, 60]


def test_a_healthy_connection_forgives() -> None:
    backoff = Backoff(EXACT).failed().failed(throttled=True).failed()
    assert backoff.healthy().delay(CHANCE) == 0


def test_the_budget_is_sixty_connects_in_a_day() -> None:
    backoff = Backoff(EXACT)
    for number in range(60):
        moment = START + timedelta(minutes=number)
        assert backoff.has_budget(moment)
        backoff = backoff.connected(moment)
    assert not backoff.has_budget(START + timedelta(hours=23, minutes=59))
    assert backoff.has_budget(START + timedelta(hours=24, seconds=1))


def test_a_person_grants_a_new_attempt_but_no_budget() -> None:
    backoff = Backoff(EXACT).with_connects([START] * 60).failed()
    assert backoff.granted().delay(CHANCE) == 0
    assert not backoff.granted().has_budget(START)
