"""Taking a message over: one commit, by whoever may, and once."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from core.service.errors import CallRefused
from core.store.port import Query, Update
from tests.support.accounts import (
    NOW,
    THREAD,
)
from tests.support.outbox import (
    a_request,
    a_thread,
    taken_over,
)
from tests.support.staff import a_profile


async def test_taking_over_is_one_commit_and_can_be_repeated(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        first = await taken_over(desk, a_request())
        again = await taken_over(desk, a_request())
        assert (first.duplicate, again.duplicate) == (False, True)
        assert first.request_id == again.request_id
        thread = await desk.thread()
        assert (thread["ownerUid"], thread["unreadCount"]) == ("ana", 0)
        assert (thread["lastMessageText"], thread["lastMessageStatus"]) == ("Bună", "queued")
        shown = (await desk.messages())[first.request_id]
        assert (shown["status"], shown["direction"], shown["tsClient"]) == (
            "queued",
            "outbound",
            NOW,
        )


async def test_others_than_owner_co_writers_and_admins_are_refused(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        await taken_over(desk, a_request())
        before = await desk.thread()
        with pytest.raises(CallRefused) as caught:
            await taken_over(desk, a_request(number="2"), a_profile("bob", "WA-01"))
        assert (caught.value.status, caught.value.reason) == (
            "PERMISSION_DENIED",
            "not_owner_or_cowriter",
        )
        assert "ana" in caught.value.message
        assert caught.value.hint
        assert await desk.thread() == before
        assert len(await desk.store.query(Query("outbox"))) == 1
        await taken_over(desk, a_request(number="3"), a_profile("zoe", role="admin"))
        await desk.store.commit([Update(f"threads/{THREAD}", {"coWriterUids": ["bob"]})])
        await taken_over(desk, a_request(number="4"), a_profile("bob", "WA-01"))
        thread = await desk.thread()
        assert (thread["ownerUid"], thread["coWriterUids"]) == ("ana", ["bob"])


async def test_of_two_who_write_first_at_once_one_becomes_owner(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        people = [a_profile(uid, "WA-01") for uid in ("ana", "bob", "dan")]
        outcomes = await asyncio.gather(
            *(taken_over(desk, a_request(number=each.uid), each) for each in people),
            return_exceptions=True,
        )
        taken = [each for each in outcomes if not isinstance(each, BaseException)]
        refused = [each for each in outcomes if isinstance(each, CallRefused)]
        assert (len(taken), len(refused)) == (1, 2)
        items = await desk.store.query(Query("outbox"))
        assert [each.data["createdByUid"] for each in items] == [(await desk.thread())["ownerUid"]]


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"text": "  \n"}, "INVALID_ARGUMENT", "text"),
        ({"thread_id": "WA-01__nobody@lid"}, "NOT_FOUND", "threadId"),
        ({"account_id": "WA-02"}, "PERMISSION_DENIED", "accountId"),
        ({"to_jid": "40799@s.whatsapp.net"}, "INVALID_ARGUMENT", "toJid"),
        ({"quoted_message_id": "nope"}, "INVALID_ARGUMENT", "quotedMessageId"),
    ],
)
async def test_what_does_not_fit_is_refused(
    tmp_path: Path, fields: dict[str, Any], status: str, field: str
) -> None:
    async with a_thread(tmp_path) as desk:
        with pytest.raises(CallRefused) as caught:
            await taken_over(desk, a_request(**fields))
        assert (caught.value.status, caught.value.field) == (status, field)
        assert len(await desk.messages()) == 1
