"""Faults for a server in a process of its own: a second small service, in JSON."""

import json
from collections.abc import Callable
from typing import Any, Final

import grpc
from grpc import StatusCode

from tests.support.firestore_server.calls import Calls
from tests.support.firestore_server.faults import Faults
from tests.support.firestore_server.listen import Listeners

SERVICE: Final = "capcoada.tests.FirestoreControl"


class Control:
    """Does by name what a test in the same process does by calling."""

    def __init__(self, calls: Calls, faults: Faults, listeners: Listeners) -> None:
        self._calls = calls
        self._actions: Final[dict[str, Callable[..., None]]] = {
            "fail": faults.fail,
            "lose_answer": faults.lose_answer,
            "break_off": faults.break_off,
            "delay": faults.delay,
            "hang": faults.hang,
            "clear": faults.clear,
            "kill": listeners.kill,
            "end": listeners.end,
            "remove_targets": listeners.remove_targets,
            "reset_targets": listeners.reset_targets,
            "repeat": listeners.repeat,
            "send_filters": listeners.send_filters,
            "beat": listeners.beat,
            "tear": listeners.tear,
            "stall": listeners.stall,
            "go_on": listeners.go_on,
        }
        self._listeners = listeners

    def handler(self) -> Any:
        """Return the service, ready to be registered."""
        method: Any = grpc.unary_unary_rpc_method_handler(self._do)
        return grpc.method_handlers_generic_handler(SERVICE, {"Do": method})

    async def _do(self, request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
        """Do `{"do": name, …arguments}`, and tell how often each method was called so far."""
        arguments: dict[str, Any] = json.loads(request)
        name = arguments.pop("do", None)
        if "code" in arguments:
            arguments["code"] = StatusCode[arguments["code"]]
        if name is not None:
            action = self._actions.get(name)
            if action is None:
                await context.abort(StatusCode.NOT_FOUND, f"no such fault: {name}")
            action(**arguments)
        counts: dict[str, int] = {}
        for call in list(self._calls.seen):
            counts[call.method] = counts.get(call.method, 0) + 1
        return json.dumps({"calls": counts, "streams": len(self._listeners.streams)}).encode()


async def ask(channel: grpc.aio.Channel, do: str | None = None, **arguments: Any) -> dict[str, Any]:
    """Have a server do something by name, and return its calls by method and its open streams."""
    call: Any = channel.unary_unary(f"/{SERVICE}/Do")
    named = {} if do is None else {"do": do}
    answer: dict[str, Any] = json.loads(await call(json.dumps(named | arguments).encode()))
    return answer
