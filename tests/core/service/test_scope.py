"""What an operator may ask the store for, and what a console knows of who may do what."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.clock import EPOCH
from core.identity.session import LocalSession
from core.paths import DataFolder
from core.service.accounts import accounts_query
from core.service.inbox import Inbox, InboxView, unread_query
from core.service.scope import EVERYTHING, NOTHING, Scope
from core.service.staff import Team, by_name
from core.settings import Settings
from core.store.open import open_operator_store, open_store
from core.store.port import Filter, Query, Set
from tests.support.staff import a_profile, staff

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
    assert len(Scope.of(many).account_ids or ()) == 40
    assert Team("many", many, is_known=True).may_see("WA-39")


async def test_an_operator_of_forty_accounts_follows_all_of_them(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.prepare()
    ids = [f"WA-{number:02}" for number in range(40)]
    many = a_profile("many", *ids)
    scope = Scope.of(many)
    async with (
        open_store(folder) as store,
        open_operator_store(folder, Settings(), LocalSession("many")) as console,
    ):
        await store.commit([staff("many", *ids), Set("accounts/WA-99", {"accountId": "WA-99"})])
        await store.commit([Set(f"accounts/{one}", {"accountId": one}) for one in ids])
        assert [one.id for one in await console.query(accounts_query(scope))] == ids

        watch = console.watch(Inbox(InboxView(scope=scope)).head_query)
        assert (await anext(watch)).documents == ()
        for number, account_id in enumerate(["WA-39", "WA-99", "WA-00"]):
            moment = EPOCH + timedelta(seconds=number)
            thread = {"accountId": account_id, "lastMessageAt": moment}
            await store.commit([Set(f"threads/{account_id}__1", thread)])
        while len((snapshot := await anext(watch)).documents) < 2:
            pass
        assert [one.data["accountId"] for one in snapshot.documents] == ["WA-00", "WA-39"]
        await watch.close()


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
