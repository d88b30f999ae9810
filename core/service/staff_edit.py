"""Writing staff profiles, as an admin does it: checked, and never over one another's."""

import re
from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from core.errors import CapcoadaError
from core.i18n import _
from core.model.documents import StaffProfile, to_data
from core.model.ids import staff_path
from core.service.staff import read_profile, shown_name
from core.store.errors import AlreadyExists
from core.store.port import Create, Set, Store, Transaction, Update
from core.text import clean_line

MOST_NAME_CHARACTERS: Final = 80
MOST_CODE_CHARACTERS: Final = 12
MOST_EMAIL_CHARACTERS: Final = 254
_UID = re.compile(r"(?!__)[A-Za-z0-9_@-][A-Za-z0-9_.@-]{0,127}")
"""What both Firebase Auth and a local token may name."""
_EMAIL = re.compile(r"[^@\s/]+@[^@\s/]+\.[^@\s/]+")


class ProfileUnfit(CapcoadaError):
    """A profile cannot be written as it is."""

    def __init__(self, field: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.field = field
        """The field at fault, by its name in `StaffProfile`; empty when none is."""


def checked(profile: StaffProfile, others: Iterable[StaffProfile], own_uid: str) -> StaffProfile:
    """Return a profile tidied up, ready to be written by the admin `own_uid`.

    Raises ProfileUnfit naming the field. `others` may hold the profile as it was before.
    """
    tidy = replace(
        profile,
        uid=profile.uid.strip(),
        email=clean_line(profile.email).casefold(),
        display_name=clean_line(profile.display_name),
        code=clean_line(profile.code),
        allowed_account_ids=sorted(set(profile.allowed_account_ids)),
    )
    if not _UID.fullmatch(tidy.uid):
        raise ProfileUnfit("uid", _("That is no user ID."))
    if not tidy.display_name:
        raise ProfileUnfit("display_name", _("The operator needs a name."))
    if len(tidy.display_name) > MOST_NAME_CHARACTERS:
        raise ProfileUnfit("display_name", _("The name is too long."))
    if len(tidy.code) > MOST_CODE_CHARACTERS:
        raise ProfileUnfit("code", _("The code is too long."))
    if tidy.email and not (
        _EMAIL.fullmatch(tidy.email) and len(tidy.email) <= MOST_EMAIL_CHARACTERS
    ):
        raise ProfileUnfit("email", _("That is no e-mail address."))
    if tidy.uid == own_uid and not tidy.is_admin:
        raise ProfileUnfit(
            "role",
            _("You cannot take your own rights away."),
            hint=_("Another admin can, so that one is always left."),
        )
    for each in others:
        if tidy.code and each.code == tidy.code and each.uid != tidy.uid:
            text = _("{name} has this code already.")
            raise ProfileUnfit("code", text.format(name=shown_name(each, each.uid)))
    return tidy


async def add_profile(store: Store, profile: StaffProfile) -> None:
    """Write the profile of somebody new. Raises ProfileUnfit for a user ID in use, StoreError."""
    try:
        await store.commit([Create(staff_path(profile.uid), to_data(profile))])
    except AlreadyExists as error:
        raise ProfileUnfit("uid", _("There is an operator with this user ID already.")) from error


async def change_profile(store: Store, before: StaffProfile, after: StaffProfile) -> None:
    """Write a changed profile, if it still is as it was `before`.

    Raises ProfileUnfit when somebody else changed it meanwhile, StoreError.
    """

    async def body(transaction: Transaction) -> None:
        if read_profile(await transaction.get(staff_path(after.uid))) != before:
            raise ProfileUnfit(
                "",
                _("Somebody else changed this operator meanwhile."),
                hint=_("Leave with escape and look again."),
            )
        transaction.write(Set(staff_path(after.uid), to_data(after)))

    await store.transact(body)


async def switch_profile(store: Store, uid: str, *, is_active: bool) -> None:
    """Shut an operator out, or let them in again; nothing of theirs is lost. Raises StoreError."""
    await store.commit([Update(staff_path(uid), {"isActive": is_active})])
