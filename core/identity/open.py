"""The one place that decides how a console knows who sits at it."""

from core.clock import Clock
from core.identity.firebase import FirebaseSession
from core.identity.rest import FirebaseAuth, emulator_host
from core.identity.safe import Safe
from core.paths import DataFolder
from core.settings import Cloud


def open_session(folder: DataFolder, cloud: Cloud, clock: Clock) -> FirebaseSession:
    """Return the sign-in of a data folder: of nobody (an empty uid) before the first one."""
    service = FirebaseAuth(cloud.api_key, emulator=emulator_host())
    return FirebaseSession(service, Safe(folder, cloud.project), clock)
