"""Noting who has a conversation open: only where somebody could see it, and never deleted."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bridge.staff.directory import Staff
from bridge.staff.presence import tell_presence
from bridge.tasks import cancel_all
from core.model.ids import presence_path
from core.service.callables import PresenceRequest
from core.service.presence import HOLDS_SECONDS, PresenceState
from core.store.embedded import EmbeddedStore
from core.store.port import Query, Set
from tests.support.accounts import NOW, THREAD
from tests.support.staff import a_profile, admin, staff
from tests.support.waiting import until

ANA = a_profile("ana", "WA-01", name="Ana \x1b[31mPop")


async def told(folder: Path, *people: Set, state: PresenceState = "viewing") -> dict[str, object]:
    """Return what is written when Ana tells it in the company of `people`."""
    async with EmbeddedStore.open(folder / "store.db") as store:
        await store.commit([staff("ana", "WA-01"), *people])
        known = Staff(store)
        following = asyncio.create_task(known.follow())
        try:
            await until(lambda: known.known("ana") is not None)
            request = PresenceRequest(thread_id=THREAD, state=state)
            answer = await tell_presence(store, known, ANA, request, lambda: NOW)
        finally:
            await cancel_all([following])
        found = await store.query(Query(presence_path(THREAD)))
        assert answer.is_shown == bool(found)
        return {each.id: each.data for each in found}


@pytest.mark.parametrize(
    "people", [(), (staff("bob", "WA-02"),), (staff("bob", "WA-01", is_active=False),)]
)
async def test_without_a_colleague_who_could_see_it_nothing_is_written(
    tmp_path: Path, people: tuple[Set, ...]
) -> None:
    assert await told(tmp_path, *people) == {}


@pytest.mark.parametrize("people", [(staff("bob", "WA-01"),), (admin("boss"),)])
@pytest.mark.parametrize("state", HOLDS_SECONDS)
async def test_a_sign_holds_for_as_long_as_its_kind(
    tmp_path: Path, people: tuple[Set, ...], state: PresenceState
) -> None:
    assert await told(tmp_path, *people, state=state) == {
        "ana": {
            "uid": "ana",
            "name": "Ana Pop",
            "state": state,
            "updatedAt": NOW,
            "expiresAt": NOW + timedelta(seconds=HOLDS_SECONDS[state]),
        }
    }
