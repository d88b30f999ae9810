"""The daemon's side of a worker: what it says of commands that the worker cannot have had."""

from pathlib import Path

from bridge.whatsapp.protocol import Send
from bridge.worker_process import WorkerProcess

SLEEPS = "import time; time.sleep(600)"


async def test_a_command_that_was_not_given_is_not_called_unknown(tmp_path: Path) -> None:
    worker = await WorkerProcess.start("WA-01", ["-c", SLEEPS], tmp_path / "WA-01")
    send = Send(command_id=0, to_jid="40712345678@s.whatsapp.net", body="Bună")
    given = worker.ask(send)
    worker._writer.close()  # As when the worker has just died, and nobody was told of that.
    late = worker.ask(send)
    await worker.end(grace_seconds=0)
    assert (await given).failure == "outcome_unknown"
    assert (await late).failure == "not_connected"
    assert (await worker.ask(send)).failure == "not_connected"
