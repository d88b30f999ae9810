"""Staff profiles: who the operators are, and what each may do."""

import logging
from collections.abc import Collection, Iterable
from typing import Final

import msgspec

from core.i18n import _
from core.model.documents import StaffProfile, from_document
from core.model.ids import STAFF
from core.service.scope import EVERYTHING, NOTHING, Scope
from core.store.port import DOCUMENT_ID, Document, Query
from core.text import clean_line

_log = logging.getLogger(__name__)

STAFF_QUERY: Final = Query(STAFF).order_by(DOCUMENT_ID)
"""Every staff profile, the inactive ones too, by uid."""


def read_profile(document: Document | None) -> StaffProfile | None:
    """Return a staff profile; None when there is none, or, with a line in the log, none that fits.

    A profile that cannot be read allows nothing: whoever it is for must ask an admin.
    """
    if document is None:
        return None
    try:
        profile = from_document(document, StaffProfile)
    except msgspec.ValidationError as error:
        _log.error("the staff profile %s cannot be read: %s", document.id, error)
        return None
    # The document's name is what the rules go by, and to them only `true` is active.
    is_active = document.data.get("isActive") is True
    return msgspec.structs.replace(profile, uid=document.id, is_active=is_active)


class Team(msgspec.Struct, frozen=True):
    """The operators as one console knows them, and which of them sits at it."""

    uid: str
    me: StaffProfile | None = None
    is_known: bool = False
    """Whether one's own profile was read; until then nothing is kept from anybody."""
    profiles: dict[str, StaffProfile] = {}
    """By uid; empty while they were not read."""

    @property
    def is_shut_out(self) -> bool:
        """Whether the operator may do nothing here."""
        return self.is_known and (self.me is None or not self.me.is_active)

    @property
    def is_admin(self) -> bool:
        """Whether the operator manages accounts and operators."""
        return self.me is not None and self.me.is_admin

    @property
    def scope(self) -> Scope:
        """What the operator may ask the store for."""
        if not self.is_known:
            return EVERYTHING
        return NOTHING if self.me is None else Scope.of(self.me)

    def name(self, uid: str) -> str:
        """Return how somebody is called."""
        return shown_name(self.profiles.get(uid), uid)

    def may_see(self, account_id: str) -> bool:
        """Whether the operator sees the conversations of an account."""
        ids = self.scope.account_ids
        return ids is None or account_id in ids

    def may_write(self, account_id: str, owner_uid: str, writers: Collection[str]) -> bool:
        """Whether the operator may write in a thread, as far as is known; the bridge decides."""
        if not self.is_known:
            return True
        return self.me is not None and may_write(self.me, account_id, owner_uid, writers)

    def may_share(self, owner_uid: str) -> bool:
        """Whether the operator decides who else writes in a thread of this owner."""
        return self.is_admin or owner_uid == self.uid

    def whom_to_ask(self) -> str:
        """Return a sentence that names the admins, as far as they are known."""
        admins = [each for each in active_admins(self.profiles.values()) if each.uid != self.uid]
        if not admins:
            return _("Ask an admin.")
        names = ", ".join(shown_name(each, each.uid) for each in admins)
        return _("Ask an admin: {names}.").format(names=names)

    def colleagues(self, account_id: str) -> list[StaffProfile]:
        """Return the others who see the conversations of an account, by name."""
        others = (each for each in self.profiles.values() if each.uid != self.uid)
        seeing = (each for each in others if each.may_use(account_id))
        return sorted(seeing, key=by_name)


def read_profiles(documents: Iterable[Document]) -> dict[str, StaffProfile]:
    """Return the staff profiles that can be read, by uid."""
    profiles = (read_profile(document) for document in documents)
    return {each.uid: each for each in profiles if each is not None}


def active_admins(profiles: Iterable[StaffProfile]) -> list[StaffProfile]:
    """Return the admins among them, by name."""
    admins = (each for each in profiles if each.is_admin)
    return sorted(admins, key=by_name)


def shown_name(profile: StaffProfile | None, uid: str) -> str:
    """Return how an operator is called, safe to show: display name, e-mail address, or uid."""
    names = (profile.display_name, profile.email) if profile else ()
    return next(filter(None, map(clean_line, (*names, uid))), "?")


def by_name(profile: StaffProfile) -> tuple[str, str]:
    """Return what operators are ordered by."""
    return shown_name(profile, profile.uid).casefold(), profile.uid


def may_write(
    profile: StaffProfile, account_id: str, owner_uid: str, writers: Collection[str]
) -> bool:
    """Whether an operator may send into a thread: owner, co-writer or admin, or it has no owner.

    `writers` are the thread's co-writers; an empty `owner_uid` is none.
    """
    if not profile.may_use(account_id):
        return False
    return profile.is_admin or owner_uid in ("", profile.uid) or profile.uid in writers
