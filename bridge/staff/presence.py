"""`whatsappProxyPresence`: notes who has a conversation open, when there is anybody to see it."""

from datetime import timedelta

from bridge.staff.directory import Staff
from core.clock import Clock
from core.model.documents import StaffProfile
from core.model.ids import presence_path
from core.service.callables import PresenceAnswer, PresenceRequest
from core.service.inbox import account_of
from core.service.presence import HOLDS_SECONDS
from core.service.staff import shown_name
from core.store.port import Set, Store, Transaction


async def tell_presence(
    store: Store, staff: Staff, caller: StaffProfile, request: PresenceRequest, clock: Clock
) -> PresenceAnswer:
    """Write what an operator does in a thread; for the only operator nothing is written.

    Both moments are the bridge's, so that their distance is right whatever a console's clock says.
    It need not survive a failure of the machine, so no disk is waited for.
    """
    if not staff.has_colleague(caller.uid, account_of(request.thread_id)):
        return PresenceAnswer(is_shown=False)
    now = clock()
    sign = {
        "uid": caller.uid,
        "name": shown_name(caller, caller.uid),
        "state": request.state,
        "updatedAt": now,
        "expiresAt": now + timedelta(seconds=HOLDS_SECONDS[request.state]),
    }

    async def body(transaction: Transaction) -> None:
        transaction.write(Set(f"{presence_path(request.thread_id)}/{caller.uid}", sign))

    await store.transact(body, durable=False)
    return PresenceAnswer(is_shown=True)
