"""A judge by the security rules, which believes unsigned ID tokens as an emulator does."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from grpc import StatusCode

from core.clock import Clock, system_clock
from core.store import port
from core.store.rules.lookups import MOST_LOOKUPS, MOST_LOOKUPS_TOGETHER, Lookups
from core.store.rules.ruleset import Asking, Auth, Change, Ruleset, Verdict
from tests.support.fake_firebase_auth import claims_of
from tests.support.firestore_server.calls import Asked, Operation, Read
from tests.support.firestore_server.status import Refusal


class RulesJudge:
    """Decides by rules; whoever the token names asks, and without a token nobody does."""

    def __init__(self, ruleset: Ruleset | None = None, clock: Clock = system_clock) -> None:
        self._ruleset = Ruleset.packaged() if ruleset is None else ruleset
        self._clock = clock

    async def __call__(self, asked: Asked) -> None:
        """Judge a call. Raises Refusal, core.store.errors.InvalidRequest."""
        moment = self._clock()
        auth = _auth(asked.token, moment)
        most = MOST_LOOKUPS if len(asked.operations) == 1 else MOST_LOOKUPS_TOGETHER
        read_after = _resolving(asked.read_after, moment)
        for one in asked.operations:
            lookups = Lookups(asked.read, read_after, most=most)
            if not self._verdict(one, Asking(auth, moment, lookups)).is_allowed:
                raise Refusal(StatusCode.PERMISSION_DENIED, "Missing or insufficient permissions.")

    def _verdict(self, one: Operation, asking: Asking) -> Verdict:
        if one.kind == "get":
            return self._ruleset.judge_get(one.path, one.before, asking)
        if one.kind == "list":
            assert one.query is not None
            return self._ruleset.judge_list(one.query, asking)
        before = None if one.before is None else dict(one.before.data)
        after = None if one.after is None else _resolved(one.after, asking.moment)
        return self._ruleset.judge_write(one.kind, one.path, Change(before, after), asking)


def _auth(token: str, moment: datetime) -> Auth | None:
    """Return whom a token names, signed or not. Raises Refusal when it is none or expired."""
    if not token:
        return None
    try:
        claims = claims_of(token)
        uid, expires = str(claims["sub"]), float(claims["exp"])
    except (IndexError, KeyError, ValueError) as error:
        raise _unauthenticated() from error
    if expires <= moment.timestamp():
        raise _unauthenticated()
    return Auth(uid, claims)


def _unauthenticated() -> Refusal:
    return Refusal(StatusCode.UNAUTHENTICATED, "Request had invalid authentication credentials.")


def _resolving(read: Read, moment: datetime) -> Read:
    """Return a read whose documents hold a time instead of SERVER_TIMESTAMP."""

    def resolved(path: str) -> port.Document | None:
        found = read(path)
        if found is None:
            return None
        data = _resolved(found.data, moment)
        return port.Document(path, data, found.create_time, found.update_time)

    return resolved


def _resolved(data: Mapping[str, Any], moment: datetime) -> dict[str, Any]:
    return {name: _value(value, moment) for name, value in data.items()}


def _value(value: Any, moment: datetime) -> Any:
    if value is port.SERVER_TIMESTAMP:
        return moment
    return _resolved(value, moment) if type(value) is dict else value
