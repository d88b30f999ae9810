"""A worker in this process that keeps the contract of `bridge.worker_port.Worker`."""

import asyncio
from collections.abc import Callable

import msgspec

from bridge.whatsapp.protocol import PROTOCOL_VERSION, Command, Ready, Reply, Report, Stop


class FakeWorker:
    """Reports what the test says, and remembers what it was told."""

    def __init__(self, *, has_session: bool = True, is_up: bool = True) -> None:
        self.told: list[Command] = []
        self.asked: list[Command] = []
        self.is_gone = False
        self.answers: Callable[[Command], Reply | None] = lambda _command: None
        """Answers a command at once; None leaves the reply open."""
        self.replies: list[asyncio.Future[Reply]] = []
        self._reports: asyncio.Queue[Report | None] = asyncio.Queue()
        if is_up:
            self.says(Ready(protocol=PROTOCOL_VERSION, has_session=has_session))

    def says(self, *reports: Report) -> None:
        for report in reports:
            self._reports.put_nowait(report)

    def dies(self) -> None:
        if not self.is_gone:
            self.is_gone = True
            self._reports.put_nowait(None)
            for reply in self.replies:
                if not reply.done():
                    reply.set_result(Reply(command_id=0, failure="outcome_unknown"))

    async def report(self) -> Report | None:
        report = await self._reports.get()
        if report is None:
            self._reports.put_nowait(None)
        return report

    async def tell(self, command: Command) -> None:
        self.told.append(command)
        if isinstance(command, Stop):
            self.dies()

    def ask(self, command: Command) -> asyncio.Future[Reply]:
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        if self.is_gone:
            reply.set_result(Reply(command_id=0, failure="not_connected"))
            return reply
        self.asked.append(msgspec.structs.replace(command, command_id=len(self.asked) + 1))
        self.replies.append(reply)
        if (answer := self.answers(command)) is not None:
            reply.set_result(answer)
        return reply

    async def end(self, *, grace_seconds: float) -> None:
        if grace_seconds:
            await self.tell(Stop())
        self.dies()
