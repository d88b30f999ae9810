"""The accounts that an operator may ask for: rules are no filters, so each query names them."""

from typing import Self

import msgspec

from core.model.documents import StaffProfile
from core.store.port import Query


class Scope(msgspec.Struct, frozen=True):
    """Whose documents to ask for."""

    account_ids: tuple[str, ...] | None = None
    """None is every account, as an admin asks."""

    @classmethod
    def of(cls, profile: StaffProfile) -> Self:
        """Return what an operator may ask for."""
        if profile.is_admin:
            return cls()
        allowed = dict.fromkeys(profile.allowed_account_ids) if profile.is_active else ()
        return cls(tuple(sorted(allowed)))

    @property
    def is_empty(self) -> bool:
        """Whether there is no account at all, and so nothing to ask for."""
        return self.account_ids == ()

    @property
    def tag(self) -> str:
        """Tells queries of different scopes apart."""
        return str(self.account_ids)

    def narrow(self, query: Query) -> Query:
        """Return a query of what has an `accountId`, kept to these accounts; not when empty.

        It may name more of them than an engine takes: see `core.store.wide`.
        """
        if self.account_ids is None:
            return query
        return query.where("accountId", "in", list(self.account_ids))


EVERYTHING = Scope()
"""Every account."""
NOTHING = Scope(())
"""No account."""
