"""Who answers a conversation: owner, co-writers, handing over."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.ingest.threads import merge_threads, new_thread
from bridge.staff.directory import Staff
from bridge.staff.writers import add_co_writer, hand_over, remove_co_writer
from core.model.documents import StaffProfile
from core.service.callables import (
    AddCoWriterRequest,
    HandOverRequest,
    RemoveCoWriterRequest,
    WritersAnswer,
)
from core.service.errors import CallRefused
from core.store.embedded import EmbeddedStore
from core.store.port import Set, Store
from tests.support.accounts import LID, LID_THREAD, PHONE, THREAD
from tests.support.staff import a_profile, admin, staff

ANA = a_profile("ana", "WA-01")
BOB = a_profile("bob", "WA-01")
BOSS = a_profile("boss", role="admin")
Doing = Callable[[Store, Staff, StaffProfile, Any], Awaitable[WritersAnswer]]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    """A thread that Ana answers, with people who may and may not use its account."""
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        await store.commit([
            staff("ana", "WA-01"), staff("bob", "WA-01"), admin("boss"),
            staff("foreign", "WA-02"), staff("gone", "WA-01", is_active=False),
            Set(f"threads/{THREAD}", new_thread(THREAD, "WA-01", PHONE, lid=None, phone=PHONE)
                | {"ownerUid": "ana"}),
        ])  # fmt: skip
        yield store


async def does(store: Store, doing: Doing, who: StaffProfile, request: Any) -> WritersAnswer:
    return await doing(store, Staff(store), who, request)


async def writers(store: Store) -> tuple[str | None, list[str]]:
    document = await store.get(f"threads/{THREAD}")
    assert document is not None
    return document.data["ownerUid"], document.data["coWriterUids"]


async def test_the_owner_lets_others_write_and_takes_it_back(store: EmbeddedStore) -> None:
    adding = AddCoWriterRequest(thread_id=THREAD, uid="bob")
    for _repetition in range(2):
        answer = await does(store, add_co_writer, ANA, adding)
        assert (answer.owner_uid, answer.co_writer_uids) == ("ana", ["bob"])
        assert await writers(store) == ("ana", ["bob"])
    removing = RemoveCoWriterRequest(thread_id=THREAD, uid="bob")
    for _repetition in range(2):
        await does(store, remove_co_writer, ANA, removing)
        assert await writers(store) == ("ana", [])


async def test_the_owner_is_no_co_writer(store: EmbeddedStore) -> None:
    await does(store, add_co_writer, ANA, AddCoWriterRequest(thread_id=THREAD, uid="ana"))
    assert await writers(store) == ("ana", [])


async def test_a_co_writer_may_leave_but_invite_nobody(store: EmbeddedStore) -> None:
    await does(store, add_co_writer, BOSS, AddCoWriterRequest(thread_id=THREAD, uid="bob"))
    with pytest.raises(CallRefused) as caught:
        await does(store, add_co_writer, BOB, AddCoWriterRequest(thread_id=THREAD, uid="boss"))
    assert caught.value.reason == "not_owner"
    await does(store, remove_co_writer, BOB, RemoveCoWriterRequest(thread_id=THREAD, uid="bob"))
    assert await writers(store) == ("ana", [])


async def test_handing_over_makes_one_owner(store: EmbeddedStore) -> None:
    await does(store, add_co_writer, ANA, AddCoWriterRequest(thread_id=THREAD, uid="bob"))
    for _repetition in range(2):
        await does(store, hand_over, ANA, HandOverRequest(thread_id=THREAD, uid="bob"))
        assert await writers(store) == ("bob", [])
    with pytest.raises(CallRefused) as caught:
        await does(store, hand_over, ANA, HandOverRequest(thread_id=THREAD, uid="ana"))
    assert caught.value.reason == "not_owner"
    await does(store, hand_over, BOSS, HandOverRequest(thread_id=THREAD, uid="boss"))
    assert await writers(store) == ("boss", [])


@pytest.mark.parametrize("uid", ["foreign", "gone", "nobody", ".."])
@pytest.mark.parametrize(
    ("doing", "kind"), [(add_co_writer, AddCoWriterRequest), (hand_over, HandOverRequest)]
)
async def test_only_who_may_read_it_is_let_in(
    store: EmbeddedStore, uid: str, doing: Doing, kind: Callable[..., Any]
) -> None:
    with pytest.raises(CallRefused) as caught:
        await does(store, doing, BOSS, kind(thread_id=THREAD, uid=uid))
    assert (caught.value.status, caught.value.field) == ("FAILED_PRECONDITION", "uid")
    assert await writers(store) == ("ana", [])


async def test_a_thread_of_nobody_is_given_by_admins_alone(store: EmbeddedStore) -> None:
    thread = new_thread(THREAD, "WA-01", PHONE, lid=None, phone=PHONE)
    await store.commit([Set(f"threads/{THREAD}", thread)])
    with pytest.raises(CallRefused) as caught:
        await does(store, hand_over, BOB, HandOverRequest(thread_id=THREAD, uid="bob"))
    assert caught.value.reason == "not_owner"
    await does(store, hand_over, BOSS, HandOverRequest(thread_id=THREAD, uid="bob"))
    assert await writers(store) == ("bob", [])


async def test_what_was_merged_away_is_followed(store: EmbeddedStore) -> None:
    hidden = new_thread(LID_THREAD, "WA-01", LID, lid=LID, phone=None)
    await store.commit([Set(f"threads/{LID_THREAD}", hidden | {"mergedInto": THREAD})])
    request = HandOverRequest(thread_id=LID_THREAD, uid="bob")
    assert (await does(store, hand_over, ANA, request)).thread_id == THREAD
    assert await writers(store) == ("bob", [])


async def test_no_such_thread(store: EmbeddedStore) -> None:
    request = HandOverRequest(thread_id="WA-01__nobody@lid", uid="bob")
    with pytest.raises(CallRefused) as caught:
        await does(store, hand_over, BOSS, request)
    assert caught.value.status == "NOT_FOUND"


def test_when_two_threads_become_one_nobody_loses_the_word() -> None:
    into = new_thread(THREAD, "WA-01", PHONE, lid=None, phone=PHONE)
    other = new_thread(LID_THREAD, "WA-01", LID, lid=LID, phone=None)
    merged = merge_threads(
        into | {"ownerUid": "ana", "coWriterUids": ["dan"]},
        other | {"ownerUid": "bob", "coWriterUids": ["ana", "eva"]},
    )
    assert (merged["ownerUid"], merged["coWriterUids"]) == ("ana", ["dan", "eva", "bob"])
    merged = merge_threads(into, other | {"ownerUid": "bob"})
    assert (merged["ownerUid"], merged["coWriterUids"]) == ("bob", [])
