"""Who may call what: every callable for every kind of person, over the wire."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bridge.server.callables import REGISTRY
from core.identity.session import LocalSession
from core.model.ids import staff_path
from core.service.bridge import BridgeClient
from core.service.callables import (
    AddAccountRequest,
    AddCoWriterRequest,
    AskRequest,
    BackfillRequest,
    DisconnectRequest,
    ExtractRequest,
    FindOperatorRequest,
    HandOverRequest,
    MarkReadRequest,
    PairPhoneRequest,
    PresenceRequest,
    RegenerateQrRequest,
    RemoveCoWriterRequest,
    Request,
    ResolveRequest,
    SendRequest,
)
from core.service.errors import CallRefused
from core.store.port import Create, Update
from tests.support import waiting
from tests.support.accounts import PHONE, THREAD
from tests.support.office import Office, an_office
from tests.support.staff import admin, staff
from tests.support.waiting import until_found

NOT_THERE = "WA-99"
"""No such account, so that whoever is let through is answered NOT_FOUND and starts nothing."""

REQUESTS: dict[str, Request[Any]] = {
    "whatsappProxySend": SendRequest(
        thread_id=THREAD, account_id="WA-01", to_jid=str(PHONE), text="x", client_message_id="1"
    ),
    "whatsappProxyResolve": ResolveRequest(request_id="item", action="cancel"),
    "whatsappProxyAddAccount": AddAccountRequest(name="x", account_id="WA-01"),
    "whatsappProxyRegenerateQr": RegenerateQrRequest(account_id=NOT_THERE),
    "whatsappProxyPairPhone": PairPhoneRequest(account_id=NOT_THERE, phone="0712345678"),
    "whatsappProxyDisconnectAccount": DisconnectRequest(account_id=NOT_THERE),
    "whatsappProxyBackfillAccount": BackfillRequest(account_id="WA-01"),
    "whatsappProxyMarkRead": MarkReadRequest(thread_id=THREAD),
    "whatsappProxyAddCoWriter": AddCoWriterRequest(thread_id=THREAD, uid="own"),
    "whatsappProxyRemoveCoWriter": RemoveCoWriterRequest(thread_id=THREAD, uid="own"),
    "whatsappProxyHandOverThread": HandOverRequest(thread_id=THREAD, uid="own"),
    "whatsappProxyPresence": PresenceRequest(thread_id=THREAD, state="viewing"),
    "whatsappProxyFindOperator": FindOperatorRequest(email="dan@example.com"),
    "whatsappExtractEventFromThread": ExtractRequest(thread_id=THREAD, account_id="WA-01"),
    "clientCrmAsk": AskRequest(phone_e164="+40712345678", question="Cât a cheltuit?"),
}
PEOPLE = ("stranger", "gone", "foreign", "own", "boss")
"""Without a profile; switched off; another account's; this account's; an admin."""

ADMIN_ONLY = {"stranger": "not_staff", "gone": "inactive", "foreign": "admin_only",
              "own": "admin_only"}  # fmt: skip
OF_ACCOUNT = {"stranger": "not_staff", "gone": "inactive", "foreign": "account_not_allowed"}
OF_OWNER = OF_ACCOUNT | {"own": "not_owner"}
EMPLOYEES = {"stranger": "not_staff", "gone": "inactive"}
REFUSED: dict[str, dict[str, str]] = {
    "whatsappProxySend": OF_ACCOUNT | {"own": "not_owner_or_cowriter"},
    "whatsappProxyResolve": OF_ACCOUNT | {"own": "not_owner_or_cowriter"},
    "whatsappProxyAddAccount": ADMIN_ONLY,
    "whatsappProxyRegenerateQr": ADMIN_ONLY,
    "whatsappProxyPairPhone": ADMIN_ONLY,
    "whatsappProxyDisconnectAccount": ADMIN_ONLY,
    "whatsappProxyBackfillAccount": OF_ACCOUNT,
    "whatsappProxyMarkRead": OF_ACCOUNT,
    "whatsappProxyAddCoWriter": OF_OWNER,
    "whatsappProxyRemoveCoWriter": OF_ACCOUNT,
    "whatsappProxyHandOverThread": OF_OWNER,
    "whatsappProxyPresence": OF_ACCOUNT,
    "whatsappProxyFindOperator": ADMIN_ONLY,
    "whatsappExtractEventFromThread": OF_ACCOUNT,
    "clientCrmAsk": EMPLOYEES,
}
"""The reason by callable and person; whoever is not named is let through."""


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """A bridge with one account, one thread of Ana's, and one message of hers that failed."""
    async with an_office(tmp_path) as office:
        await office.connected_account()
        thread = {
            "threadId": THREAD, "accountId": "WA-01", "clientJid": str(PHONE),
            "ownerUid": "ana", "coWriterUids": [],
        }  # fmt: skip
        item = {"accountId": "WA-01", "threadId": THREAD, "createdByUid": "ana", "status": "failed"}
        await office.bridge.store.commit([
            staff("gone", "WA-01", is_active=False), staff("foreign", "WA-02"),
            staff("own", "WA-01"), admin("boss"),
            Create(f"threads/{THREAD}", thread), Create("outbox/item", item),
        ])  # fmt: skip
        await waiting.until(lambda: office.bridge.staff.known("boss") is not None)
        yield office


async def refusal_of(office: Office, uid: str, request: Request[Any]) -> CallRefused | None:
    client = BridgeClient(office.folder, LocalSession(uid))
    try:
        await client.call(request)
    except CallRefused as error:
        return error
    finally:
        await client.close()
    return None


def test_every_callable_is_judged_here() -> None:
    assert REQUESTS.keys() == REFUSED.keys() == REGISTRY.keys()


@pytest.mark.parametrize("name", REGISTRY)
async def test_who_may_call(office: Office, name: str) -> None:
    for uid in PEOPLE:
        error = await refusal_of(office, uid, REQUESTS[name])
        reason = REFUSED[name].get(uid)
        if reason is None:
            assert error is None or error.status != "PERMISSION_DENIED", (uid, str(error))
        else:
            assert error is not None, uid
            assert (error.status, error.reason) == ("PERMISSION_DENIED", reason), uid
            assert error.message, uid
            assert error.hint, uid


async def test_nobody_is_asked_who_they_are(office: Office) -> None:
    for name in REGISTRY:
        status, body = await office.post(name, json={"data": {}})
        assert (status, body["error"]["status"]) == (401, "UNAUTHENTICATED")


async def test_a_refusal_says_whom_to_ask(office: Office) -> None:
    error = await refusal_of(office, "stranger", REQUESTS["whatsappProxyMarkRead"])
    assert error is not None
    assert "Ana, Boss" in error.hint


async def test_a_name_that_no_document_can_have_is_no_operator(office: Office) -> None:
    for uid in (".", "..", "__a__"):
        error = await refusal_of(office, uid, REQUESTS["whatsappProxyMarkRead"])
        assert error is not None
        assert error.reason == "not_staff"


async def test_admission_follows_the_profile(office: Office) -> None:
    store = office.bridge.store
    request = REQUESTS["whatsappProxyMarkRead"]
    assert await refusal_of(office, "own", request) is None
    await store.commit([Update(staff_path("own"), {"isActive": False})])
    error = await until_found(lambda: refusal_of(office, "own", request), "it is refused")
    assert error.reason == "inactive"
    # Whoever is let in again need not wait for the watch: before a refusal the profile is read.
    await store.commit([Update(staff_path("own"), {"isActive": True})])
    assert await refusal_of(office, "own", request) is None
    await store.commit([staff("new", "WA-01")])
    assert await refusal_of(office, "new", request) is None
    await store.commit([Update(staff_path("foreign"), {"allowedAccountIds": ["WA-01"]})])
    assert await refusal_of(office, "foreign", request) is None


async def test_whoever_sent_a_message_settles_it_though_others_answer_now(office: Office) -> None:
    await office.bridge.store.commit([Update("outbox/item", {"createdByUid": "own"})])
    error = await refusal_of(office, "own", REQUESTS["whatsappProxyResolve"])
    assert error is None
