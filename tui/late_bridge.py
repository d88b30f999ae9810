"""A bridge client that is made when first asked for, so that the first frame waits for none."""

from typing import TYPE_CHECKING, TypeVar

from core.paths import DataFolder

if TYPE_CHECKING:
    from core.service.bridge import BridgeClient
    from core.service.callables import Health, Payload, Request

    Answer = TypeVar("Answer", bound=Payload)


class LateBridge:
    """The bridge of a data folder, started by the first `ensure_running`."""

    def __init__(self, folder: DataFolder, *, uid: str, simulator: str | None) -> None:
        self._folder = folder
        self._uid = uid
        self._simulator = simulator
        self._made: BridgeClient | None = None

    def _client(self) -> "BridgeClient":
        if self._made is None:
            from core.service.bridge import BridgeClient  # noqa: PLC0415 - after the first frame

            self._made = BridgeClient(self._folder, uid=self._uid)
        return self._made

    async def call(self, request: "Request[Answer]") -> "Answer":
        """Send a request and return its answer. Raises BridgeUnreachable, CallRefused."""
        return await self._client().call(request)

    async def health(self) -> "Health":
        """Return the bridge's state. Raises BridgeUnreachable."""
        return await self._client().health()

    async def ensure_running(self) -> "Health":
        """Return the bridge's state, after starting one when none runs. Raises BridgeUnreachable."""
        return await self._client().ensure_running(simulator=self._simulator)

    async def close(self) -> None:
        """Close the connection; the bridge itself goes on."""
        if self._made is not None:
            await self._made.close()
