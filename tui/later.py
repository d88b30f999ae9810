"""Work for a worker that has not begun: nothing is left over when it is cancelled before that."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, ParamSpec

P = ParamSpec("P")


def later(
    work: Callable[P, Coroutine[Any, Any, None]], *args: P.args, **kwargs: P.kwargs
) -> Any:  # run_worker's overlapping unions leave a precise type unresolved
    """Return what makes the coroutine only when the worker starts."""
    return partial(work, *args, **kwargs)
