"""Staff profiles: what each kind allows, and the first admin."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.model.documents import StaffProfile, StaffRole, to_data
from core.model.ids import staff_path
from core.service.staff import STAFF_QUERY, make_first_admin, read_profile
from core.settings import Operator
from core.store.embedded import EmbeddedStore
from core.store.port import Create, Document

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("role", "is_active", "is_admin", "own", "foreign"),
    [
        ("admin", True, True, True, True),
        ("operator", True, False, True, False),
        ("admin", False, False, False, False),
        ("operator", False, False, False, False),
    ],
)
def test_what_a_profile_allows(
    role: StaffRole, is_active: bool, is_admin: bool, own: bool, foreign: bool
) -> None:
    profile = StaffProfile(uid="u-1", role=role, allowed_account_ids=["WA-01"], is_active=is_active)
    assert profile.is_admin is is_admin
    assert profile.may_use("WA-01") is own
    assert profile.may_use("WA-02") is foreign


def test_a_profile_is_read_as_it_was_written() -> None:
    profile = StaffProfile(
        uid="u-1", email="ana@example.org", display_name="Ana", code="A1",
        role="operator", allowed_account_ids=["WA-01"], is_active=False,
    )  # fmt: skip
    document = Document(staff_path("u-1"), to_data(profile), NOW, NOW)
    assert set(document.data) == {
        "uid", "email", "displayName", "code", "role", "allowedAccountIds", "isActive",
    }  # fmt: skip
    assert read_profile(document) == profile


@pytest.mark.parametrize(
    "data", [{}, {"uid": "u-1", "role": "owner"}, {"uid": "u-1", "allowedAccountIds": "WA-01"}]
)
def test_a_profile_that_does_not_fit_allows_nothing(data: dict[str, object]) -> None:
    assert read_profile(Document(staff_path("u-1"), data, NOW, NOW)) is None
    assert read_profile(None) is None


async def test_the_first_operator_becomes_admin_once(tmp_path: Path) -> None:
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        await make_first_admin(store, Operator(uid="local", name="Ana"))
        await make_first_admin(store, Operator(uid="other", name="Mihai"))
        profiles = [read_profile(document) for document in await store.query(STAFF_QUERY)]
    assert profiles == [StaffProfile(uid="local", display_name="Ana", role="admin")]


async def test_of_two_at_once_one_becomes_admin(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    async with EmbeddedStore.open(file) as one, EmbeddedStore.open(file) as two:
        await asyncio.gather(
            make_first_admin(one, Operator(uid="a")), make_first_admin(two, Operator(uid="b"))
        )
        assert len(await one.query(STAFF_QUERY)) == 1


async def test_nobody_becomes_admin_beside_an_inactive_profile(tmp_path: Path) -> None:
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        gone = StaffProfile(uid="gone", is_active=False)
        await store.commit([Create(staff_path("gone"), to_data(gone))])
        await make_first_admin(store, Operator())
        assert len(await store.query(STAFF_QUERY)) == 1
