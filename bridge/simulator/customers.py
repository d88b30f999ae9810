"""What customers do: write, read, edit, take back, react, type."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.errors import SimulatorError
from bridge.simulator import events
from bridge.simulator.content import Content, body_of, check_content, edited
from bridge.simulator.events import Envelope, Source
from bridge.simulator.people import Phone
from bridge.simulator.state import State

STATUS_CHAT = "status@broadcast"


class Customers:
    """The customers' thumbs."""

    def __init__(self, state: State) -> None:
        self._state = state

    def change(self, number: str, changes: Mapping[str, Any]) -> Phone:
        """Make a phone or change one; when it is turned on, what waited comes before what is new.

        Raises SimulatorError.
        """
        with self._state.db.change():
            phone = self._state.people.put(number, "customer", changes)
            if changes.get("delivers"):
                self.deliver(number)
        return phone

    def write(
        self, number: str, content: Content, *, to: str = "", group: str = "", quoted: str = "",
        undecryptable: bool = False,
    ) -> str:  # fmt: skip
        """A customer sends one message to a business phone or a group; returns its id."""
        check_content(content)
        state = self._state
        with state.db.change():
            customer = state.people.customer(number)
            owners = self._owners(to, group)
            message_id = state.new_id("3A")
            if quoted:
                content = {**content, "quoted": state.quoted(owners[0].number, quoted)}
            envelope = self._envelope(customer, group, message_id)
            for owner in owners:
                state.keep_message(
                    owner.number, group or customer.number, customer.number, content,
                    message_id=message_id, seconds=envelope.seconds,
                )  # fmt: skip
                self._send_to_devices(owner, envelope, content, hidden=undecryptable)
        return message_id

    def _send_to_devices(
        self, owner: Phone, envelope: Envelope, content: Content, *, hidden: bool
    ) -> None:
        state = self._state
        for device in state.devices.of_phone(owner.number):
            fault = state.faults.take(device.account, "undecryptable")
            if hidden or fault:
                placeholder = events.undecryptable_event(envelope, content)
                state.devices.queue_for(device.token, placeholder)
            if not hidden:
                event = events.message_event(envelope, content)
                state.devices.queue_for(device.token, event)

    def decrypt(self, message_id: str) -> None:
        """The keys of a message that could not be decrypted arrive after all."""
        state = self._state
        with state.db.change():
            for row in state.db.rows("SELECT * FROM message WHERE id = ?", message_id):
                customer = state.people.phone(row["sender"])
                group = row["chat"] if "@" in row["chat"] else ""
                source = state.source_from(customer, group)
                envelope = Envelope(
                    source=source, message_id=message_id, seconds=row["seconds"],
                    push_name=customer.name,
                )  # fmt: skip
                content = json.loads(row["content"])
                state.devices.queue(row["owner"], events.message_event(envelope, content))

    def post_status(self, number: str, content: Content, *, to: str = "") -> str:
        """A customer posts a status story, which every contact's devices get."""
        check_content(content)
        state = self._state
        with state.db.change():
            customer = state.people.customer(number)
            envelope = self._envelope(customer, STATUS_CHAT, state.new_id("3A"))
            for owner in [state.people.business(to)] if to else state.people.all("business"):
                state.devices.queue(owner.number, events.message_event(envelope, content))
        return envelope.message_id

    def edit(self, number: str, message_id: str, text: str) -> None:
        """A customer writes one of its own messages anew."""
        state = self._state
        with state.db.change():
            customer = state.people.phone(number)
            for row in self._own(customer, message_id):
                content = edited(json.loads(row["content"]), text)
                envelope = self._envelope(customer, self._group_of(row["chat"]), state.new_id("3A"))
                alone = {key: value for key, value in content.items() if key != "quoted"}
                event = events.edit_event(
                    envelope, message_id, alone, milliseconds=state.milliseconds()
                )
                state.devices.queue(row["owner"], event)
                state.db.run(
                    "UPDATE message SET content = ? WHERE seq = ?", json.dumps(content), row["seq"]
                )

    def revoke(self, number: str, message_id: str) -> None:
        """A customer deletes one of its own messages for everyone."""
        state = self._state
        with state.db.change():
            customer = state.people.phone(number)
            for row in self._own(customer, message_id):
                envelope = self._envelope(customer, self._group_of(row["chat"]), state.new_id("3A"))
                state.devices.queue(row["owner"], events.revoke_event(envelope, message_id))
                state.db.run("UPDATE message SET is_revoked = 1 WHERE seq = ?", row["seq"])

    def react(self, number: str, message_id: str, emoji: str) -> None:
        """A customer reacts to any message of its chats; an empty emoji takes it back."""
        state = self._state
        with state.db.change():
            customer = state.people.phone(number)
            for row in self._known(message_id):
                group = self._group_of(row["chat"])
                envelope = self._envelope(customer, group, state.new_id("3A"))
                to_own = row["sender"] == customer.number
                author = state.people.phone(row["sender"])
                event = events.reaction_event(
                    envelope, message_id, emoji, milliseconds=state.milliseconds(), to_own=to_own,
                    participant=author.jid if group and not to_own else "",
                )  # fmt: skip
                state.devices.queue(row["owner"], event)
                reactions = json.loads(row["reactions"]) | {customer.jid: emoji}
                kept = {who: what for who, what in reactions.items() if what}
                state.db.run(
                    "UPDATE message SET reactions = ? WHERE seq = ?", json.dumps(kept), row["seq"]
                )

    def read(
        self, number: str, *, message_ids: Sequence[str] = (), to: str = "", group: str = ""
    ) -> list[str]:
        """A customer reads messages of the business, by default all of them; returns their ids."""
        return self._receive(number, message_ids, to=to, group=group, is_read=True)

    def deliver(
        self, number: str, *, message_ids: Sequence[str] = (), to: str = "", group: str = ""
    ) -> list[str]:
        """A customer's phone comes online and gets what waited; returns the ids.

        Without `group`, what waited in its groups as well.
        """
        with self._state.db.change():
            customer = self._state.people.phone(number)
            chats = [group] if group else ["", *self._state.people.groups_of(customer.number)]
            return [
                message_id
                for chat in chats
                for message_id in self._receive(
                    number, message_ids, to=to, group=chat, is_read=False
                )
            ]

    def _receive(
        self, number: str, message_ids: Sequence[str], *, to: str, group: str, is_read: bool
    ) -> list[str]:
        state = self._state
        moved: list[str] = []
        with state.db.change():
            customer = state.people.phone(number)
            for owner in [state.people.business(to)] if to else state.people.all("business"):
                rows = state.db.rows(
                    "SELECT id, status FROM message WHERE owner=? AND chat=? AND from_me=1"
                    " ORDER BY seq",
                    owner.number, group or customer.number,
                )  # fmt: skip
                ids = [row["id"] for row in rows if not message_ids or row["id"] in message_ids]
                moved += self._mark(customer, owner, ids, group=group, is_read=is_read)
        return moved

    def _mark(
        self, customer: Phone, owner: Phone, ids: Sequence[str], *, group: str, is_read: bool
    ) -> list[str]:
        """Move messages on to delivered or read; returns the ids that moved."""
        state = self._state
        marked = []
        for message_id in ids:
            is_new = not self._has_arrived(customer, message_id)
            if is_new:
                self.arrive(customer, owner, message_id)
            status = "READ" if is_read else "DELIVERY_ACK"
            # A group's status is of all its members, and each of them sends receipts.
            if state.advance(owner.number, message_id, status) or (group and (is_read or is_new)):
                marked.append(message_id)
        if marked:
            kind = "READ" if is_read else "DELIVERED"
            self.send_receipt(customer, owner, marked, kind, group)
        return marked

    def _has_arrived(self, customer: Phone, message_id: str) -> bool:
        found = self._state.db.row(
            "SELECT 1 FROM received WHERE phone = ? AND id = ?", customer.number, message_id
        )
        return found is not None

    def arrive(self, customer: Phone, owner: Phone, message_id: str) -> None:
        """Note that a message reached a customer's phone."""
        state = self._state
        row = state.message(owner.number, message_id)
        state.db.run(
            "INSERT INTO received (phone, id, sender, chat, body, seconds) VALUES (?,?,?,?,?,?)",
            customer.number, message_id, owner.number, row["chat"],
            body_of(json.loads(row["content"])), state.seconds(),
        )  # fmt: skip

    def send_receipt(
        self, customer: Phone, owner: Phone, ids: Sequence[str], kind: Any, group: str = ""
    ) -> None:
        """Queue a customer's receipt for every device of the business."""
        lid = customer.receipts_under == "lid" or customer.addressing.startswith("lid")
        address, other = customer.lid_jid, customer.jid
        if not lid:
            address, other = other, address
        if customer.addressing in ("phone_only", "lid_only"):
            other = ""
        source = Source(chat=group or address, sender=address, sender_alt=other)
        event = events.receipt_event(source, ids, self._state.seconds(), kind)
        self._state.devices.queue(owner.number, event)

    def type_in(self, number: str, *, to: str = "", group: str = "") -> None:
        """A customer types, without sending."""
        state = self._state
        with state.db.change():
            customer = state.people.customer(number)
            event = events.typing_event(state.source_from(customer, group))
            for owner in self._owners(to, group):
                state.devices.queue(owner.number, event)

    def burst(self, *, to: str, customers: int, messages: int, text: str, first: str) -> list[str]:
        """Many customers write at once, message by message in turn; returns the ids."""
        if not 1 <= customers * messages <= 100_000:
            raise SimulatorError("A burst is of 1 to 100000 messages.")
        start = int(first.removeprefix("+"))
        ids = []
        with self._state.db.change():
            for turn in range(messages):
                for index in range(customers):
                    body = text.replace("{n}", str(turn + 1)).replace("{c}", str(index + 1))
                    content = {"kind": "text", "text": body}
                    ids.append(self.write(str(start + index), content, to=to))
        return ids

    # -- helpers ---------------------------------------------------------------------------------

    def _owners(self, to: str, group: str) -> list[Phone]:
        people = self._state.people
        if not group:
            return [people.business(to)]
        _subject, members = people.group(group)
        phones = [people.customer(member) for member in members]
        return [phone for phone in phones if phone.kind == "business"]

    def _envelope(self, customer: Phone, group: str, message_id: str) -> Envelope:
        return Envelope(
            source=self._state.source_from(customer, group), message_id=message_id,
            seconds=self._state.seconds(), push_name=customer.name,
        )  # fmt: skip

    @staticmethod
    def _group_of(chat: str) -> str:
        return chat if "@" in chat else ""

    def _known(self, message_id: str) -> Sequence[Mapping[str, Any]]:
        rows = self._state.db.rows("SELECT * FROM message WHERE id = ?", message_id)
        if not rows:
            raise SimulatorError(f"There is no message {message_id}.")
        return rows  # type: ignore[return-value]

    def _own(self, customer: Phone, message_id: str) -> Sequence[Mapping[str, Any]]:
        rows = [r for r in self._known(message_id) if r["sender"] == customer.number]
        if not rows:
            raise SimulatorError("Only its own sender can change a message.")
        return rows
