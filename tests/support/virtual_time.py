"""An event loop whose time jumps to the next timer, so that hours pass in a test at once."""

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")
START = datetime(2026, 2, 3, 9, 0, tzinfo=UTC)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Waiting for a timer takes no time; waiting for a thread is not supported."""

    def __init__(self) -> None:
        self._moment = 0.0
        selector = selectors.DefaultSelector()
        super().__init__(selector)
        really = selector.select

        def select(timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            ready = really(0)
            if not ready:
                if timeout is None:
                    raise AssertionError("everybody waits for something that never comes")
                self._moment += timeout
            return ready

        selector.select = select  # type: ignore[method-assign]

    def time(self) -> float:
        return self._moment


def clock() -> datetime:
    """The running virtual loop's time as a moment."""
    return START + timedelta(seconds=asyncio.get_running_loop().time())


def run_virtually(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
