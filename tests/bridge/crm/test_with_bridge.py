"""A real bridge: events saved while none ran are caught up, and the callables answer."""

from datetime import timedelta
from pathlib import Path

from core.clock import system_clock
from core.crm.save import create_event
from core.identity.session import LocalSession
from core.model.ids import client_path, event_path
from core.paths import DataFolder
from core.service.bridge import BridgeClient
from core.service.callables import AskRequest, ExtractRequest
from core.store.open import open_store
from tests.bridge.crm.test_extract_callable import FIRST, THREAD, chat
from tests.bridge.crm.world import PHONE, party
from tests.support.processes import start_bridge
from tests.support.staff import staff
from tests.support.waiting import document_where


async def test_a_bridge_catches_up_and_answers(folder: Path) -> None:
    data = DataFolder(folder / "data")
    data.prepare()
    tomorrow = (system_clock() + timedelta(days=2)).date().isoformat()
    async with open_store(data) as store:
        await chat(store, FIRST)
        saved = await create_event(store, party(tomorrow), uid="ana", client_request_id="r1")
        await store.commit([staff("ana", "WA-01")])
        with start_bridge(data, "http://127.0.0.1:9") as bridge:
            client = BridgeClient(data, LocalSession("ana"))
            await document_where(store, client_path(PHONE), lambda data: data["eventsCount"] == 1)
            document = await store.get(event_path(saved.stored.event.event_id))
            assert document is not None
            assert document.data["eventShortId"] == 1
            await client.ensure_running()
            draft = await client.call(ExtractRequest(thread_id=THREAD, account_id="WA-01"))
            assert draft.draft_event is not None
            assert draft.draft_event.start_time == "18:00"
            answer = await client.call(AskRequest(phone_e164=PHONE, question="Cât a cheltuit?"))
            assert "1200 RON" in answer.answer
            await client.close()
            assert bridge.end() == 0
