"""Staff profiles and prompts, as an admin may write them."""

from typing import Any

import pytest

from core.model.documents import StaffProfile, to_data
from core.store.port import Document
from core.store.rules.lookups import Lookups
from core.store.rules.ruleset import Asking, Auth, Change, Ruleset, WriteMethod
from tests.core.store.rules.asking import NOW

_STAFF = {
    f"staffProfiles/{uid}": Document(
        f"staffProfiles/{uid}", to_data(StaffProfile(uid=uid, role="admin")), NOW, NOW
    )
    for uid in ("ana", "dan")
}
NEW = to_data(
    StaffProfile(uid="new", email="n@example.com", code="N1", allowed_account_ids=["WA-01"])
)
OWN = to_data(StaffProfile(uid="ana", role="admin"))


def may_write(path: str, before: dict[str, Any] | None, after: dict[str, Any]) -> bool:
    asking = Asking(Auth("ana"), NOW, Lookups(_STAFF.get))
    method: WriteMethod = "create" if before is None else "update"
    return Ruleset.packaged().judge_write(method, path, Change(before, after), asking).is_allowed


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"role": "admin"}, {"isActive": False}, {"allowedAccountIds": []},
        {"allowedAccountIds": [f"WA-{n}" for n in range(200)]},
    ],
)  # fmt: skip
def test_an_admin_writes_profiles(fields: dict[str, Any]) -> None:
    assert may_write("staffProfiles/new", None, NEW | fields)
    assert may_write("staffProfiles/new", NEW, NEW | fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"uid": "other"}, {"uid": None}, {"role": "owner"}, {"role": None}, {"isActive": None},
        {"isActive": "yes"}, {"allowedAccountIds": "WA-01"}, {"allowedAccountIds": None},
        {"allowedAccountIds": ["x"] * 201}, {"email": 5}, {"email": "x" * 321}, {"code": "x" * 21},
        {"displayName": "x" * 201}, {"displayName": None}, {"password": "x"},
    ],
)  # fmt: skip
def test_no_other_profile(fields: dict[str, Any]) -> None:
    assert not may_write("staffProfiles/new", None, NEW | fields)
    assert not may_write("staffProfiles/new", NEW, NEW | fields)


@pytest.mark.parametrize("name", ["uid", "role", "isActive"])
def test_a_profile_says_the_least_that_matters(name: str) -> None:
    least = {"uid": "new", "role": "operator", "isActive": True}
    assert may_write("staffProfiles/new", None, least)
    del least[name]
    assert not may_write("staffProfiles/new", None, least)


def test_nobody_takes_admin_rights_from_themselves() -> None:
    assert may_write("staffProfiles/ana", OWN, OWN | {"displayName": "Ana"})
    assert not may_write("staffProfiles/ana", OWN, OWN | {"role": "operator"})
    assert not may_write("staffProfiles/ana", OWN, OWN | {"isActive": False})
    other = to_data(StaffProfile(uid="dan", role="admin"))
    assert may_write("staffProfiles/dan", other, other | {"role": "operator", "isActive": False})


@pytest.mark.parametrize(
    ("prompts", "is_allowed"),
    [
        ({}, True), ({"answers": ""}, True), ({"extraction": "x" * 20_000, "answers": None}, True),
        ({"extraction": "x" * 20_001}, False), ({"answers": 5}, False), ({"other": "x"}, False),
    ],
)  # fmt: skip
def test_prompts(prompts: dict[str, Any], is_allowed: bool) -> None:
    assert may_write("app_config/ai_prompts", None, prompts) is is_allowed
    assert may_write("app_config/ai_prompts", {}, prompts) is is_allowed
    assert not may_write("app_config/anything", None, prompts)
