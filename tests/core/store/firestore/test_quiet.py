"""gRPC writes nothing to the terminal: the console paints there."""

import asyncio
import sys
from pathlib import Path

from tests.support.firestore_server import FirestoreServer

PROGRAM = """
import asyncio, sys
from core.settings import Cloud
from core.store.errors import StoreUnavailable
from core.store.firestore import FirestoreStore
from core.store.firestore.endpoint import EMULATOR_VARIABLE, Bounds, Endpoint

async def main():
    cloud, emulator = Cloud(project="demo"), {EMULATOR_VARIABLE: sys.argv[1]}
    async with FirestoreStore(Endpoint.of_server(cloud, emulator), Bounds(0.3, 0.3, 0.3)) as store:
        while True:
            try:
                await store.get("things/one")
                print("there", flush=True)
            except StoreUnavailable:
                print("gone", flush=True)

asyncio.run(main())
"""


async def test_a_server_that_goes_away_leaves_the_terminal_alone(server: FirestoreServer) -> None:
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, server.address, cwd=Path(__file__).parents[4],
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert client.stdout is not None
    assert client.stderr is not None
    for _ in range(3):  # Once in a few times, gRPC has nothing to say.
        while await asyncio.wait_for(client.stdout.readline(), 60) != b"there\n":
            pass
        await server.stop()
        while await asyncio.wait_for(client.stdout.readline(), 60) != b"gone\n":
            pass
        await server.start()
    client.kill()
    assert await client.stderr.read() == b""
    await client.wait()
