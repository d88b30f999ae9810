"""A chat that tests read and write in."""

from datetime import timedelta

from core.store.port import Write
from tests.support.console import NOW, Stage, message, thread_id_of

T = thread_id_of(0)


def talk(count: int) -> list[Write]:
    return [
        message(T, f"M{n:05}", f"message number {n}", at=NOW - timedelta(minutes=count - n))
        for n in range(count)
    ]


async def open_and_write(stage: Stage) -> None:
    await stage.pilot.press("enter")
    await stage.writing()
