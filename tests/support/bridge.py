"""A bridge without a process: it remembers what it was asked and answers as it is told."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

from core.errors import CapcoadaError
from core.service.callables import (
    AccountAnswer,
    AccountHealth,
    Answer,
    Health,
    PairPhoneRequest,
    Request,
)
from core.service.errors import BridgeUnreachable

Reaction = Callable[[Any], Awaitable[Any] | Any]


class ScriptedBridge:
    """Implements `tui.services.Bridge`; `on` sets what a kind of request does."""

    def __init__(self, *accounts: AccountHealth) -> None:
        self.calls: list[Any] = []
        """Every request, in order."""
        self.accounts = list(accounts)
        self.is_away = False
        self._reactions: dict[type, Reaction] = {}

    def on(self, kind: type[Request[Any]], reaction: Reaction | CapcoadaError) -> None:
        """Answer requests of this kind by a function, or refuse them with an error."""
        if isinstance(reaction, CapcoadaError):
            error = reaction

            def refuse(_request: object) -> None:
                raise error

            reaction = refuse
        self._reactions[kind] = reaction

    async def call(self, request: Request[Answer]) -> Answer:
        """Remember the request and answer it; an account's requests by naming the account."""
        if self.is_away:
            raise BridgeUnreachable("The bridge cannot be reached.", hint="Start it.")
        self.calls.append(request)
        reaction = self._reactions.get(type(request))
        if reaction is None:
            account_id = getattr(request, "account_id", None) or "WA-01"
            assert not isinstance(request, PairPhoneRequest), "say which code it answers"
            return cast(Answer, AccountAnswer(account_id=account_id))
        answer = reaction(request)
        if isinstance(answer, Awaitable):
            answer = await answer
        return cast(Answer, answer)

    def begin(self, request: Request[Answer]) -> Callable[[], Awaitable[Answer]]:
        """Return what makes the call."""
        return partial(self.call, request)

    async def health(self, *, deadline_seconds: float = 3.0) -> Health:
        """Return the accounts' health that was set."""
        if self.is_away:
            raise BridgeUnreachable("The bridge cannot be reached.", hint="Start it.")
        now = datetime(2026, 1, 19, 12, 0, tzinfo=UTC)
        return Health(
            version="0", pid=1, started_at=now, now=now, store="ok", accounts=self.accounts
        )

    async def ensure_running(self) -> Health:
        """Start nothing; return the health."""
        return await self.health()

    async def close(self) -> None:
        """Nothing to close."""
