"""The simulator as one object: its state, its people's doings, its connections."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bridge.errors import SimulatorError
from bridge.simulator.business import Business
from bridge.simulator.content import check_content
from bridge.simulator.customers import Customers
from bridge.simulator.exchange import Exchange
from bridge.simulator.people import digits
from bridge.simulator.personas import Persona, Personas
from bridge.simulator.state import State
from core.clock import Clock


class Simulator:
    """Everything of one simulator process but its HTTP server."""

    def __init__(self, state: State, personas: Mapping[str, Persona]) -> None:
        self.state = state
        self.customers = Customers(state)
        self.business = Business(state, self.customers)
        self.personas = Personas(state, self.customers, personas)
        self.exchange = Exchange(state, self.customers, self.business, self.personas)
        self._life: asyncio.Task[None] | None = None

    @classmethod
    def open(
        cls, folder: Path, *, clock: Clock, seed: int = 0, personas: Mapping[str, Persona]
    ) -> "Simulator":
        """Open the state in `folder`, made with `seed` when it is new. Raises SimulatorError."""
        made: list[Simulator] = []

        def wake(token: str) -> None:
            if made:
                made[0].exchange.wake(token)

        state = State.open(folder, clock=clock, on_queued=wake)
        if not state.db.meta("seed"):
            with state.db.change():
                state.db.set_meta("seed", str(seed))
        made.append(cls(state, personas))
        return made[0]

    def start(self) -> None:
        """Let the personas live; needs a running event loop."""
        self._life = asyncio.create_task(self.personas.run(), name="simulator personas")

    async def stop(self) -> None:
        """Stop the personas and hang up every connection, whose end is yet to be waited for."""
        if self._life is not None:
            self._life.cancel()
            await asyncio.gather(self._life, return_exceptions=True)
        await self.exchange.close()

    async def close(self) -> None:
        """Stop everything and close the state."""
        await self.stop()
        self.state.close()

    def remember(self, name: str, messages: Sequence[Mapping[str, Any]]) -> list[str]:
        """Put messages into a business phone's past, for the history of devices linked later.

        Each has `chat` (number or group JID), `seconds`, `content` or `text`, and for the
        business's own `from_me`, for a group's `sender`; optional `id`, `status`, `is_read`.
        Returns their ids. Raises SimulatorError.
        """
        owner = self.state.people.business(name)
        ids = []
        with self.state.db.change():
            for one in messages:
                if not isinstance(one, Mapping):
                    raise SimulatorError("Each message of a past has to be an object.")
                content = one.get("content") or {"kind": "text", "text": one["text"]}
                check_content(content)
                chat = one["chat"] if "@" in one["chat"] else digits(one["chat"])
                sender = owner.number
                if not one.get("from_me"):
                    sender = self.state.people.customer(one.get("sender") or chat).number
                elif "@" not in chat:
                    self.state.people.customer(chat)
                is_ours = sender == owner.number
                message_id = one.get("id") or self.state.new_id("3A")
                self.state.keep_message(
                    owner.number, chat, sender, content, message_id=message_id,
                    seconds=int(one["seconds"]), via="phone" if is_ours else "customer",
                    status=one.get("status", "READ") if is_ours else "",
                )  # fmt: skip
                if one.get("is_read", True):
                    self.state.db.run(
                        "UPDATE message SET is_read = 1 WHERE owner=? AND id=?",
                        owner.number, message_id,
                    )  # fmt: skip
                ids.append(message_id)
        return ids
