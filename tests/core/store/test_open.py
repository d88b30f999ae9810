"""Opening a store costs little and picks the engine."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from core.identity.session import LocalSession
from core.model.documents import StaffProfile, to_data
from core.model.ids import staff_path
from core.paths import DataFolder
from core.service.staff import STAFF_QUERY, read_profile
from core.settings import Cloud, Settings
from core.store.open import open_operator_store, open_store
from core.store.port import Create, Query, Set, Store


async def test_the_stores_of_one_folder_share_documents_and_doorbells(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    async with open_store(folder) as store, open_store(folder) as other:
        watch = other.watch(Query("things"))
        await anext(watch)
        await store.commit([Set("things/one", {})])
        assert len((await anext(watch)).documents) == 1
        assert len(list(folder.doorbells.iterdir())) == 1
    assert folder.store_file.exists()


async def test_a_project_means_the_cloud(tmp_path: Path) -> None:
    settings = Settings(cloud=Cloud(project="demo"))
    folder = DataFolder(tmp_path / "data")
    async with open_store(folder, settings) as store:
        assert type(store).__name__ == "FirestoreStore"
    async with open_operator_store(folder, settings, LocalSession()):
        assert not folder.store_file.exists()


def founder(uid: str) -> StaffProfile:
    return StaffProfile.of_founder(uid, name=uid.capitalize())


async def test_whoever_comes_first_becomes_the_admin(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    async with (
        open_store(folder, founder=founder("ana")),
        open_store(folder, founder=founder("bob")) as store,
        open_operator_store(folder, Settings(), LocalSession("dan")),
    ):
        profiles = await store.query(STAFF_QUERY)
    assert [read_profile(one) for one in profiles] == [
        StaffProfile(uid="ana", display_name="Ana", role="admin")
    ]


async def test_an_operator_who_comes_first_becomes_the_admin(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    async with open_operator_store(folder, Settings(), LocalSession("dan")) as store:
        profile = read_profile(await store.get(staff_path("dan")))
    assert profile is not None
    assert profile.is_admin


async def test_of_two_at_once_one_becomes_admin(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()

    def come(uid: str) -> Store:
        return open_store(folder, founder=founder(uid))

    for store in await asyncio.gather(*(asyncio.to_thread(come, uid) for uid in "ab")):
        assert len(await store.query(STAFF_QUERY)) == 1
        await store.close()


async def test_nobody_becomes_admin_beside_an_inactive_profile(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    async with open_store(folder) as store:
        gone = StaffProfile(uid="gone", is_active=False)
        await store.commit([Create(staff_path("gone"), to_data(gone))])
        async with open_store(folder, founder=founder("ana")):
            assert len(await store.query(STAFF_QUERY)) == 1


@pytest.mark.parametrize("engine", ["embedded", "firestore"])
def test_an_engine_loads_nothing_heavy(engine: str) -> None:
    program = f"import core.store.{engine}, core.store.open, sys; print(*sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    heavy = {"pydantic", "google", "grpc", "httpx", "aiohttp", "textual", "rich", "neonize"}
    assert f"core.store.{engine}" in found
    assert not heavy & {name.partition(".")[0] for name in found}
