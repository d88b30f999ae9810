"""The simulator as a process: serves HTTP on loopback until SIGTERM."""

import asyncio
import json
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from bridge.errors import SimulatorError
from bridge.simulator.demo import build_company, load_company
from bridge.simulator.manners import change_settings
from bridge.simulator.personas import Persona
from bridge.simulator.routes import application
from bridge.simulator.simulator import Simulator
from core.clock import process_clock
from core.i18n import _

_HOST = "127.0.0.1"


async def serve(
    simulator: Simulator, *, port: int, stopping: asyncio.Event, announce: bool = True
) -> None:
    """Serve until `stopping` is set, then close the state; prints one JSON line when ready.

    Raises SimulatorError when the port cannot be had.
    """
    runner = web.AppRunner(application(simulator), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, _HOST, port)
        try:
            await site.start()
        except OSError as error:
            raise SimulatorError(
                _("The simulator cannot listen on port {port}: {reason}.").format(
                    port=port, reason=error.strerror or error
                ),
                hint=_("Choose another with --port, or 0 for any."),
            ) from error
        simulator.start()
        if announce:
            bound = runner.addresses[0][1]
            line = {"port": bound, "url": f"http://{_HOST}:{bound}"}
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()
        await stopping.wait()
    finally:
        await simulator.stop()
        await runner.cleanup()  # The last acknowledgements are written as connections end.
        simulator.state.close()


async def _run(folder: Path, port: int, *, demo: bool, seed: int, speed: float | None) -> None:
    clock = process_clock()
    company = load_company() if demo else None
    personas: Mapping[str, Persona] = company.personas if company else {}
    simulator = Simulator.open(folder, clock=clock, seed=seed, personas=personas)
    if company is not None:
        build_company(simulator, company, seed=seed)
    if speed is not None:
        change_settings(simulator.state.db, {"speed": speed})
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await serve(simulator, port=port, stopping=stopping)


def run_simulator(
    folder: Path,
    *,
    port: int = 0,
    demo: bool = False,
    seed: int = 0,
    speed: float | None = None,
) -> None:
    """Run the simulator with its state in `folder` until SIGTERM or Ctrl+C.

    `port` 0 takes any free one; `demo` fills a new state with the demo company and lets it live;
    `speed` is how fast, 0 lets only `POST /advance` move it, None leaves it as it was.
    Raises SimulatorError.
    """
    asyncio.run(_run(folder, port, demo=demo, seed=seed, speed=speed))
