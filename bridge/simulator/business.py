"""What the business does: through a linked device (send, read, log out) or on its own phone."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from bridge.errors import SimulatorError
from bridge.simulator import events, wire
from bridge.simulator.content import Content, check_content, media_bytes
from bridge.simulator.customers import Customers
from bridge.simulator.devices import Device
from bridge.simulator.events import Envelope, Source
from bridge.simulator.history import parse_history
from bridge.simulator.people import NoSuchThing, Phone
from bridge.simulator.state import State
from bridge.whatsapp.protocol import FailureCode
from core.model.ids import PHONE_SERVER


class SendRefused(SimulatorError):
    """WhatsApp did not take a message."""

    def __init__(self, failure: FailureCode, message: str) -> None:
        super().__init__(message)
        self.failure: FailureCode = failure


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that WhatsApp took."""

    message_id: str
    seconds: int
    recipients: tuple[str, ...]
    """Numbers of the customers' phones that it was for."""
    group: str
    """The group's JID, or nothing."""


class Business:
    """The business's own phone and the devices linked to it."""

    def __init__(self, state: State, customers: Customers) -> None:
        self._state = state
        self._customers = customers

    # -- from a linked device --------------------------------------------------------------------

    def send(self, device: Device, order: wire.SendText) -> Sent:
        """Take a text from a device and bring it to whoever it is for. Raises SendRefused."""
        state = self._state
        owner = state.people.phone(device.phone)
        content: Content = {"kind": "text", "text": order.body}
        if order.quoted_id:
            quoted = {"kind": "text", "text": order.quoted_body}
            content = {
                **content,
                "quoted": {"id": order.quoted_id, "sender": order.quoted_sender, "content": quoted},
            }
        chat = self._chat(owner, order.to_jid)
        with state.db.change():
            return self._bring(owner, chat, content, prefix="3EB0", but=device.token)

    def _chat(self, owner: Phone, to_jid: str) -> str:
        """Return the chat that an address means: a number, or a group's JID."""
        if to_jid.endswith("@g.us"):
            try:
                _subject, members = self._state.people.group(to_jid)
            except NoSuchThing as error:
                raise SendRefused("refused", str(error)) from error
            if owner.number not in members:
                raise SendRefused("refused", "server returned error 403")
            return to_jid
        phone = self._state.people.by_jid(to_jid)
        if phone is None and to_jid.endswith(f"@{PHONE_SERVER}"):
            history = parse_history(owner.history)
            number = to_jid.partition("@")[0]
            if history is not None and history.has(number):
                phone = self._state.people.customer(number)
        if phone is None:
            raise SendRefused("not_on_whatsapp", f"no LID found for {to_jid} from server")
        return phone.number

    def _bring(
        self, owner: Phone, chat: str, content: Content, *, prefix: str, but: str = ""
    ) -> Sent:
        """Keep an own message, tell the other devices, and let it reach the customers' phones."""
        state = self._state
        message_id, seconds = state.new_id(prefix), state.seconds()
        state.keep_message(
            owner.number, chat, owner.number, content, message_id=message_id, seconds=seconds,
            status="SERVER_ACK", via="device" if but else "phone",
        )  # fmt: skip
        envelope = Envelope(
            source=state.source_of_owner(owner, chat), message_id=message_id, seconds=seconds,
            push_name=owner.name,
        )  # fmt: skip
        state.devices.queue(owner.number, events.message_event(envelope, content), but=but)
        recipients = self._recipients(owner, chat)
        group = chat if "@" in chat else ""
        for customer in recipients:
            if customer.delivers:
                self._customers.arrive(customer, owner, message_id)
                state.advance(owner.number, message_id, "DELIVERY_ACK")
                self._customers.send_receipt(customer, owner, [message_id], "DELIVERED", group)
        return Sent(message_id, seconds, tuple(phone.number for phone in recipients), group)

    def _recipients(self, owner: Phone, chat: str) -> list[Phone]:
        people = self._state.people
        if "@" not in chat:
            return [people.customer(chat)]
        _subject, members = people.group(chat)
        return [people.customer(number) for number in members if number != owner.number]

    def mark_read(self, device: Device, ids: Sequence[str]) -> None:
        """A device tells a sender that messages were read; the other devices hear of it."""
        self._note_read(device.phone, ids, but=device.token)

    def media(self, device: Device, direct_path: str) -> bytes:
        """Return the file of a message. Raises NoSuchThing."""
        message_id = direct_path.rpartition("/")[2]
        row = self._state.message(device.phone, message_id)
        return media_bytes(json.loads(row["content"]), message_id)

    # -- on the phone itself ---------------------------------------------------------------------

    def write_on_phone(self, name: str, chat: str, content: Content) -> str:
        """The owner writes on the phone itself; every linked device hears of it."""
        check_content(content)
        owner = self._state.people.business(name)
        with self._state.db.change():
            if "@" not in chat:
                chat = self._state.people.customer(chat).number
            return self._bring(owner, chat, content, prefix="3A").message_id

    def read_on_phone(self, name: str, chat: str) -> list[str]:
        """The owner reads a chat on the phone itself; returns the ids."""
        owner = self._state.people.business(name)
        chat = chat if "@" in chat else self._state.people.phone(chat).number
        with self._state.db.change():
            rows = self._state.db.rows(
                "SELECT id FROM message WHERE owner=? AND chat=? AND from_me=0 AND is_read=0",
                owner.number, chat,
            )  # fmt: skip
            ids = [row["id"] for row in rows]
            self._note_read(owner.number, ids)
        return ids

    def _note_read(self, owner_number: str, ids: Sequence[str], but: str = "") -> None:
        state = self._state
        owner = state.people.phone(owner_number)
        by_chat: dict[tuple[str, str], list[str]] = {}
        with state.db.change():
            for message_id in ids:
                row = state.db.row(
                    "SELECT * FROM message WHERE owner=? AND id=?", owner_number, message_id
                )
                if row is None or row["from_me"]:
                    continue
                state.db.run("UPDATE message SET is_read = 1 WHERE seq = ?", row["seq"])
                by_chat.setdefault((row["chat"], row["sender"]), []).append(message_id)
            for (chat, _sender), read in by_chat.items():
                source: Source = state.source_of_owner(owner, chat)
                event = events.receipt_event(source, read, state.seconds(), "READ_SELF")
                state.devices.queue(owner_number, event, but=but)
