"""Why a message of ours did not go out, in the language of whoever reads.

Documents hold a code in `error`. Those of older versions hold a sentence, in the language of their
bridge, and are shown with it.
"""

from core.i18n import N_, _

_WORDS = {
    "not_connected": N_("The message was not sent."),
    "not_on_whatsapp": N_("This number has no WhatsApp."),
    "reach_out_limited": N_(
        "WhatsApp limits messages to new contacts for now; it was not sent. Try again later,"
        " or wait until the customer writes."
    ),
    "refused": N_("WhatsApp refused the message."),
    "unsupported": N_("This kind of message cannot be sent from here."),
    "outcome_unknown": N_("Nobody knows whether it was sent. Look at the phone, then decide."),
    "cancelled": N_("Cancelled."),
}
"""By code: what the worker told of a failure, or what the operator decided."""


def failure_words(error: str) -> str:
    """Return what a message's `error` means; what is no code of ours stays as it is."""
    words = _WORDS.get(error)
    return error if words is None else _(words)
