"""What bridges that share one store are set up with, on either engine."""

from core.clock import system_clock
from core.identity.session import LocalSession
from tests.support.fake_firebase_auth import PROJECT, User, claims_for, unsigned

LEASE_SECONDS = 6
SETTINGS = f"""\
[sending]
seconds_between_messages = 0.0
[bridge]
sessions = "../sessions"
lease_seconds = {LEASE_SECONDS}
"""
WHERE = {
    "embedded": '[store]\nfile = "../store.db"\n',
    "firestore": f'[cloud]\nproject = "{PROJECT}"\n',
}
"""By engine, the settings that say where the store lies."""


class Ana(LocalSession, frozen=True):
    """An admin, signed in as the engine wants it."""

    uid: str = "ana"
    is_team: bool = False

    async def token(self, *, refused: str = "") -> str:
        if not self.is_team:
            return await super().token()
        return unsigned(claims_for(User(self.uid, "ana@example.com", ""), system_clock(), 3600))
