"""What becomes of an item that was on its way, as changes for `change_item`."""

from collections.abc import Callable

from bridge.ingest.messages import Doc


def changed_from(*statuses: str, to: Doc) -> Callable[[Doc], Doc | None]:
    """Return a change that applies only to items in one of these statuses."""
    return lambda item: to if item["status"] in statuses else None


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


def unsure(item: Doc) -> Doc | None:
    """Nobody knows whether it was sent."""
    if item["status"] != "sending":
        return None
    return {"status": "uncertain", "error": "outcome_unknown", "lease": None}
