"""The server as a process: one line of JSON on stdout says that it is ready and where."""

import argparse
import asyncio
import json
import signal
from pathlib import Path

from core.clock import process_clock
from core.store.indexes import IndexSet
from core.store.rules.ruleset import PACKAGED_RULES, Ruleset
from tests.support.firestore_server.rules import RulesJudge
from tests.support.firestore_server.server import FirestoreServer
from tests.support.firestore_server.tls import make_certificate


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.firestore_server")
    parser.add_argument(
        "--store", type=Path, required=True, help="a file, or a folder with one for each project"
    )
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", action="store_true", help="with a certificate of its own")
    parser.add_argument("--indexes", type=Path, help="a firestore.indexes.json other than ours")
    parser.add_argument("--doorbells", type=Path, help="where handles on the file ring each other")
    parser.add_argument(
        "--rules",
        type=Path,
        nargs="?",
        const=PACKAGED_RULES,
        help="judge ID tokens, signed or not, by our rules, or by those in a file",
    )
    asyncio.run(_serve(parser.parse_args()))


async def _serve(options: argparse.Namespace) -> None:
    server = FirestoreServer(
        options.store,
        indexes=IndexSet.from_file(options.indexes) if options.indexes else None,
        port=options.port,
        clock=process_clock(),
        doorbells=options.doorbells,
        certificate=make_certificate() if options.tls else None,
    )
    if options.rules is not None:
        server.calls.judge = RulesJudge(Ruleset.parse(options.rules.read_text()), process_clock())
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    async with server:
        ready = {"address": server.address}
        if server.certificate is not None:
            ready["certificate"] = server.certificate.certificate.decode()
        print(json.dumps(ready), flush=True)  # noqa: T201 - what the process is asked for
        await ended.wait()


if __name__ == "__main__":
    main()
