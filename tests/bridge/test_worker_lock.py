"""The lock of an account's folder: whom it names, and whom it must not."""

from pathlib import Path

from bridge.worker_lock import hold_worker_lock


async def test_who_holds_the_lock_is_not_taken_for_who_held_it(tmp_path: Path) -> None:
    file = tmp_path / "worker.lock"
    first = await hold_worker_lock(tmp_path)
    first.note_pid(12345)
    assert file.read_text() == "12345\n"
    first.close()
    second = await hold_worker_lock(tmp_path)
    assert file.read_text() == ""  # a bridge that is killed now leaves no stranger to be ended
    second.close()
