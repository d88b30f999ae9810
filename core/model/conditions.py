"""The one table of account conditions: status, whether it ends by itself, and what to do about it.

Logs, screens and docs/conditions.md all read this table.
"""

from dataclasses import dataclass

from core.i18n import N_, _
from core.model.documents import AccountStatus


@dataclass(frozen=True, slots=True)
class Condition:
    """Why an account is in its state, in words for the operator."""

    code: str
    status: AccountStatus
    is_terminal: bool
    """Whether the bridge waits for a person instead of trying again."""
    what: str
    """What happened; in English, translated when shown with `explain`."""
    advice: str
    """What to do about it, or what the bridge does."""


CONDITIONS = {
    condition.code: condition
    for condition in (
        Condition(
            "logged_out",
            "logged_out",
            is_terminal=True,
            what=N_("The phone unlinked this device."),
            advice=N_("Pair the account again to go on; nothing was lost."),
        ),
        Condition(
            "banned",
            "banned",
            is_terminal=True,
            what=N_("WhatsApp blocked this number for a time."),
            advice=N_("Wait until it ends, then press reconnect, and send more slowly."),
        ),
        Condition(
            "client_outdated",
            "failed",
            is_terminal=True,
            what=N_("WhatsApp no longer accepts this version."),
            advice=N_("Update capcoada, then press reconnect."),
        ),
        Condition(
            "stream_replaced",
            "failed",
            is_terminal=True,
            what=N_("Another program took over this session."),
            advice=N_("Stop it there, then press reconnect."),
        ),
        Condition(
            "connect_failure",
            "failed",
            is_terminal=True,
            what=N_("WhatsApp refused the connection."),
            advice=N_("Wait a while, then press reconnect; if it stays so, pair again."),
        ),
        Condition(
            "passkey_required",
            "failed",
            is_terminal=True,
            what=N_("WhatsApp asks for a passkey to link this account."),
            advice=N_("That cannot be given here: remove the passkey on the phone, or try later."),
        ),
        Condition(
            "qr_expired",
            "disconnected",
            is_terminal=True,
            what=N_("Nobody scanned the QR code in time."),
            advice=N_("Ask for a new one."),
        ),
        Condition(
            "pairing_failed",
            "failed",
            is_terminal=True,
            what=N_("The pairing did not work."),
            advice=N_("Check on the phone that it may link devices, then try again."),
        ),
        Condition(
            "session_damaged",
            "failed",
            is_terminal=True,
            what=N_("The saved session cannot be read."),
            advice=N_("It was kept aside; pair the account again."),
        ),
        Condition(
            "reconnect_budget",
            "failed",
            is_terminal=True,
            what=N_("There were too many reconnects today; more would put the number at risk."),
            advice=N_("Press reconnect when the network is steady again."),
        ),
        Condition(
            "network",
            "disconnected",
            is_terminal=False,
            what=N_("WhatsApp cannot be reached."),
            advice=N_("The bridge keeps trying by itself."),
        ),
        Condition(
            "throttled",
            "disconnected",
            is_terminal=False,
            what=N_("WhatsApp asks to slow down."),
            advice=N_("The bridge waits before it tries again."),
        ),
        Condition(
            "worker_lost",
            "disconnected",
            is_terminal=False,
            what=N_("The account's worker stopped."),
            advice=N_("The bridge starts it anew."),
        ),
        Condition(
            "stopped",
            "disconnected",
            is_terminal=True,
            what=N_("The account was disconnected here."),
            advice=N_("Press reconnect to go on."),
        ),
    )
}
"""By code. See docs/conditions.md, which is made from this table."""


def what_happened(code: str) -> str:
    """Return what happened, for whoever can do nothing about it, and what the bridge does."""
    condition = CONDITIONS.get(code)
    return _(condition.what) if condition and condition.is_terminal else explain(code)


def explain(code: str) -> str:
    """Return what happened and what to do, in the operator's language; the code if unknown."""
    condition = CONDITIONS.get(code)
    return f"{_(condition.what)} {_(condition.advice)}" if condition else code
