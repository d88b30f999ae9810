"""What becomes of an item that was on its way, as changes for `change_item`."""

from collections.abc import Callable
from datetime import datetime

from bridge.ingest.messages import Doc


def changed_from(*statuses: str, to: Doc) -> Callable[[Doc], Doc | None]:
    """Return a change that applies only to items in one of these statuses."""
    return lambda item: to if item["status"] in statuses else None


def of_attempt(attempt: Doc, change: Callable[[Doc], Doc | None]) -> Callable[[Doc], Doc | None]:
    """Return a change that applies only while the item is in this attempt, and not in a later one.

    An operator may have a message sent again while its first answer is still to come.
    """
    told = {name: attempt[name] for name in ("attemptCount", "sendingAt")}
    return lambda item: change(item) if has_fields(item, told) else None


def has_fields(item: Doc, fields: Doc) -> bool:
    """Whether an item has these fields, and so is what a claim with them made of it."""
    return all(item.get(name) == value for name, value in fields.items())


def released(item: Doc) -> Doc | None:
    """Nothing was sent: back into the queue, and the attempt does not count.

    What was called uncertain meanwhile is left to the operator, who may have written it anew.
    """
    if item["status"] == "uncertain":
        return {"status": "failed", "error": "not_connected", "lease": None}
    if item["status"] != "sending":
        return None
    attempts = max(item.get("attemptCount", 1) - 1, 0)
    return {"status": "queued", "attemptCount": attempts, "lease": None, "error": None}


def sent(wa_id: str, at: datetime) -> Callable[[Doc], Doc | None]:
    """Return the change by WhatsApp's id of a message, which proves that it went out.

    Whatever an operator made of it meanwhile: without an id, nobody knew.
    """
    fields = {"status": "sent", "waMessageId": wa_id, "sentAt": at, "error": None, "lease": None}
    return lambda item: fields if item["waMessageId"] is None else None


def unsure(item: Doc) -> Doc | None:
    """Nobody knows whether it was sent."""
    if item["status"] != "sending":
        return None
    return {"status": "uncertain", "error": "outcome_unknown", "lease": None}
