"""`whatsappProxyFindOperator`: whom a team's sign-in knows by an e-mail address."""

from pathlib import Path
from typing import Final

from core.i18n import _
from core.identity.errors import IdentityError, IdentityUnavailable
from core.identity.rest import FirebaseAuth, emulator_host
from core.service.callables import FindOperatorAnswer
from core.service.errors import CallRefused, Status
from core.settings import Cloud

_SCOPE: Final = "https://www.googleapis.com/auth/identitytoolkit"


async def find_operator(cloud: Cloud, email: str) -> FindOperatorAnswer:
    """Return who signs in with an e-mail address. Raises CallRefused, StoreError."""
    if not cloud.project:
        raise CallRefused(
            "FAILED_PRECONDITION",
            _("On a machine of one's own nobody signs in by e-mail address."),
            field="email",
        )
    emulator = emulator_host()
    auth = FirebaseAuth("", emulator=emulator)
    try:
        person = await auth.find(cloud.project, email, await _token(cloud, emulator))
    except IdentityError as error:
        is_away = isinstance(error, IdentityUnavailable)
        status: Status = "UNAVAILABLE" if is_away else "FAILED_PRECONDITION"
        raise CallRefused(status, error.message, hint=error.hint) from error
    finally:
        await auth.close()
    if person is None:
        raise CallRefused(
            "NOT_FOUND",
            _("Nobody signs in with this address."),
            hint=_("Add them in the Firebase console, under Authentication, first."),
            field="email",
        )
    return FindOperatorAnswer(uid=person.uid, email=person.email, name=person.name)


async def _token(cloud: Cloud, emulator: str) -> str:
    """Return what proves that this is the project's server."""
    from core.store.firestore.credentials import (  # noqa: PLC0415 - only with a project
        EmulatorOwner,
        ServiceAccount,
    )

    if emulator:
        return await EmulatorOwner().token()
    key_file = Path(cloud.credentials_file) if cloud.credentials_file else None
    return await ServiceAccount(key_file, scope=_SCOPE).token()
