"""What a callable asks of its caller, and the sentence for whoever may not."""

from typing import Literal

from bridge.staff.directory import Staff
from core.i18n import _
from core.model.documents import StaffProfile
from core.service.callables import Answer, Request
from core.service.errors import CallRefused
from core.service.inbox import account_of

Access = Literal["employee", "account", "admin"]
"""Any active operator; one who may use the account that the request is about; an admin."""


async def admit(
    staff: Staff, uid: str, access: Access, request: Request[Answer] | None = None
) -> StaffProfile:
    """Return the profile of whoever calls; which account they ask about is in the request.

    Raises CallRefused with the reason.
    """
    profile = await staff.find(uid, lambda each: _refusal(staff, each, access, request) is None)
    if profile is None:
        raise CallRefused(
            "PERMISSION_DENIED",
            _("You are not one of the operators here."),
            hint=_whom_to_ask(staff),
            reason="not_staff",
        )
    if (refusal := _refusal(staff, profile, access, request)) is not None:
        raise refusal
    return profile


def _refusal(
    staff: Staff, profile: StaffProfile, access: Access, request: Request[Answer] | None
) -> CallRefused | None:
    if not profile.is_active:
        return CallRefused(
            "PERMISSION_DENIED",
            _("Your access was switched off."),
            hint=_whom_to_ask(staff),
            reason="inactive",
        )
    if access == "admin" and not profile.is_admin:
        return CallRefused(
            "PERMISSION_DENIED",
            _("Only an admin may do this."),
            hint=_whom_to_ask(staff),
            reason="admin_only",
        )
    if access == "account":
        return account_refusal(staff, profile, _account_of(request))
    return None


def account_refusal(staff: Staff, profile: StaffProfile, account_id: str) -> CallRefused | None:
    """Return why somebody may not use an account; None when they may."""
    if profile.may_use(account_id):
        return None
    return CallRefused(
        "PERMISSION_DENIED",
        _("You may not use the account {id}.").format(id=account_id),
        hint=_whom_to_ask(staff),
        reason="account_not_allowed",
    )


def not_a_writer(staff: Staff, owner_uid: str) -> CallRefused:
    """Return the refusal for whoever may not write in a thread of this owner."""
    owner = staff.name(owner_uid)
    hint = _("Ask {name} or an admin to add you as a co-writer.").format(name=owner)
    if not staff.is_active(owner_uid):
        hint = _("Ask an admin to hand the conversation over.")
    return CallRefused(
        "PERMISSION_DENIED",
        _("{name} answers this conversation.").format(name=owner),
        hint=hint,
        reason="not_owner_or_cowriter",
    )


def _whom_to_ask(staff: Staff) -> str:
    if not (names := staff.admins()):
        return _("Ask an admin.")
    return _("Ask an admin: {names}.").format(names=", ".join(names))


def _account_of(request: Request[Answer] | None) -> str:
    """Return the account that a request names, or that its thread belongs to."""
    named: str | None = getattr(request, "account_id", None)
    return named or account_of(getattr(request, "thread_id", ""))
