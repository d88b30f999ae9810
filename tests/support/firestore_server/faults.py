"""Faults on request: what a call meets before and after it is done."""

import asyncio
from dataclasses import dataclass
from typing import Final, Literal

from grpc import StatusCode

from tests.support.firestore_server.status import Refusal

ALL_METHODS: Final = "*"


@dataclass(slots=True)
class _Fault:
    method: str
    kind: Literal["fail", "delay", "hang", "lose", "break"]
    code: StatusCode
    message: str
    seconds: float
    left: int | None
    """How often it still happens; None for ever."""
    answers: int = 0
    """How many of a call's answers still arrive."""


class Faults:
    """Faults by method, each met once or more often, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._faults: list[_Fault] = []
        self._freed = asyncio.Event()

    def fail(
        self, method: str, code: StatusCode, *, times: int | None = 1, message: str = "as asked"
    ) -> None:
        """End calls with a status before anything is done; for ever with `times=None`."""
        self._faults.append(_Fault(method, "fail", code, message, 0, times))

    def lose_answer(
        self, method: str, code: StatusCode = StatusCode.UNAVAILABLE, *, times: int | None = 1
    ) -> None:
        """Do what calls ask for, then end them with a status: the answer is lost."""
        self._faults.append(_Fault(method, "lose", code, "the answer was lost", 0, times))

    def break_off(
        self,
        method: str,
        answers: int,
        *,
        code: StatusCode = StatusCode.UNAVAILABLE,
        times: int | None = 1,
    ) -> None:
        """End calls that answer in a stream with a status after so many of their answers."""
        fault = _Fault(method, "break", code, "the stream broke off", 0, times, answers)
        self._faults.append(fault)

    def delay(self, method: str, seconds: float, *, times: int | None = None) -> None:
        """Answer calls late."""
        self._faults.append(_Fault(method, "delay", StatusCode.OK, "", seconds, times))

    def hang(self, method: str, *, times: int | None = None) -> None:
        """Leave calls without an answer until `clear`; then they go on."""
        self._faults.append(_Fault(method, "hang", StatusCode.OK, "", 0, times))

    def clear(self) -> None:
        """Take all faults away, and let go of what hangs."""
        self._faults.clear()
        self._freed.set()
        self._freed = asyncio.Event()

    async def before(self, method: str) -> None:
        """Meet the faults that come before a call is done. Raises Refusal."""
        for fault in list(self._faults):
            if fault.kind in ("lose", "break") or not self._strikes(fault, method):
                continue
            if fault.kind == "fail":
                raise Refusal(fault.code, fault.message)
            if fault.kind == "delay":
                await asyncio.sleep(fault.seconds)
            else:
                await self._freed.wait()

    def after(self, method: str) -> None:
        """Meet the faults that come once a call is done. Raises Refusal."""
        for fault in list(self._faults):
            if fault.kind == "lose" and self._strikes(fault, method):
                raise Refusal(fault.code, fault.message)

    def broken_off(self, method: str) -> tuple[int, Refusal] | None:
        """Return after how many answers a call ends, and how; None when it ends by itself."""
        for fault in list(self._faults):
            if fault.kind == "break" and self._strikes(fault, method):
                return fault.answers, Refusal(fault.code, fault.message)
        return None

    def _strikes(self, fault: _Fault, method: str) -> bool:
        if fault.method not in (method, ALL_METHODS):
            return False
        if fault.left is not None:
            fault.left -= 1
            if fault.left <= 0:
                self._faults.remove(fault)
        return True
