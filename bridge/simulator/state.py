"""What every part of the simulator works with: the database, who there is, the clock, new ids."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bridge.simulator.content import Content
from bridge.simulator.database import Database, Row
from bridge.simulator.devices import Devices
from bridge.simulator.events import Source
from bridge.simulator.faults import Faults
from bridge.simulator.people import NoSuchThing, People, Phone
from core.clock import Clock

_ARRIVAL = {"SERVER_ACK": 0, "DELIVERY_ACK": 1, "READ": 2}


class State:
    """The one world of a simulator process."""

    def __init__(self, db: Database, *, clock: Clock, on_queued: Callable[[str], None]) -> None:
        self.db = db
        self.clock = clock
        self.people = People(db)
        self.devices = Devices(db, on_queued)
        self.faults = Faults(db)
        self._last_milliseconds = 0

    @classmethod
    def open(cls, folder: Path, *, clock: Clock, on_queued: Callable[[str], None]) -> "State":
        """Open the state in a folder. Raises SimulatorError."""
        return cls(Database.open(folder), clock=clock, on_queued=on_queued)

    def close(self) -> None:
        """Close the database."""
        self.db.close()

    def seconds(self) -> int:
        """Return the present in whole seconds since the epoch, which is all that WhatsApp tells."""
        return int(self.clock().timestamp())

    def milliseconds(self) -> int:
        """Return the present in milliseconds, as phones tell it of edits; each time a later one."""
        now = int(self.clock().timestamp() * 1000)
        self._last_milliseconds = max(self._last_milliseconds + 1, now)
        return self._last_milliseconds

    def new_id(self, prefix: str) -> str:
        """Return a new message id in the shape that phones (`3A`) or devices (`3EB0`) give."""
        with self.db.change():
            serial = int(self.db.meta("serial", "0")) + 1
            self.db.set_meta("serial", str(serial))
        salt = self.db.meta("seed", "0")
        digest = hashlib.sha256(f"{salt}|{serial}".encode()).hexdigest().upper()
        return prefix + digest[:18]

    # -- messages --------------------------------------------------------------------------------

    def keep_message(
        self, owner: str, chat: str, sender: str, content: Content, *,
        message_id: str, seconds: int, status: str = "", via: str = "customer",
    ) -> None:  # fmt: skip
        """Note a message in one business phone's own history."""
        self.db.run(
            "INSERT INTO message (id, owner, chat, sender, from_me, seconds, content, status, via)"
            " VALUES (?,?,?,?,?,?,?,?,?)",
            message_id, owner, chat, sender, int(sender == owner), seconds,
            json.dumps(content, ensure_ascii=False), status, via,
        )  # fmt: skip

    def message(self, owner: str, message_id: str) -> Row:
        """Return one message of a business phone. Raises NoSuchThing."""
        row = self.db.row("SELECT * FROM message WHERE owner=? AND id=?", owner, message_id)
        if row is None:
            raise NoSuchThing(f"+{owner} has no message {message_id}.")
        return row

    def advance(self, owner: str, message_id: str, status: str) -> bool:
        """Move an own message's status forward; returns whether it moved."""
        row = self.message(owner, message_id)
        if _ARRIVAL.get(status, 0) <= _ARRIVAL.get(row["status"], 0):
            return False
        self.db.run("UPDATE message SET status = ? WHERE seq = ?", status, row["seq"])
        return True

    # -- addresses -------------------------------------------------------------------------------

    def source_from(self, customer: Phone, group: str = "") -> Source:
        """Return the source of what a customer does, in a group or directly."""
        address, other = customer.addresses()
        return Source(chat=group or address, sender=address, sender_alt=other)

    def source_of_owner(self, owner: Phone, chat: str) -> Source:
        """Return the source of what the business does on its own phone."""
        if chat.endswith("@g.us"):
            return Source(chat=chat, sender=owner.jid, from_me=True, sender_alt=owner.lid_jid)
        address, other = self.people.customer(chat).addresses()
        return Source(chat=address, sender=owner.jid, from_me=True, recipient_alt=other)

    def quoted(self, owner: str, message_id: str) -> Mapping[str, Any]:
        """Return what a reply says about the message it answers."""
        row = self.message(owner, message_id)
        sender = self.people.phone(row["sender"])
        jid = sender.jid if sender.kind == "business" else sender.addresses()[0]
        content = {k: v for k, v in json.loads(row["content"]).items() if k != "quoted"}
        return {"id": message_id, "sender": jid, "content": content}
