"""Following the store: what is only passed by is not asked for."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from core.store.port import Store
from tests.support.console import console, thread, thread_id_of
from tui.live import Live, follow
from tui.screens.inbox import FOLLOW_SECONDS


class NothingAsked(Store):
    """A store that must not be asked."""

    def watch(self, target: object) -> Any:
        raise AssertionError(target)


async def test_what_is_replaced_while_it_rests_is_never_asked_of_the_store() -> None:
    def deliver(_snapshot: object) -> None:
        raise AssertionError

    following = asyncio.create_task(
        follow(NothingAsked(), "threads/one", deliver, rest_seconds=3600)  # type: ignore[abstract]
    )
    for _ in range(10):
        await asyncio.sleep(0)
    assert not following.done()
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following


async def test_only_a_chat_that_is_passed_by_has_to_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: dict[str, float] = {}
    watch = Live.watch

    def noted(live: Live, name: str, *args: Any, **kwargs: Any) -> None:
        if name == "chat":
            rests[kwargs["tag"]] = kwargs["rest_seconds"]
        watch(live, name, *args, **kwargs)

    monkeypatch.setattr(Live, "watch", noted)
    async with console(tmp_path, [thread(n) for n in range(4)]) as stage:
        await stage.pilot.press("down")
        await stage.until(lambda: stage.screen.chat.thread_id == thread_id_of(1))
        await stage.screen.open_thread(thread_id_of(2))
    opened = {thread_id_of(0): 0.0, thread_id_of(1): FOLLOW_SECONDS, thread_id_of(2): 0.0}
    assert rests == opened
