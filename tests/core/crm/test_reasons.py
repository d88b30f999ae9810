"""Why something is proposed is a code on record, and words where it is read."""

from typing import get_args

import pytest

from core.crm.draft import Reason, ReasonCode
from core.crm.reasons import sentence
from core.i18n import speaking

CODES = get_args(ReasonCode)


@pytest.mark.parametrize("language", ["en", "ro"])
def test_every_reason_has_a_sentence_of_its_own(language: str) -> None:
    with speaking(language):
        said = {sentence(Reason(code, ("popcorn",))) for code in CODES}
    assert len(said) == len(CODES)
    assert all(one.endswith(".") and "{" not in one for one in said)


@pytest.mark.parametrize(
    ("reason", "language", "words"),
    [
        (Reason("no_longer_wanted", ("Elsa", "POPCORN")), "en",
         "The customer no longer wants: Elsa, Popcorn."),
        (Reason("no_longer_wanted", ("Elsa", "BALLOONS")), "ro",
         "Clientul nu mai vrea: Elsa, Baloane."),
        (Reason("not_accepted", ("payment.amount",)), "en",
         "Amount was left out: only the company said it, and the customer did not accept."),
        (Reason("only_asks"), "ro", "Clientul doar întreabă."),
        (Reason("no_longer_wanted", ("{code} {0}",)), "en",
         "The customer no longer wants: {code} {0}."),
    ],
)  # fmt: skip
def test_it_says_what_it_is_about(reason: Reason, language: str, words: str) -> None:
    with speaking(language):
        assert sentence(reason) == words
