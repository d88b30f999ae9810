"""Staff profiles as an admin writes them."""

from core.model.documents import StaffProfile, StaffRole, to_data
from core.model.ids import staff_path
from core.store.port import Set


def a_profile(
    uid: str,
    *accounts: str,
    role: StaffRole = "operator",
    is_active: bool = True,
    name: str = "",
) -> StaffProfile:
    """An operator who may use these accounts."""
    return StaffProfile(
        uid=uid,
        display_name=name or uid.capitalize(),
        role=role,
        allowed_account_ids=list(accounts),
        is_active=is_active,
    )


def staff(
    uid: str,
    *accounts: str,
    role: StaffRole = "operator",
    is_active: bool = True,
    name: str = "",
) -> Set:
    """The write of such a profile."""
    profile = a_profile(uid, *accounts, role=role, is_active=is_active, name=name)
    return Set(staff_path(uid), to_data(profile))


def admin(uid: str, *, name: str = "") -> Set:
    """The write of an admin's profile."""
    return staff(uid, role="admin", name=name)
