"""Staff profiles: what each kind allows."""

from datetime import UTC, datetime

import pytest

from core.model.documents import StaffProfile, StaffRole, to_data
from core.model.ids import staff_path
from core.service.staff import read_profile
from core.store.port import Document

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


def test_who_is_not_said_to_be_active_is_not() -> None:
    data = {"uid": "u-1", "role": "admin"}
    profile = read_profile(Document(staff_path("u-1"), data, NOW, NOW))
    assert profile is not None
    assert not profile.is_active
    assert not profile.is_admin


@pytest.mark.parametrize(
    "data", [{}, {"uid": "u-1", "role": "owner"}, {"uid": "u-1", "allowedAccountIds": "WA-01"}]
)
def test_a_profile_that_does_not_fit_allows_nothing(data: dict[str, object]) -> None:
    assert read_profile(Document(staff_path("u-1"), data, NOW, NOW)) is None
    assert read_profile(None) is None
