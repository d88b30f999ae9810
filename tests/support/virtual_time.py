"""An event loop whose time jumps to the next timer, so that hours pass in a test at once."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
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


class HoursLoop(VirtualLoop):
    """The same for code that hands work to threads: it is done at once, in the loop."""

    def run_in_executor(  # type: ignore[override]
        self, _executor: Any, work: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Do the work now."""
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(work(*args))
        except Exception as error:  # the caller's to handle
            future.set_exception(error)
        return future


def run_hours(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in virtual time, threads included."""
    with asyncio.Runner(loop_factory=HoursLoop) as runner:
        return runner.run(work)
