"""The simulated account worker: the neonize worker's manners, with the simulator as WhatsApp.

Run as `python -m bridge.simulator.worker --account ID --folder DIR --simulator URL --fd N`.
"""

import argparse
import asyncio
import logging
import os
import sys
import threading
from collections.abc import Coroutine
from pathlib import Path

import aiohttp

from bridge.errors import BridgeError, SimulatorError
from bridge.journal import JOURNAL_NAME, Journal
from bridge.session_place import SessionPlace
from bridge.simulator import wire
from bridge.simulator.dial import Dial, DialFailed
from bridge.simulator.incoming import Incoming
from bridge.simulator.media import direct_path_of
from bridge.simulator.session import forget_session, has_session, load_session
from bridge.whatsapp.own_end import OwnEnd
from bridge.whatsapp.protocol import (
    PROTOCOL_VERSION,
    Command,
    Connect,
    DownloadMedia,
    Gone,
    LeaseUntil,
    LogOut,
    MarkRead,
    PairPhone,
    Ready,
    Reply,
    Send,
    Stop,
)
from bridge.whatsapp.protocol import Connection as ConnectionReport
from bridge.whatsapp.worker_io import ProtocolBroken, WorkerPort
from core.clock import process_clock

_LOG = logging.getLogger(__name__)
_CALL_SECONDS = 20.0
_LONGEST_PAUSE_SECONDS = 60.0

_Asking = Send | PairPhone | MarkRead | LogOut | DownloadMedia


class SimulatedWorker:
    """Carries out the daemon's commands and keeps the line to the simulator."""

    def __init__(
        self, port: WorkerPort, account: str, sessions: Path, journal: Journal, dial: Dial
    ) -> None:
        self._port = port
        self._account = account
        self._sessions = sessions
        self._journal = journal
        self._dial = dial
        self._incoming = Incoming(port, sessions, journal, dial, process_clock())
        self._commands: asyncio.Queue[Command | None] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending = asyncio.Lock()
        """One send at a time, like whatsmeow's."""
        self._link: asyncio.Task[None] | None = None
        self._own_end = OwnEnd(lambda _why: port.interrupt())

    async def run(self) -> None:
        """Serve until told to stop, the daemon is gone, or the connection is over."""
        loop = asyncio.get_running_loop()
        threading.Thread(
            target=self._read_commands, args=(loop,), name="commands", daemon=True
        ).start()
        self._port.send(Ready(protocol=PROTOCOL_VERSION, has_session=has_session(self._sessions)))
        try:
            while True:
                command = await self._commands.get()
                if command is None or isinstance(command, Stop):
                    return
                if isinstance(command, LeaseUntil):
                    self._own_end.put_off(command)
                elif not isinstance(command, Connect):
                    self._begin(self._carry_out(command))
                elif self._link is None:
                    self._link = asyncio.create_task(self._keep_line(), name="line")
        finally:
            await self._end()

    def _read_commands(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hand commands to the loop; runs in a thread of its own."""

        def hand_over(command: Command | None) -> None:
            try:
                loop.call_soon_threadsafe(self._commands.put_nowait, command)
            except RuntimeError:  # the loop has ended, nobody needs it any more
                _LOG.debug("a command came after the end")

        try:
            for command in self._port.commands():
                hand_over(command)
        except ProtocolBroken:
            _LOG.exception("the daemon broke the protocol")
        hand_over(None)

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work, name="command")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end(self) -> None:
        running = [*self._tasks, *([self._link] if self._link else [])]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._dial.hang_up()

    # -- the line --------------------------------------------------------------------------------

    async def _keep_line(self) -> None:
        """Dial, listen, dial again, as whatsmeow does; a first dial that fails is the end."""
        try:
            failures = 0
            while True:
                session = load_session(self._sessions)
                try:
                    await self._dial.open(session.token if session else "")
                    failures = 0
                except DialFailed:
                    if not self._incoming.was_connected:
                        raise
                    failures += 1
                else:
                    if not await self._incoming.listen():
                        return
                    self._port.send(ConnectionReport(kind="disconnected"))
                pause = self._dial.manners.reconnect_seconds * max(1, failures)
                await asyncio.sleep(min(pause, _LONGEST_PAUSE_SECONDS))
        except (DialFailed, BridgeError, OSError) as error:
            self._port.send(Gone(detail=str(error)))
            self._commands.put_nowait(None)

    # -- commands --------------------------------------------------------------------------------

    async def _carry_out(self, command: _Asking) -> None:
        try:
            answer = await self._answer(command)
        except BridgeError as error:
            answer = wire.Answer(call=0, failure="refused", detail=str(error))
        self._port.send(
            Reply(
                command_id=command.command_id,
                value=answer.value,
                timestamp_seconds=answer.seconds,
                failure=answer.failure,
                detail=answer.detail,
            )
        )

    async def _answer(self, command: _Asking) -> wire.Answer:
        match command:
            case Send():
                async with self._sending:
                    return await self._send(command)
            case PairPhone():
                return await self._ask_pairing_code(command.phone)
            case MarkRead():
                return await self._dial.call(
                    lambda call: wire.ReadUp(
                        call=call, chat_jid=command.chat_jid, message_ids=command.message_ids
                    ),
                    _CALL_SECONDS,
                )
            case LogOut():
                return await self._log_out()
            case DownloadMedia():
                return await self._download(command)

    async def _ask_pairing_code(self, phone: str) -> wire.Answer:
        try:
            async with asyncio.timeout(_CALL_SECONDS):
                await self._incoming.codes_are_shown.wait()
        except TimeoutError:
            return wire.Answer(
                call=0, failure="not_connected", detail="the pairing round has not begun"
            )
        return await self._dial.call(
            lambda call: wire.AskPairingCode(call=call, phone=phone), _CALL_SECONDS
        )

    async def _send(self, command: Send) -> wire.Answer:
        if not self._incoming.is_logged_in or self._own_end.is_due:
            return wire.Answer(call=0, failure="not_connected", detail="websocket not connected")
        return await self._dial.call(
            lambda call: wire.SendText(
                call=call,
                to_jid=command.to_jid,
                body=command.body,
                quoted_id=command.quoted_message_id,
                quoted_sender=command.quoted_sender_jid,
                quoted_body=command.quoted_body,
            ),
            self._dial.manners.send_timeout_seconds,
        )

    async def _log_out(self) -> wire.Answer:
        self._incoming.leaves = True
        answer = await self._dial.call(lambda call: wire.UnlinkMe(call=call), _CALL_SECONDS)
        if answer.failure is None:
            forget_session(self._sessions)
        else:
            self._incoming.leaves = False
        return answer

    async def _download(self, command: DownloadMedia) -> wire.Answer:
        entry = self._journal.get(command.journal_seq)
        path = ""
        if entry is not None:
            path = direct_path_of(entry.code, entry.payload, command.message_id)
        if not path:
            return wire.Answer(call=0, failure="refused", detail="the journal does not hold it")
        answer = await self._dial.call(
            lambda call: wire.FetchMedia(call=call, direct_path=path), _CALL_SECONDS
        )
        if answer.failure is None:
            try:
                _write_private(Path(command.target), answer.data)
            except OSError as error:
                return wire.Answer(call=0, failure="refused", detail=str(error))
        return answer


def _write_private(target: Path, data: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = target.with_name(target.name + ".part")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    new.replace(target)


async def _serve(port: WorkerPort, account: str, folder: Path, simulator: str) -> None:
    journal = Journal.open(folder / JOURNAL_NAME)
    try:
        async with aiohttp.ClientSession() as http:
            dial = Dial(http, simulator, account)
            place = SessionPlace.in_environment(os.environ, folder)
            place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            await SimulatedWorker(port, account, place.folder, journal, dial).run()
    finally:
        journal.close()


def main() -> int:
    """Run the worker; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bridge.simulator.worker")
    parser.add_argument("--account", required=True, help="account id")
    parser.add_argument("--folder", required=True, type=Path, help="the account's folder")
    parser.add_argument("--simulator", required=True, help="URL of the simulator")
    parser.add_argument("--fd", required=True, type=int, help="socket of the worker protocol")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    port = WorkerPort.of_descriptor(arguments.fd)
    try:
        asyncio.run(_serve(port, arguments.account, arguments.folder, arguments.simulator))
    except (BridgeError, SimulatorError) as error:
        _LOG.error("%s", error)
        port.send(Gone(detail=str(error)))
        return 1
    finally:
        port.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
