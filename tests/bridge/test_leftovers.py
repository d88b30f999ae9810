"""What a data folder received comes in, though another bridge runs the account."""

from pathlib import Path

from bridge.whatsapp.proto import EventCode
from core.model.ids import message_path, messages_path
from core.paths import DataFolder
from core.store.port import Query
from tests.support.bridges import a_world, received
from tests.support.neonize_events import CUSTOMER, message, revoked
from tests.support.waiting import document_where, until


async def test_what_a_folder_received_comes_in_though_another_runs_the_account(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        one = world.bridge("one")
        await one.supervisor.add("Principal", None)
        late = DataFolder(tmp_path / "late")
        late.account("WA-01").mkdir(parents=True)
        received(late, EventCode.MESSAGE, message("din jurnalul vechi", message_id="OLD"))
        back = world.bridge("late")
        query = Query(messages_path(f"WA-01__{CUSTOMER}"))
        await document_where(back.store, query, lambda data: data["body"] == "din jurnalul vechi")
        assert len(await back.store.query(query)) == 1
        assert (one.runs, back.runs) == (["WA-01"], [])
        await one.stops()
        world.bridges.remove(one)
        await until(lambda: back.runs == ["WA-01"], "it can be taken up after all")


async def test_what_came_here_before_its_message_is_applied_when_another_brings_that_in(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        one = world.bridge("one")
        account = await one.supervisor.add("Principal", None)
        received(one.folder, EventCode.MESSAGE, revoked("OLD"))
        await account.ingest.drained()
        late = DataFolder(tmp_path / "late")
        late.account("WA-01").mkdir(parents=True)
        received(late, EventCode.MESSAGE, message("din jurnalul vechi", message_id="OLD"))
        back = world.bridge("late")
        path = message_path(f"WA-01__{CUSTOMER}", "OLD")
        await document_where(back.store, path, lambda data: data.get("isRevoked"))
        assert (one.runs, back.runs) == (["WA-01"], [])
