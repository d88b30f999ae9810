"""The bridge as the console asks for it while it may still be starting."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.service.bridge import BridgeClient
    from core.service.callables import Answer, Health, Request


class StartingBridge:
    """Implements `tui.services.Bridge`; calls made before the start is over wait for its end."""

    def __init__(
        self, client: "BridgeClient", start: Callable[["BridgeClient"], Awaitable[None]]
    ) -> None:
        self._client = client
        self._start = start
        self._is_over = asyncio.Event()

    async def start(self) -> None:
        """See that a bridge runs. Raises what the start raises."""
        try:
            await self._start(self._client)
        finally:
            self._is_over.set()

    async def call(self, request: "Request[Answer]") -> "Answer":
        """Send a request and return its answer. Raises BridgeUnreachable, CallRefused."""
        await self._is_over.wait()
        return await self._client.call(request)

    async def health(self) -> "Health":
        """Return the bridge's state. Raises BridgeUnreachable."""
        return await self._client.health()

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()
