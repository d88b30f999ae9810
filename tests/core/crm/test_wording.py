"""What chats want by their wording: the model, what it is made from, and when it is heeded."""

from typing import get_args

import pytest

from core.crm.draft import Intent
from core.crm.extract.rules import second_look
from core.crm.extract.rules.wording import Model, packaged_model, read_model, read_words
from scripts.wording import CONVERSATIONS, STATEMENTS, learn, read_conversations, read_statements
from tests.core.crm.chats import STORED, read

ASKS = [(True, "cat costa la voi un animator?"), (False, "300 lei ora"), (True, "ok, mersi")]


def test_the_packaged_model_is_learned_from_the_conversations() -> None:
    samples = [one for path in CONVERSATIONS for one in read_conversations(path)]
    made = read_model(learn(samples + read_statements(STATEMENTS)).splitlines())
    packaged = packaged_model()
    assert made.intents == packaged.intents, "run `make wording`"
    assert made.rarity == packaged.rarity, "run `make wording`"
    for name, weights in made.weights.items():  # machines may differ in the last digit
        assert weights == pytest.approx(packaged.weights[name], abs=0.05), "run `make wording`"


def test_words_are_told_apart_by_who_says_them() -> None:
    words = read_words([(True, "la 17 sau 18?"), (False, "la 17!")], has_event=False)
    assert words["ila"] == words["ola"] == words["lla"] == 1
    assert words["i0"] == 2
    assert words["i? /"] == words["/ ola"] == 1
    assert "+" not in words
    assert read_words([], has_event=True) == {"+": 1}


def test_likelihoods_sum_to_one_and_follow_the_weights() -> None:
    model = Model(("BOOKING", "QUESTION"), (0.0, 0.0), {"icat": 1.0}, {"icat": (-1.0, 2.0)})
    likely = model.judge(read_words(ASKS, has_event=False))
    assert sum(likely.values()) == pytest.approx(1)
    assert likely["QUESTION"] > 0.9
    assert model.judge({})["BOOKING"] == 0.5


def test_a_long_message_is_judged_like_a_short_one() -> None:
    once = packaged_model().judge(read_words(ASKS, has_event=False))
    again = packaged_model().judge(read_words(ASKS * 2000, has_event=False))
    assert max(once, key=lambda one: once[one]) == max(again, key=lambda one: again[one])


def says_only(intent: Intent) -> Model:
    """Return a model that takes every chat for the same."""
    others = tuple(one for one in get_args(Intent) if one != intent)
    return Model((intent, *others), (50.0,) + (0.0,) * len(others), {}, {})


@pytest.mark.parametrize(
    ("intent", "text", "kept"),
    [
        ("UPDATE", "Vreau Elsa pe 6 iunie la 16:30", "BOOKING"),
        ("UPDATE", "Ora 18 ar fi ok?", "QUESTION"),
        ("BOOKING", "Mulțumim frumos!", "OTHER"),
    ],
)
def test_no_change_without_an_open_event_and_no_booking_of_nothing(
    monkeypatch: pytest.MonkeyPatch, intent: Intent, text: str, kept: Intent
) -> None:
    monkeypatch.setattr(second_look, "packaged_model", lambda: says_only(intent))
    assert read(text).intent == kept


def test_what_is_asked_for_without_details_is_a_booking_all_the_same() -> None:
    assert read("Bună ziua, aș vrea să rezerv o petrecere").intent == "BOOKING"


def test_a_change_stays_one_however_it_is_worded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_look, "packaged_model", lambda: says_only("BOOKING"))
    assert read("Mutăm pe 30 mai, vă rog", events=[STORED]).intent == "UPDATE"


def test_a_change_is_about_the_open_event() -> None:
    result = read("Buna, pana la urma vin 25 de copii", events=[STORED])
    assert (result.intent, result.target_event_id) == ("UPDATE", STORED.event_id)
