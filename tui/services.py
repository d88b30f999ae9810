"""What the console works with, handed in once at start: store, bridge, session, clock and so on."""

from typing import TYPE_CHECKING, Protocol, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from core.clock import Clock
from core.identity.session import Session
from core.paths import DataFolder
from core.settings import Settings
from core.store.port import Store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from core.service.callables import Health, Payload, Request

    Answer = TypeVar("Answer", bound=Payload)


class Bridge(Protocol):
    """The bridge's callables, as the console asks for them."""

    async def call(self, request: "Request[Answer]") -> "Answer":
        """Send a request and return its answer.

        Raises BridgeUnreachable, CallRefused, IdentityError.
        """
        ...

    def begin(self, request: "Request[Answer]") -> "Callable[[], Awaitable[Answer]]":
        """Make a call that is on its way when this returns, if that needs no waiting.

        What is returned waits for the answer, and raises like `call`.
        """
        ...

    async def health(self) -> "Health":
        """Return the bridge's state. Raises BridgeUnreachable."""
        ...

    async def ensure_running(self) -> "Health":
        """Return its state, after starting one when none runs. Raises BridgeUnreachable."""
        ...

    async def close(self) -> None:
        """Close the connection; more than once is harmless."""
        ...


class Services(msgspec.Struct):
    """The outside world of the console."""

    store: Store
    bridge: Bridge
    settings: Settings
    """Replaced when the operator changes a setting."""
    clock: Clock
    folder: DataFolder
    session: Session
    """Who sits here."""

    @property
    def zone(self) -> ZoneInfo:
        """The business's time zone, in which days and hours are shown."""
        return ZoneInfo(self.settings.business.time_zone)
