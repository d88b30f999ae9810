"""What a chat takes out of a stored event, swapped for something else or for good."""

import json
from pathlib import Path

import msgspec
import pytest

from benchmarks.eval_extraction import read_lines
from core.crm.draft import ExistingEvent, ExtractionInput, Reason, Role
from core.crm.extract.rules import extract
from tests.core.crm.chats import STORED, read, updated

OWN = Path(__file__).parents[2] / "data" / "bookings.own.jsonl"
GIVEN_UP = {
    "own-a-026": "Anna", "own-b-026": "Belle", "own-d-007": "Sonic", "own-f-023": "Minnie Mouse",
    "own-g-008": "Superman", "own-g-047": "POPCORN", "own-k-011": "Anna", "own-m-016": "Marshall",
    "own-n-020": "Simba", "own-o-023": "Minion", "own-r-022": "Rapunzel", "own-s-024": "Chase",
    "own-s-053": "Elsa",
}  # fmt: skip
"""The conversations in which a customer takes a service out of a stored event."""


def stored(*roles: tuple[str, str | None], day: str = "2026-05-23") -> ExistingEvent:
    """Return an open event that has these services."""
    wanted = [Role(role_type=kind, label=label) for kind, label in roles]
    return msgspec.structs.replace(STORED, event_id="ev1", date=day, roles=wanted)


MINNIE = stored(("ANIMATOR", "Minnie Mouse"))
BOTH = stored(("ANIMATOR", "Elsa"), ("POPCORN", None))


@pytest.mark.parametrize(
    ("bodies", "comes", "goes"),
    [
        (["Se poate Mickey în loc de Minnie?", "<Da, schimbăm"], "Mickey", "Minnie Mouse"),
        (["Buna, nu mai vrem Minnie, vrem Elsa"], "Elsa", "Minnie Mouse"),
        (["Hi, could we swap Minnie for Elsa please?"], "Elsa", "Minnie Mouse"),
        (["inlocuim Minnie cu Spiderman?", "<Sigur", "super"], "Spiderman", "Minnie Mouse"),
        (["Mickey in locul lui Minnie va rog"], "Mickey", "Minnie Mouse"),
        (["Se poate Ana în loc de Minnie?"], "Ana", "Minnie Mouse"),
        (["în loc de Minnie vrem Catnap"], "Catnap", "Minnie Mouse"),
        (["Luca s-a razgandit, vrea Batman"], "Batman", "Minnie Mouse"),
        (
            ["Vrem Minnie pe 23 mai, ora 13", "<600 lei", "ok", "de fapt Mickey in loc de Minnie"],
            "Mickey",
            "Minnie Mouse",
        ),
    ],
)
def test_a_character_that_takes_another_s_place(bodies: list[str], comes: str, goes: str) -> None:
    draft = updated(*bodies, events=[MINNIE])
    assert [role.label for role in draft.roles] == [comes]
    assert draft.dropped_roles == [Role(role_type="ANIMATOR", label=goes)]


@pytest.mark.parametrize(
    "bodies",
    [
        ["Mai vrem și Mickey pe lângă Minnie"],
        ["ne-am răzgândit, vrem și Batman"],
        ["Pe 23 mai vrem Mickey în loc de Minnie, ora 17", "<Nu avem Mickey", "ok, atunci fără"],
        ["Mickey în loc de Minnie pe 23 mai?", "<Mickey e ocupat", "ok, atunci rămâne Minnie"],
    ],
)
def test_what_is_added_or_cannot_be_had_takes_no_place(bodies: list[str]) -> None:
    draft = updated(*bodies, events=[MINNIE])
    assert draft.dropped_roles == []
    assert "Minnie" not in {role.label for role in draft.roles}


def test_a_service_that_is_no_longer_wanted_goes_for_good() -> None:
    result = read("Nu mai vrem popcorn", events=[BOTH])
    assert (result.intent, result.target_event_id) == ("UPDATE", "ev1")
    assert result.event is not None
    assert (result.event.roles, result.event.dropped_roles) == ([], [Role(role_type="POPCORN")])
    assert result.evidence["droppedRoles"] == ["m1"]
    assert Reason("no_longer_wanted", ("POPCORN",)) in result.reasons


THREE = stored(("ANIMATOR", "Elsa"), ("ANIMATOR", "Anna"), ("POPCORN", None))


@pytest.mark.parametrize(
    "bodies",
    [
        ["Doar Elsa, vă rog"],
        ["Bună, până la urmă vrem doar Elsa"],
        ["am vorbit cu sotul si vrem numai Elsa pana la urma"],
        ["Rămânem doar cu Elsa"],
        ["hai sa ramana doar elsa pe 23"],
        ["Bună, pentru petrecerea din 23 mai luăm doar Elsa"],
        ["We'd like to keep only Elsa please"],
        ["just Elsa in the end, thanks"],
        ["<Rămâne și popcornul?", "doar elsa"],
        ["<Cine vine la 16?", "vrem doar Elsa"],
        ["Putem rămâne doar cu Elsa?", "<Da, sigur", "super, așa facem"],
    ],
)
def test_only_one_service_takes_out_the_others(bodies: list[str]) -> None:
    draft = updated(*bodies, events=[THREE])
    assert draft.roles == []
    assert [role.label or role.role_type for role in draft.dropped_roles] == ["Anna", "POPCORN"]


@pytest.mark.parametrize(
    "bodies",
    [
        ["Vrem doar ca Elsa să vină mai devreme"],
        ["Doar Elsa vine la 17, restul la 16"],
        ["Fetița știe doar Elsa și se teme de ceilalți"],
        ["îi place doar Elsa din Frozen"],
        ["Mai vrem doar baloane"],
        ["Nu vrem doar Elsa, vrem și baloane"],
        ["not only Elsa, we want balloons as well"],
        ["<Ce personaj îi place?", "doar Elsa"],
        ["<Cine vine la 16?", "doar Elsa"],
        ["Putem rămâne doar cu Elsa?", "<Nu, pachetul e complet", "ok, lăsăm așa"],
        ["Cât ar fi doar Elsa?"],
        ["am trimis avansul doar pentru Elsa"],
        ["dacă se îmbolnăvește Anna vine doar Elsa, e ok"],
        ["vrem poze doar cu Elsa"],
        ["Doar Batman, vă rog"],
    ],
)
def test_only_takes_out_nothing_where_it_does_not_choose(bodies: list[str]) -> None:
    result = read(*bodies, events=[THREE])
    assert result.event is None or result.event.dropped_roles == []


@pytest.mark.parametrize(
    "text",
    [
        "Scoatem doar popcornul",
        "Renunțăm doar la popcorn",
        "Doar popcornul nu-l mai vrem",
        "fara popcorn doar",
    ],
)
def test_only_that_goes_is_no_only_that_stays(text: str) -> None:
    result = read(text, events=[THREE])
    gone = result.event.dropped_roles if result.event else []
    assert {role.role_type for role in gone} <= {"POPCORN"}


def test_only_of_what_the_chat_offers_leaves_the_stored_event_alone() -> None:
    result = read(
        "Mai facem o petrecere pe 20 iunie",
        "<Avem Elsa cu Olaf și vată",
        "doar Elsa",
        events=[THREE],
    )
    assert result.event is not None
    assert result.event.dropped_roles == []


def test_what_is_asked_for_again_stays_beside_the_only_one() -> None:
    draft = updated("Doar Elsa, vă rog", "ba nu, vrem și popcorn", events=[THREE])
    assert [role.label for role in draft.dropped_roles] == ["Anna"]


def test_what_it_would_cost_without_is_a_question_until_the_answer_is_accepted() -> None:
    asked = ("cât ar fi fără popcorn?", "<500 lei atunci")
    assert read(*asked, "hm, nu, lăsăm cum e", events=[BOTH]).action == "NOOP"
    draft = updated(*asked, "ok, așa facem", events=[BOTH])
    assert draft.dropped_roles == [Role(role_type="POPCORN")]


def test_calling_off_is_no_removal() -> None:
    assert read("anulăm petrecerea, nu mai vrem Minnie", events=[MINNIE]).intent == "CANCEL"


def test_while_several_events_could_be_meant_the_draft_says_what_was_named() -> None:
    other = msgspec.structs.replace(BOTH, event_id="ev2", date="2026-06-20")
    result = read("Buna, in loc de Elsa vrem Moana", events=[BOTH, other])
    assert (result.intent, result.target_event_id) == ("UPDATE", None)
    assert result.event is not None
    assert result.event.dropped_roles == [Role(role_type="ANIMATOR", label="Elsa")]


def test_a_new_event_drops_nothing() -> None:
    result = read(
        "Pe 20 iunie mai facem o petrecere, ora 17, Mickey, nu Minnie ca data trecuta",
        events=[MINNIE],
    )
    assert result.intent == "BOOKING"
    assert result.event is not None
    assert result.event.dropped_roles == []


def test_own_conversations_take_out_what_they_say_and_nothing_else() -> None:
    found = {}
    for line in read_lines(OWN):
        if not line["existingEvents"]:
            continue
        result = extract(msgspec.json.decode(json.dumps(line), type=ExtractionInput))
        gone = result.event.dropped_roles if result.event else []
        if gone:
            found[line["id"]] = ", ".join(role.label or role.role_type for role in gone)
    assert found == GIVEN_UP
