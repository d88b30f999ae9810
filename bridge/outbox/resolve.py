"""The operator settles a message that the bridge must not decide about."""

from bridge.ingest.messages import Doc
from bridge.outbox.items import change_item
from core.clock import Clock
from core.i18n import _
from core.model.ids import outbox_path
from core.service.callables import ResolveAnswer, ResolveRequest
from core.service.errors import CallRefused
from core.store.port import Store

_ALLOWED = {
    "retry": ("uncertain", "failed", "cancelled"),
    "mark_sent": ("uncertain",),
    "cancel": ("queued", "uncertain", "failed"),
}
"""Action to the statuses that it may be applied to."""


async def resolve(store: Store, request: ResolveRequest, clock: Clock) -> ResolveAnswer:
    """Send again, call sent, or cancel a message; doing the same twice is harmless.

    Raises CallRefused when there is no such message or its status does not allow the action.
    """

    def change(item: Doc) -> Doc | None:
        if item["status"] not in _ALLOWED[request.action]:
            return None
        match request.action:
            case "retry":
                return {
                    "status": "queued",
                    "error": None,
                    "lease": None,
                    "waMessageId": None,
                }
            case "mark_sent":
                return {"status": "sent", "sentAt": clock(), "error": None, "lease": None}
            case "cancel":
                return {"status": "cancelled", "error": "cancelled", "lease": None}

    changed = await change_item(store, request.request_id, change)
    if changed is not None:
        return ResolveAnswer(status=changed["status"])
    document = await store.get(outbox_path(request.request_id))
    if document is None:
        raise CallRefused("NOT_FOUND", _("There is no such message."), field="requestId")
    raise CallRefused(
        "FAILED_PRECONDITION",
        _("A message that is {status} cannot be settled so.").format(
            status=document.data["status"]
        ),
        field="action",
    )
