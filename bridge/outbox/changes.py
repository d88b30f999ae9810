"""What becomes of an item that was on its way, as changes for `change_item`."""

from collections.abc import Callable

from bridge.ingest.messages import Doc
from bridge.whatsapp.protocol import FailureCode
from core.i18n import _


def refusal(code: FailureCode) -> str:
    """Return why a message was not sent, as a sentence for the operator."""
    sentences = {
        "not_on_whatsapp": _("This number has no WhatsApp."),
        "reach_out_limited": _(
            "WhatsApp limits messages to new contacts for now; it was not sent. Try again later,"
            " or wait until the customer writes."
        ),
        "refused": _("WhatsApp refused the message."),
        "unsupported": _("This kind of message cannot be sent from here."),
    }
    return sentences.get(code, _("The message was not sent."))


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
        return {"status": "failed", "error": refusal("not_connected"), "lease": None}
    if item["status"] != "sending":
        return None
    attempts = max(item.get("attemptCount", 1) - 1, 0)
    return {"status": "queued", "attemptCount": attempts, "lease": None, "error": None}


def unsure(item: Doc) -> Doc | None:
    """Nobody knows whether it was sent."""
    if item["status"] != "sending":
        return None
    error = _("Nobody knows whether it was sent. Look at the phone, then decide.")
    return {"status": "uncertain", "error": error, "lease": None}
