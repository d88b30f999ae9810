"""What an operator may ask the store for, and what a console knows of who may do what."""

import pytest
from msgspec.structs import replace

from core.service.accounts import accounts_query
from core.service.inbox import Inbox, InboxView, unread_query
from core.service.scope import EVERYTHING, MOST_ACCOUNTS, NOTHING, Scope
from core.service.staff import Team, by_name
from core.store.port import Filter, Query
from tests.support.staff import a_profile

ANA = a_profile("ana", role="admin")
BOB = a_profile("bob", "WA-02", "WA-01", "WA-02")
DAN = a_profile("dan", "WA-01")
GONE = a_profile("gone", "WA-01", is_active=False)
PROFILES = {each.uid: each for each in (ANA, BOB, DAN, GONE)}


def test_an_admin_asks_for_everything_and_others_for_what_is_allowed() -> None:
    assert Scope.of(ANA) == EVERYTHING
    assert Scope.of(BOB).account_ids == ("WA-01", "WA-02")
    assert Scope.of(GONE) == NOTHING
    assert Scope.of(a_profile("new")).is_empty
    many = a_profile("many", *(f"WA-{n:02}" for n in range(40)))
    assert len(Scope.of(many).account_ids or ()) == MOST_ACCOUNTS
    assert Team("many", many, is_known=True).unseen_accounts == 40 - MOST_ACCOUNTS
    assert Team("bob", BOB, is_known=True).unseen_accounts == 0
    assert Team("ana", ANA, is_known=True).unseen_accounts == 0


def test_every_query_of_the_inbox_names_the_accounts() -> None:
    scope = Scope.of(BOB)
    named = Filter("accountId", "in", ["WA-01", "WA-02"])
    window = Inbox(InboxView(scope=scope)).window
    queries = [window.head_query(1), window.older_query(1), window.newer_query(1)]
    queries += [unread_query(scope), accounts_query(scope)]
    assert all(named in query.filters for query in queries)
    one = Inbox(InboxView("WA-01", scope=scope)).head_query
    assert one.filters == (Filter("accountId", "==", "WA-01"),)
    assert EVERYTHING.narrow(Query("threads")) == Query("threads")


@pytest.mark.parametrize(
    ("owner", "writers", "bob", "ana"),
    [
        ("", (), True, True),
        ("bob", (), True, True),
        ("dan", (), False, True),
        ("dan", ("bob",), True, True),
    ],
)
def test_who_may_write(owner: str, writers: tuple[str, ...], bob: bool, ana: bool) -> None:
    for me, may in ((BOB, bob), (ANA, ana), (GONE, False)):
        team = Team(me.uid, me, is_known=True, profiles=PROFILES)
        assert team.may_write("WA-01", owner, writers) is may
    assert not Team("dan", DAN, is_known=True).may_write("WA-02", owner, writers)


def test_a_console_knows_its_colleagues() -> None:
    team = Team("bob", BOB, is_known=True, profiles=PROFILES)
    assert [each.uid for each in team.colleagues("WA-01")] == ["ana", "dan"]
    assert [each.uid for each in team.colleagues("WA-02")] == ["ana"]
    assert (team.name("dan"), team.name("nobody")) == ("Dan", "nobody")
    assert team.may_share("bob")
    assert not team.may_share("dan")
    assert sorted(PROFILES.values(), key=by_name)[0] == ANA


def test_until_its_profile_is_read_nothing_is_kept_from_anybody() -> None:
    unknown = Team("bob")
    assert not unknown.is_shut_out
    assert unknown.may_write("WA-01", "dan", ())
    assert unknown.scope == EVERYTHING
    assert replace(unknown, is_known=True).is_shut_out
    assert replace(unknown, is_known=True).scope == NOTHING
    assert Team("gone", GONE, is_known=True).is_shut_out
