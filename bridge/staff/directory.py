"""The staff profiles as the bridge knows them: one watch, so that no call costs a read."""

from collections.abc import Callable

from core.model.documents import StaffProfile
from core.model.ids import staff_path
from core.service.staff import STAFF_QUERY, active_admins, read_profile, read_profiles, shown_name
from core.store.errors import InvalidRequest
from core.store.port import Store


class Staff:
    """Everybody's profile; until the watch has spoken, and while it is down, each is read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._profiles: dict[str, StaffProfile] = {}
        self._is_live = False

    async def follow(self) -> None:
        """Keep the profiles up to date until cancelled. Raises StoreError."""
        watch = self._store.watch(STAFF_QUERY)
        try:
            async for snapshot in watch:
                self._is_live = snapshot.is_live
                if snapshot.is_live:
                    self._profiles = read_profiles(snapshot.documents)
        finally:
            self._is_live = False
            await watch.close()

    def known(self, uid: str) -> StaffProfile | None:
        """Return a profile without a read; None when it is not known for certain."""
        return self._profiles.get(uid) if self._is_live else None

    async def find(self, uid: str, suits: Callable[[StaffProfile], bool]) -> StaffProfile | None:
        """Return a profile; one that is not known, or does not suit, is read anew.

        So who may do something costs no read, and who may not was not judged by an old profile.
        Raises StoreUnavailable.
        """
        known = self.known(uid)
        return known if known is not None and suits(known) else await self.read(uid)

    async def read(self, uid: str) -> StaffProfile | None:
        """Return a profile as it is in the store now. Raises StoreUnavailable."""
        try:
            return read_profile(await self._store.get(staff_path(uid)))
        except InvalidRequest:  # no document could have this name
            return None

    def name(self, uid: str) -> str:
        """Return how an operator is called; the uid when they have no profile."""
        return shown_name(self._profiles.get(uid), uid)

    def admins(self) -> list[str]:
        """Return the names of those who can be asked for access."""
        return [shown_name(each, each.uid) for each in active_admins(self._profiles.values())]

    def is_active(self, uid: str) -> bool:
        """Whether somebody still works here, as far as is known."""
        profile = self._profiles.get(uid)
        return profile is not None and profile.is_active

    def has_colleague(self, uid: str, account_id: str) -> bool:
        """Whether anybody but this operator sees the conversations of an account."""
        return any(each.may_use(account_id) for each in self._profiles.values() if each.uid != uid)
