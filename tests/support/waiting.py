"""Waiting for a condition in this process: as long as any machine needs, and no longer."""

import asyncio
from collections.abc import Callable

PATIENCE_SECONDS = 60.0


async def until(holds: Callable[[], object]) -> None:
    """Look again and again until a condition holds. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():  # noqa: ASYNC110 - what it looks at sends no event
            await asyncio.sleep(0.002)
