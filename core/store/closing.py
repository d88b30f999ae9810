"""What every store has in common: `async with` closes it."""

from types import TracebackType
from typing import Self


class Closing:
    """Ends an `async with` by `close`."""

    async def close(self) -> None:
        """Release what is held; may be called again."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
