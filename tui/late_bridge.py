"""A bridge client that is made when first asked for, so that the first frame waits for none."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from core.identity.session import Session
from core.paths import DataFolder

if TYPE_CHECKING:
    from core.service.bridge import BridgeClient
    from core.service.callables import Answer, Health, Request

    Starter = Callable[[BridgeClient], Awaitable[Health]]
    """Returns the state of the running bridge, after starting one when none runs."""


class LateBridge:
    """The bridge of a data folder, started by the first `ensure_running`, or a team's at `url`."""

    def __init__(
        self, folder: DataFolder, session: Session, *, start: "Starter", url: str = ""
    ) -> None:
        self._folder = folder
        self._session = session
        self._start = start
        self._url = url
        self._made: BridgeClient | None = None
        self._was_started = asyncio.Event()

    def _client(self) -> "BridgeClient":
        if self._made is None:
            from core.service.bridge import BridgeClient  # noqa: PLC0415 - after the first frame

            self._made = BridgeClient(self._folder, self._session, url=self._url)
        return self._made

    async def call(self, request: "Request[Answer]") -> "Answer":
        """Send a request and return its answer, once the start of the bridge is over.

        Raises BridgeUnreachable, CallRefused, IdentityError.
        """
        await self._was_started.wait()
        return await self._client().call(request)

    def begin(self, request: "Request[Answer]") -> "Callable[[], Awaitable[Answer]]":
        """Make a call that is on its way when this returns, if that needs no waiting.

        What is returned waits for the answer, and raises like `call`.
        """
        if self._was_started.is_set():
            return self._client().begin(request)
        return partial(self.call, request)

    async def health(self) -> "Health":
        """Return the bridge's state. Raises BridgeUnreachable."""
        return await self._client().health()

    async def ensure_running(self) -> "Health":
        """Return its state, after starting one when none runs. Raises what the start raises."""
        try:
            return await self._start(self._client())
        finally:
            self._was_started.set()

    async def close(self) -> None:
        """Close the connection; the bridge itself goes on."""
        if self._made is not None:
            await self._made.close()
