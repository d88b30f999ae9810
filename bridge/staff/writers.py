"""Who answers a conversation: its owner, the co-writers, and how that changes."""

from collections.abc import Callable

from bridge.ingest.messages import Doc
from bridge.ingest.working import Working
from bridge.staff.access import not_a_writer
from bridge.staff.directory import Staff
from core.i18n import _
from core.model.documents import StaffProfile
from core.model.ids import thread_path
from core.service.callables import (
    AddCoWriterRequest,
    HandOverRequest,
    RemoveCoWriterRequest,
    WritersAnswer,
)
from core.service.errors import CallRefused
from core.service.inbox import account_of
from core.service.staff import may_write, shown_name
from core.store.port import Store, Transaction


async def current_thread(working: Working, transaction: Transaction, thread_id: str) -> Doc:
    """Return a thread, or the one that it was merged into. Raises CallRefused."""
    await working.load(transaction, [thread_path(thread_id)])
    thread = working.get(thread_path(thread_id))
    if thread is not None and thread.get("mergedInto"):
        await working.load(transaction, [thread_path(thread["mergedInto"])])
        thread = working.get(thread_path(thread["mergedInto"]))
    if thread is None:
        raise CallRefused("NOT_FOUND", _("There is no such conversation."), field="threadId")
    return thread


def check_writer(staff: Staff, thread: Doc, caller: StaffProfile) -> None:
    """Raise CallRefused for whoever may not write in a thread."""
    owner = thread.get("ownerUid") or ""
    writers = thread.get("coWriterUids") or []
    if not may_write(caller, thread["accountId"], owner, writers):
        raise not_a_writer(staff, owner)


async def add_co_writer(
    store: Store, staff: Staff, caller: StaffProfile, request: AddCoWriterRequest
) -> WritersAnswer:
    """Let a colleague write in a thread; repeating it is harmless. Raises CallRefused."""

    def change(thread: Doc) -> Doc:
        _check_owner(staff, thread, caller)
        writers = thread.get("coWriterUids") or []
        if request.uid == thread.get("ownerUid") or request.uid in writers:
            return thread
        return {**thread, "coWriterUids": [*writers, request.uid]}

    await _check_colleague(staff, request.thread_id, request.uid)
    return await _change(store, request.thread_id, change)


async def remove_co_writer(
    store: Store, staff: Staff, caller: StaffProfile, request: RemoveCoWriterRequest
) -> WritersAnswer:
    """Take that back; repeating it is harmless. Raises CallRefused."""

    def change(thread: Doc) -> Doc:
        if request.uid != caller.uid:
            _check_owner(staff, thread, caller)
        writers = thread.get("coWriterUids") or []
        return {**thread, "coWriterUids": [each for each in writers if each != request.uid]}

    return await _change(store, request.thread_id, change)


async def hand_over(
    store: Store, staff: Staff, caller: StaffProfile, request: HandOverRequest
) -> WritersAnswer:
    """Make an operator the owner of a thread; who owned it no longer writes there.

    Repeating it is harmless. Raises CallRefused.
    """

    def change(thread: Doc) -> Doc:
        if request.uid == thread.get("ownerUid"):
            return thread
        _check_owner(staff, thread, caller)
        writers = [each for each in thread.get("coWriterUids") or [] if each != request.uid]
        return {**thread, "ownerUid": request.uid, "coWriterUids": writers}

    await _check_colleague(staff, request.thread_id, request.uid)
    return await _change(store, request.thread_id, change)


async def _change(store: Store, thread_id: str, change: Callable[[Doc], Doc]) -> WritersAnswer:
    async def body(transaction: Transaction) -> WritersAnswer:
        working = Working()
        thread = await current_thread(working, transaction, thread_id)
        after = change(thread)
        working.put(thread_path(thread["threadId"]), after)
        transaction.write(*working.writes())
        return WritersAnswer(
            thread_id=after["threadId"],
            owner_uid=after.get("ownerUid"),
            co_writer_uids=list(after.get("coWriterUids") or []),
        )

    return await store.transact(body)


def _check_owner(staff: Staff, thread: Doc, caller: StaffProfile) -> None:
    """Raise CallRefused for whoever may not say who else writes in a thread."""
    owner = thread.get("ownerUid") or ""
    if caller.is_admin or (owner and owner == caller.uid):
        return
    if not owner:
        raise CallRefused(
            "PERMISSION_DENIED",
            _("Nobody answers this conversation yet."),
            hint=_("Whoever sends the first message does from then on."),
            reason="not_owner",
        )
    name = staff.name(owner)
    raise CallRefused(
        "PERMISSION_DENIED",
        _("{name} answers this conversation.").format(name=name),
        hint=_("Only {name} or an admin decides who else writes in it.").format(name=name),
        reason="not_owner",
    )


async def _check_colleague(staff: Staff, thread_id: str, uid: str) -> None:
    """Raise CallRefused unless an operator could read what they are to answer."""
    account_id = account_of(thread_id)
    profile = await staff.find(uid, lambda each: each.may_use(account_id))
    if profile is None or not profile.is_active:
        raise CallRefused(
            "FAILED_PRECONDITION", _("There is no such operator any more."), field="uid"
        )
    if not profile.may_use(account_id):
        raise CallRefused(
            "FAILED_PRECONDITION",
            _("{name} may not use the account {id}.").format(
                name=shown_name(profile, uid), id=account_id
            ),
            hint=_("An admin can allow it under Operators."),
            field="uid",
        )
