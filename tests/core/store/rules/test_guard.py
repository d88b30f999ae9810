"""A judged handle: nothing slips past the rules, between the look and the write neither."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from core.clock import system_clock
from core.identity.session import LocalSession
from core.model.documents import StaffProfile, to_data
from core.model.ids import staff_path
from core.paths import DataFolder
from core.settings import Settings
from core.store.embedded import EmbeddedStore, guard, watch
from core.store.embedded.execute import read_document
from core.store.embedded.guard import Read
from core.store.errors import (
    AlreadyExists,
    NotFound,
    PermissionDenied,
    PreconditionFailed,
    StoreError,
)
from core.store.open import open_operator_store, open_store
from core.store.port import (
    SERVER_TIMESTAMP,
    Create,
    Delete,
    Document,
    Increment,
    Query,
    Set,
    Store,
    Transaction,
    Update,
    Write,
)
from core.store.rules.guard import RulesGuard
from core.store.rules.ruleset import Auth
from tests.core.store.rules.asking import NOW, rules
from tests.core.store.rules.company import ACCOUNT, THREAD, handle_of, settle

ANA = Auth("ana")


def judged(file: Path, body: str, clock: Callable[[], object] = system_clock) -> EmbeddedStore:
    by_rules = RulesGuard(rules(body), ANA, clock)  # type: ignore[arg-type]
    return EmbeddedStore.open(file, guard=by_rules, clock=clock)  # type: ignore[arg-type]


async def outcome(request: Awaitable[object]) -> type[StoreError] | None:
    try:
        await request
    except StoreError as error:
        return type(error)
    return None


@pytest.mark.parametrize(
    ("write", "wrong"),
    [
        (Create("{}/there", {"n": 2}), AlreadyExists),
        (Create("{}/new", {"n": 2}), None),
        (Update("{}/new", {"n": 2}), NotFound),
        (Update("{}/there", {"n": 2}), None),
        (Update("{}/there", {"n": 2}, update_time=NOW), PreconditionFailed),
        (Set("{}/new", {"n": 2}, update_time=NOW), PreconditionFailed),
        (Delete("{}/new", must_exist=True), NotFound),
        (Delete("{}/new"), None),
        (Delete("{}/there", update_time=NOW), PreconditionFailed),
    ],
)
async def test_who_is_refused_learns_nothing_else(
    write: Write, wrong: type[StoreError] | None, tmp_path: Path
) -> None:
    """What else is wrong is told to those alone who may write there."""
    from msgspec.structs import replace

    body = "match /open/{x} { allow write; } match /shut/{x} { allow write: if false; }"
    async with EmbeddedStore.open(tmp_path / "store.db") as server:
        await server.commit([Set("open/there", {"n": 1}), Set("shut/there", {"n": 1})])
        async with judged(tmp_path / "store.db", body) as store:
            in_open = replace(write, path=write.path.format("open"))
            in_shut = replace(write, path=write.path.format("shut"))
            assert await outcome(store.commit([in_open])) is wrong
            assert await outcome(store.commit([in_shut])) is PermissionDenied
            assert await outcome(store.commit([in_open, in_shut])) is PermissionDenied


async def test_one_refused_write_refuses_the_commit(tmp_path: Path) -> None:
    body = "match /a/{x} { allow write: if request.resource.data.n < 3; allow read; }"
    async with judged(tmp_path / "store.db", body) as store:
        writes = [Create("a/1", {"n": 1}), Create("a/2", {"n": 3})]
        assert await outcome(store.commit(writes)) is PermissionDenied
        assert await store.query(Query("a")) == []
        await store.commit(writes[:1])
        assert len(await store.query(Query("a"))) == 1


async def test_each_write_is_judged_on_what_those_before_it_left(tmp_path: Path) -> None:
    body = """match /a/{x} {
      allow create: if request.resource.data.n == 1;
      allow update: if request.resource.data.n == resource.data.n + 1;
      allow delete: if false;
    }"""
    one, two, three = Create("a/1", {"n": 1}), Update("a/1", {"n": 2}), Set("a/1", {"n": 3})
    async with judged(tmp_path / "store.db", body) as store:
        assert await outcome(store.commit([one, three])) is PermissionDenied
        assert await outcome(store.commit([one, Delete("a/1"), one])) is PermissionDenied
        assert await outcome(store.commit([one, two, three])) is None


async def test_between_the_look_and_the_write_nothing_happens(tmp_path: Path) -> None:
    body = "match /a/{x} { allow update: if resource.data.n < 3; }"
    file = tmp_path / "store.db"
    async with (
        EmbeddedStore.open(file) as server,
        judged(file, body) as one,
        judged(file, body) as two,
    ):
        await server.commit([Set("a/x", {"n": 0})])
        add = [Update("a/x", {"n": Increment(1)})]
        found = await asyncio.gather(
            *(outcome(handle.commit(add)) for handle in (one, two) for _ in range(10))
        )
        document = await server.get("a/x")
        assert document is not None
        assert document.data["n"] == 3
        assert (found.count(None), found.count(PermissionDenied)) == (3, 17)


async def test_what_the_commit_leaves_elsewhere_can_be_asked_for(tmp_path: Path) -> None:
    here = "/databases/$(database)/documents"
    body = f"""
      match /items/{{x}} {{
        allow create: if existsAfter({here}/counts/items)
          && getAfter({here}/counts/items).data.n
            == (exists({here}/counts/items) ? get({here}/counts/items).data.n : 0) + 1;
      }}
      match /counts/{{x}} {{ allow write; }}"""
    counted = Set("counts/items", {"n": Increment(1)}, merge=True)
    async with judged(tmp_path / "store.db", body) as store:
        assert await outcome(store.commit([Create("items/1", {})])) is PermissionDenied
        assert await outcome(store.commit([Create("items/1", {}), counted])) is None
        assert await outcome(store.commit([counted, Create("items/2", {})])) is None
        twice: list[Write] = [counted, Create("items/3", {}), counted]
        assert await outcome(store.commit(twice)) is PermissionDenied


async def test_the_time_of_the_commit_is_the_time_of_the_request(tmp_path: Path) -> None:
    body = "match /a/{x} { allow create: if request.resource.data.at == request.time; }"
    async with judged(tmp_path / "store.db", body) as store:
        assert await outcome(store.commit([Create("a/1", {"at": SERVER_TIMESTAMP})])) is None
        other = system_clock() + timedelta(seconds=1)
        assert await outcome(store.commit([Create("a/2", {"at": other})])) is PermissionDenied


async def test_a_transaction_is_judged_in_what_it_reads_and_writes(tmp_path: Path) -> None:
    body = "match /a/{x} { allow get, update: if x == 'mine'; }"
    file = tmp_path / "store.db"

    def body_of(path: str, other: str) -> Callable[[Transaction], Awaitable[None]]:
        async def run(transaction: Transaction) -> None:
            await transaction.get(path)
            transaction.write(Update(other, {"n": 2}))

        return run

    async with EmbeddedStore.open(file) as server, judged(file, body) as store:
        await server.commit([Set("a/mine", {"n": 1}), Set("a/other", {"n": 1})])
        assert await outcome(store.transact(body_of("a/mine", "a/mine"))) is None
        assert await outcome(store.transact(body_of("a/mine", "a/other"))) is PermissionDenied
        assert await outcome(store.transact(body_of("a/other", "a/mine"))) is PermissionDenied


async def test_documents_that_are_read_together_are_judged_by_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in hand is not read again for the rules, and nothing else is read twice."""
    thread, messages = f"threads/{THREAD}", [f"threads/{THREAD}/messages/M{n}" for n in range(3)]
    looked_up: list[str] = []

    def noting(connection: sqlite3.Connection, path: str) -> Document | None:
        looked_up.append(path)
        return read_document(connection, path)

    file = tmp_path / "store.db"
    async with handle_of(file, "server") as server, handle_of(file, "insider") as store:
        await settle(server)
        await server.commit([Set(path, {"body": "salut"}) for path in messages])
        monkeypatch.setattr(guard, "read_document", noting)
        assert None not in await store.get_all([thread, *messages])
        assert looked_up == [staff_path("insider")]
        looked_up.clear()
        assert None not in await store.get_all(messages)
        assert sorted(looked_up) == [staff_path("insider"), thread]


async def test_a_refusal_names_the_collection_and_nobody_in_it(tmp_path: Path) -> None:
    async with judged(tmp_path / "store.db", "match /a/{x} { allow get: if false; }") as store:
        with pytest.raises(PermissionDenied) as caught:
            await store.get("threads/WA-01__40712345678@s.whatsapp.net/messages/M1")
        assert "threads/messages" in str(caught.value)
        assert "40712345678" not in str(caught.value)
        assert caught.value.hint


async def test_what_no_rule_speaks_of_is_the_servers(tmp_path: Path) -> None:
    async with judged(tmp_path / "store.db", "match /{any=**} { allow read, write; }") as store:
        with pytest.raises(PermissionDenied):
            await store.last_seq()
        with pytest.raises(PermissionDenied):
            await store.changes_since("a", 0, 10)
        with pytest.raises(PermissionDenied):
            async with store.stand_still():
                pass


# -- watches --------------------------------------------------------------------------------------


async def test_whoever_is_deactivated_is_shut_out_of_open_watches(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    targets: list[Query | str] = [
        f"threads/{THREAD}",
        Query("threads").where("accountId", "==", ACCOUNT),
        Query(f"threads/{THREAD}/messages").order_by("tsClient"),
        Query("outbox").limit(5), Query("evenimente").limit(5), Query("clients").limit(5),
        f"accounts/{ACCOUNT}",
    ]  # fmt: skip
    async with handle_of(file, "server") as server, handle_of(file, "insider") as store:
        await settle(server)
        watches = [store.watch(target) for target in targets]
        for each in watches:
            assert len((await anext(each)).documents) >= 1
        waiting = [asyncio.ensure_future(anext(each)) for each in watches]
        await server.commit([Update(staff_path("insider"), {"isActive": False})])
        async with asyncio.timeout(60):
            answers = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(answer) for answer in answers] == [PermissionDenied] * len(targets)


async def test_a_watch_ends_when_its_account_is_taken_away_and_opens_again(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    query = Query("threads").where("accountId", "==", ACCOUNT)
    async with handle_of(file, "server") as server, handle_of(file, "insider") as store:
        await settle(server)
        one = store.watch(query)
        await anext(one)
        await server.commit([Update(staff_path("insider"), {"allowedAccountIds": ["WA-02"]})])
        async with asyncio.timeout(60):
            with pytest.raises(PermissionDenied):
                await anext(one)
        with pytest.raises(PermissionDenied):
            await anext(store.watch(query))
        await server.commit([Update(staff_path("insider"), {"allowedAccountIds": [ACCOUNT]})])
        assert len((await anext(store.watch(query))).documents) == 1


async def test_a_watched_document_that_is_no_longer_ones_own_ends_the_watch(tmp_path: Path) -> None:
    body = "match /a/{x} { allow get: if resource.data.owner == request.auth.uid; }"
    file = tmp_path / "store.db"
    async with EmbeddedStore.open(file) as server, judged(file, body) as store:
        await server.commit([Set("a/x", {"owner": "ana"})])
        mine = store.watch("a/x")
        assert len((await anext(mine)).documents) == 1
        await server.commit([Update("a/x", {"owner": "dan"})])
        async with asyncio.timeout(60):
            with pytest.raises(PermissionDenied):
                await anext(mine)


async def test_a_watch_is_judged_anew_only_when_what_it_stands_on_changes(tmp_path: Path) -> None:
    judged_times = 0

    class Counting(RulesGuard):
        def check_list(self, query: Query, read: Read) -> None:
            nonlocal judged_times
            judged_times += 1
            super().check_list(query, read)

    here = "/databases/$(database)/documents"
    body = f"match /a/{{x}} {{ allow list: if !exists({here}/shut/a); }}"
    file = tmp_path / "store.db"
    counting = Counting(rules(body), ANA, system_clock)
    async with (
        EmbeddedStore.open(file) as server,
        EmbeddedStore.open(file, guard=counting) as store,
    ):
        watched = store.watch(Query("a"))
        await anext(watched)
        for n in range(5):
            await server.commit([Set(f"a/{n}", {}), Set(f"b/{n}", {})])
            assert len((await anext(watched)).documents) == n + 1
        assert judged_times == 1
        await server.commit([Set("shut/b", {})])
        await server.commit([Set("a/5", {})])
        assert len((await anext(watched)).documents) == 6
        assert judged_times == 2
        await server.commit([Set("shut/a", {})])
        async with asyncio.timeout(60):
            with pytest.raises(PermissionDenied):
                await anext(watched)


async def test_a_watch_is_judged_anew_though_nothing_is_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_REVIEW_TICKS", 1)
    monkeypatch.setattr(guard, "REVIEW_SECONDS", 0)
    now = NOW

    def clock() -> object:
        return now

    body = "match /a/{x} { allow list: if request.time < timestamp.date(2026, 1, 20); }"
    async with judged(tmp_path / "store.db", body, clock) as store:
        until_tomorrow = store.watch(Query("a"))
        await anext(until_tomorrow)
        now += timedelta(days=1)
        async with asyncio.timeout(60):
            with pytest.raises(PermissionDenied):
                await anext(until_tomorrow)


def test_that_happens_every_minute_at_least() -> None:
    assert guard.REVIEW_SECONDS + watch._REVIEW_TICKS * watch._POLL_SECONDS <= 60


# -- the first operator ---------------------------------------------------------------------------


async def test_the_first_operator_of_a_folder_is_its_admin_and_no_other(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.prepare()
    first = LocalSession("local", "Ana")
    async with open_operator_store(folder, Settings(), first) as store:
        document = await store.get(staff_path("local"))
        assert document is not None
        assert document.data == to_data(StaffProfile(uid="local", display_name="Ana", role="admin"))
        await store.commit([Create(staff_path("dan"), to_data(StaffProfile(uid="dan")))])
    async with open_operator_store(folder, Settings(), LocalSession("eve")) as store:
        assert await outcome(store.query(Query("staffProfiles"))) is PermissionDenied
        assert await outcome(store.query(Query("threads"))) is PermissionDenied
    async with open_operator_store(folder, Settings(), first) as store:
        assert len(await store.query(Query("staffProfiles"))) == 2


async def test_a_folder_from_before_there_was_staff_gets_its_admin_too(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.prepare()
    async with open_store(folder) as server:
        await server.commit([Set(f"threads/{THREAD}", {"accountId": ACCOUNT})])
    async with open_operator_store(folder, Settings(), LocalSession()) as store:
        assert len(await store.query(Query("threads"))) == 1


async def test_a_folder_that_has_staff_is_left_alone(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.prepare()
    async with open_store(folder) as server:
        gone = to_data(StaffProfile(uid="gone", is_active=False))
        await server.commit([Create(staff_path("gone"), gone)])
        async with open_operator_store(folder, Settings(), LocalSession()) as store:
            assert await outcome(store.query(Query("threads"))) is PermissionDenied
        assert (await server.aggregate(Query("staffProfiles"))).count == 1


async def test_of_two_that_come_first_at_once_one_is_admin(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.prepare()

    def come(uid: str) -> Store:
        return open_operator_store(folder, Settings(), LocalSession(uid))

    stores = await asyncio.gather(*(asyncio.to_thread(come, uid) for uid in "abcd"))
    async with open_store(folder) as server:
        assert (await server.aggregate(Query("staffProfiles"))).count == 1
    for store in stores:
        await store.close()
