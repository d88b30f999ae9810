"""Profiles as an admin writes them: what is tidied, what is refused, and never over another's."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from core.model.ids import staff_path
from core.service.staff import read_profile
from core.service.staff_edit import (
    ProfileUnfit,
    add_profile,
    change_profile,
    checked,
    switch_profile,
)
from core.store.embedded import EmbeddedStore
from core.store.port import Update
from tests.support.staff import a_profile

ANA = a_profile("ana", role="admin")
BOB = replace(a_profile("bob", "WA-02", "WA-01"), code="B1")


def test_it_is_tidied_up() -> None:
    raw = replace(
        BOB, uid=" bob ", email=" Bob@Example.ORG", display_name="Bob\x1b[31m  B ", code=" B1\n",
        allowed_account_ids=["WA-02", "WA-01", "WA-02"],
    )  # fmt: skip
    tidy = checked(raw, [ANA, BOB], "ana")
    assert (tidy.uid, tidy.email, tidy.display_name, tidy.code, tidy.allowed_account_ids) == (
        "bob", "bob@example.org", "Bob B", "B1", ["WA-01", "WA-02"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"uid": ""}, "uid"),
        ({"uid": "a/b"}, "uid"),
        ({"uid": ".."}, "uid"),
        ({"uid": "__x__"}, "uid"),
        ({"uid": "x" * 129}, "uid"),
        ({"display_name": " \x07"}, "display_name"),
        ({"display_name": "x" * 81}, "display_name"),
        ({"code": "x" * 13}, "code"),
        ({"code": "C1"}, "code"),
        ({"email": "bob"}, "email"),
        ({"email": "b@x." + "x" * 255}, "email"),
        ({"uid": "ana"}, "role"),
        ({"uid": "ana", "role": "admin", "is_active": False}, "role"),
    ],
)
def test_what_is_refused(fields: dict[str, object], field: str) -> None:
    others = [ANA, BOB, replace(a_profile("cris"), code="C1")]
    with pytest.raises(ProfileUnfit) as caught:
        checked(replace(BOB, **fields), others, "ana")
    assert caught.value.field == field
    assert caught.value.message


async def test_adding_changing_and_switching(tmp_path: Path) -> None:
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        await add_profile(store, BOB)
        with pytest.raises(ProfileUnfit) as caught:
            await add_profile(store, ANA.__class__(uid="bob"))
        assert caught.value.field == "uid"
        after = replace(BOB, display_name="Robert")
        await change_profile(store, BOB, after)
        with pytest.raises(ProfileUnfit):
            await change_profile(store, BOB, replace(BOB, code="X"))
        assert read_profile(await store.get(staff_path("bob"))) == after
        await switch_profile(store, "bob", is_active=False)
        assert read_profile(await store.get(staff_path("bob"))) == replace(after, is_active=False)
        await store.commit([Update(staff_path("bob"), {"isActive": True})])
        assert read_profile(await store.get(staff_path("bob"))) == after
