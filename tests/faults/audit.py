"""The auditor: knows the phones and the documents, nothing of the program, and counts what differs.

What a message is worth is judged by what people see: every message of a phone is in the store once
and in order, every message of a console reached the customer at most once, and what a console is
told about it is true.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from string import ascii_uppercase
from typing import Any, Final

from tests.faults.evidence import Doc, Evidence

KINDS: Final = (
    "lost", "phantom", "duplicated", "delivered twice", "out of order", "status backwards",
    "status untrue", "change lost", "stuck", "aggregate wrong", "short id wrong", "unread wrong",
    "preview wrong", "undelivered",
)  # fmt: skip
_WORTH: Final = {"queued": 0, "sending": 0, "uncertain": 1, "sent": 2, "delivered": 3, "read": 4}
"""What a status promises; `sending` goes back to `queued` when WhatsApp was not reached at all."""
_ENDS: Final = frozenset({"sent", "delivered", "read", "failed", "uncertain", "cancelled"})
_ON_PHONE: Final = {"SERVER_ACK": "sent", "DELIVERY_ACK": "delivered", "READ": "read"}
_CLOCKS_APART: Final = timedelta(minutes=2)
_BY_HAND: Final = frozenset({"sent", "cancelled", "failed", "uncertain"})
"""What an item without WhatsApp's id may be: given up, or called sent by an operator."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be."""

    kind: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.what}"


def audit(found: Evidence) -> list[Finding]:
    """Return everything that is wrong."""
    checks = (
        _messages, _console_messages, _deliveries, _orders, _statuses, _changes, _outbox,
        _aggregates, _short_ids, _threads, _devices,
    )  # fmt: skip
    findings = [
        Finding(kind, where, what) for check in checks for kind, where, what in check(found)
    ]
    assert all(one.kind in KINDS for one in findings)
    return findings


def count(findings: list[Finding]) -> dict[str, int]:
    """Return the number of findings of each kind, those without any included."""
    counted = Counter(one.kind for one in findings)
    return {kind: counted[kind] for kind in KINDS}


Found = Iterator[tuple[str, str, str]]

# -- messages ------------------------------------------------------------------------------------


def _messages(found: Evidence) -> Found:
    """Every message of a phone is in the store once, in its own conversation, and nothing else."""
    for account, held in found.phones.items():
        stored = _stored(found, account)
        by_hand = _unidentified(found, account)
        known = {one["id"] for one in held}
        for one in held:
            places = stored.get(one["id"], [])
            if not places:
                if not (one["from_me"] and one["body"] in by_hand):
                    yield "lost", one["chat"], f"{one['id']} {one['body']!r}"
                continue
            if len(places) > 1:
                yield "duplicated", one["chat"], f"{one['id']} in {[place[0] for place in places]}"
            thread_id, message = places[0]
            if not _is_of(found, account, thread_id, one["chat"]):
                yield "lost", one["chat"], f"{one['id']} is in {thread_id}"
            direction = "outbound" if one["from_me"] else "inbound"
            if message["direction"] != direction:
                yield "lost", thread_id, f"{one['id']} is {message['direction']}"
        for wa_id in stored.keys() - known:
            yield "phantom", stored[wa_id][0][0], f"{wa_id} is on no phone"


def _console_messages(found: Evidence) -> Found:
    """Every message that a console handed over is there, once, and shown in its conversation."""
    for request_id in sorted(found.taken - found.outbox.keys()):
        yield "lost", "outbox", f"{request_id} was taken over and is not there"
    for event_id in sorted(found.saved - found.events.keys()):
        yield "lost", "evenimente", f"{event_id} was saved and is not there"
    for request_id, item in found.outbox.items():
        shown = [one for one in found.messages[item["threadId"]] if one["messageId"] == request_id]
        if not shown:
            yield "lost", item["threadId"], f"{item['body']!r} is in the outbox, not in the chat"
            continue
        wanted = "failed" if item["status"] == "cancelled" else item["status"]
        if shown[0]["status"] != wanted or shown[0].get("waMessageId") != item.get("waMessageId"):
            yield "status untrue", item["threadId"], f"chat {shown[0]['status']}, outbox {wanted}"
        twins = [one for one in found.messages[item["threadId"]] if one["body"] == item["body"]]
        if len(twins) > 1 and not _is_from_a_wrong_clock(item, twins):
            yield "duplicated", item["threadId"], f"{item['body']!r} is shown {len(twins)} times"


def _is_from_a_wrong_clock(item: Doc, twins: list[Doc]) -> bool:
    """Whether a message of unknown fate was told by the phone before it could have been sent.

    Nobody can know then that it is the same one, and not an earlier one that says the same.
    """
    ahead = min(item["createdAt"], item.get("sendingAt") or item["createdAt"]) - _CLOCKS_APART
    told = [one["tsClient"] for one in twins if one["waMessageId"]]
    return item["waMessageId"] is None and all(moment < ahead for moment in told)


def _deliveries(found: Evidence) -> Found:
    """Nothing that a console sent arrived twice, and what it says about that is true."""
    arrived: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for number, arrivals in found.received.items():
        for one in arrivals:
            arrived[one["body"]][number] += 1
            if one["from"].removeprefix("+") not in found.accounts.values():
                yield "phantom", number, f"{one['body']!r} is from {one['from']}"
    sent = Counter(
        (one["chat"], one["body"]) for held in found.phones.values() for one in held
        if one["from_me"]
    )  # fmt: skip
    for item in found.outbox.values():
        times = max(arrived[item["body"]].values(), default=0)
        went_out = sum(number for (_chat, body), number in sent.items() if body == item["body"])
        where = f"{item['threadId']} {item['body']!r}"
        if max(times, went_out) > 1:
            yield "delivered twice", where, f"{times} times, sent {went_out} times"
        if item["status"] in ("sent", "delivered", "read") and item["waMessageId"] and not went_out:
            yield "lost", where, f"is called {item['status']} and never went out"
        if item["status"] in ("queued", "sending") and went_out:
            yield "status untrue", where, f"is called {item['status']} and went out"
        if item["status"] == "failed" and went_out:
            yield "status untrue", where, "is called failed and went out"


# -- order ---------------------------------------------------------------------------------------


def _orders(found: Evidence) -> Found:
    """People see messages in the order in which they were written."""
    for account, held in found.phones.items():
        stored = _stored(found, account)
        places = {
            one["messageId"]: number
            for thread_id, messages in found.messages.items()
            if found.threads[thread_id]["accountId"] == account
            for number, one in enumerate(messages)
        }
        for chat in sorted({one["chat"] for one in held}):
            ids = [one["id"] for one in held if one["chat"] == chat and one["via"] != "device"]
            shown = [places[one] for one in ids if one in stored and one in places]
            yield from _rising(shown, chat, "messages of the phone", ids, found.reordered)
    for thread_id, messages in found.messages.items():
        numbers = {one["messageId"]: number for number, one in enumerate(messages)}
        written = [key for key, item in found.outbox.items() if item["threadId"] == thread_id]
        shown = [numbers[key] for key in written if key in numbers]
        yield from _rising(shown, thread_id, "messages of the console", written)
    turn = {item["body"]: number for number, item in enumerate(found.outbox.values())}
    thread_of = {item["body"]: item["threadId"] for item in found.outbox.values()}
    for number, arrivals in found.received.items():
        for thread_id in sorted(set(thread_of.values())):
            bodies = [one["body"] for one in arrivals if thread_of.get(one["body"]) == thread_id]
            yield from _rising([turn[body] for body in bodies], number, "arrivals", bodies)


def _rising(numbers: list[int], where: str, what: str, names: list[str], allowed: int = 0) -> Found:
    """Report when more than `allowed` neighbours have changed places."""
    wrong = [
        f"{name} at {after} after {before}"
        for (before, after), name in zip(pairwise(numbers), names[1:], strict=False)
        if after <= before
    ]
    if len(wrong) > allowed:
        yield "out of order", where, f"{what}: {', '.join(wrong)}"


# -- statuses and changes ------------------------------------------------------------------------


def _statuses(found: Evidence) -> Found:
    """No status that somebody saw was ever taken back; the phone's ones are those in the store."""
    last: dict[str, str] = {}
    for seen in found.statuses:
        before = last.get(seen.path)
        last[seen.path] = seen.status
        if before is not None and not _goes_forward(seen.path, before, seen.status):
            yield "status backwards", seen.path, f"{before} → {seen.status}"
    for account, held in found.phones.items():
        stored = _stored(found, account)
        for one in held:
            if not one["from_me"] or one["id"] not in stored or one["chat"].endswith("@g.us"):
                continue
            message = stored[one["id"]][0][1]
            if message["status"] != _ON_PHONE[one["status"]] and one["status"] in _ON_PHONE:
                what = f"{one['body']!r}: {message['status']}, on the phone {one['status']}"
                yield "status untrue", stored[one["id"]][0][0], what


def _goes_forward(path: str, before: str, after: str) -> bool:
    if before == "failed":  # A chat calls failed what was cancelled, too, and that may have left.
        return after in ("failed", "cancelled") or not path.startswith("outbox/")
    if before == "cancelled":  # It was uncertain, and the phone tells that it arrived after all.
        return _WORTH.get(after, 0) >= _WORTH["sent"]
    return after in ("failed", "cancelled") or _WORTH[after] >= _WORTH[before]


def _changes(found: Evidence) -> Found:
    """What was edited, taken back or reacted to is so in the store."""
    for account, held in found.phones.items():
        stored = _stored(found, account)
        for one in held:
            if one["id"] not in stored:
                continue
            thread_id, message = stored[one["id"]][0]
            body = "" if one["body"].startswith("[") else one["body"]
            if body and body not in message["body"] and not one["is_revoked"]:
                yield "change lost", thread_id, f"{one['id']}: {message['body']!r}, is {body!r}"
            if one["is_revoked"] != bool(message.get("isRevoked")):
                yield "change lost", thread_id, f"{one['id']}: revoked is {one['is_revoked']}"
            if sorted(one["reactions"].values()) != sorted(
                (message.get("reactions") or {}).values()
            ):
                what = f"{one['id']}: {message.get('reactions')}, is {one['reactions']}"
                yield "change lost", thread_id, what


def _outbox(found: Evidence) -> Found:
    for item in found.outbox.values():
        if item["status"] not in _ENDS:
            yield "stuck", item["threadId"], f"{item['body']!r} is {item['status']}"
        elif not item["waMessageId"] and item["status"] not in _BY_HAND:
            yield "status untrue", item["threadId"], f"{item['body']!r} has no id of WhatsApp's"


# -- what follows from the events ----------------------------------------------------------------


def _aggregates(found: Evidence) -> Found:
    """A client is what its events add up to, reckoned here anew."""
    wanted: defaultdict[str, list[Doc]] = defaultdict(list)
    for event in found.events.values():
        if event["phoneE164"]:
            wanted[event["phoneE164"]].append(event)
    for phone in sorted(wanted.keys() | found.clients.keys()):
        counted = [
            one for one in wanted[phone]
            if not one["isArchived"] and one["payment"]["status"] != "CANCELLED"
        ]  # fmt: skip
        total = sum((_money(one["payment"]["amount"]) for one in counted), Decimal(0))
        paid = sum((_paid(one["payment"]) for one in counted), Decimal(0))
        days = [one["date"] for one in counted if one["date"]]
        said = found.clients.get(phone)
        if said is None:
            yield "aggregate wrong", phone, "there is no such client"
            continue
        for name, value in (
            ("eventsCount", len(counted)),
            ("lifetimeSpendAll", total),
            ("lifetimeSpendPaid", paid),
            ("outstanding", sum((_owed(one["payment"]) for one in counted), Decimal(0))),
            ("lastEventAt", max(days, default=None)),
        ):
            told = _money(said[name]) if isinstance(value, Decimal) else said[name]
            if told != value:
                yield "aggregate wrong", phone, f"{name} is {told}, must be {value}"


def _money(number: Any) -> Decimal:
    return Decimal(str(number or 0))


def _paid(payment: Doc) -> Decimal:
    field = {"PAID": "amount", "DEPOSIT": "deposit"}.get(payment["status"])
    return _money(payment[field]) if field else Decimal(0)


def _owed(payment: Doc) -> Decimal:
    return max(_money(payment["amount"]) - _paid(payment), Decimal(0))


def _short_ids(found: Evidence) -> Found:
    numbers = [event["eventShortId"] for event in found.events.values()]
    wanted = set(range(1, len(numbers) + 1))
    for number, times in Counter(numbers).items():
        if number is None or times > 1 or number not in wanted:
            yield "short id wrong", "evenimente", f"{number} is given {times} times"
    if gaps := wanted - set(numbers):
        yield "short id wrong", "evenimente", f"nobody has {sorted(gaps)}"
    if found.counter != len(numbers):
        yield "short id wrong", "counters", f"{found.counter} for {len(numbers)} events"
    for event in found.events.values():
        for slot in event["rolesBySlot"]:
            if slot.rstrip(ascii_uppercase) != f"{event['eventShortId'] or 0:02d}":
                yield "short id wrong", "evenimente", f"{slot} in {event['eventShortId']}"


# -- threads -------------------------------------------------------------------------------------


def _threads(found: Evidence) -> Found:
    """A thread says how many messages are unread and which is the last."""
    for thread_id, thread in found.threads.items():
        messages = found.messages[thread_id]
        if thread.get("mergedInto"):
            continue
        unread = [
            one for one in messages
            if one.get("isLive") and not _is_before(one["tsClient"], thread.get("readUpTo"))
        ]  # fmt: skip
        if thread["unreadCount"] != len(unread):
            yield "unread wrong", thread_id, f"{thread['unreadCount']}, are {len(unread)}"
        inbound = [one for one in messages if one["direction"] == "inbound"]
        if thread["unreadCount"] > len(inbound):
            yield "unread wrong", thread_id, f"{thread['unreadCount']} of {len(inbound)}"
        shown = [one for one in messages if one["type"] not in ("reaction", "system")]
        if shown and thread.get("lastMessageId") != shown[-1]["messageId"]:
            yield "preview wrong", thread_id, f"not {shown[-1]['body']!r}"
        elif shown and thread["lastMessageStatus"] != shown[-1].get("status"):
            yield "preview wrong", thread_id, f"{thread['lastMessageStatus']}"
        elif shown and thread["lastMessageText"] != (told := _told(shown[-1])):
            yield "preview wrong", thread_id, f"{thread['lastMessageText']!r}, not {told!r}"


def _told(message: Doc) -> str:
    """Return what a list of conversations says of a message: nothing of one that was deleted."""
    if message.get("isRevoked"):
        return ""
    text = " ".join(message["body"].split()) or (message.get("media") or {}).get("fileName", "")
    return str(text)[:200]


def _is_before(moment: datetime, limit: datetime | None) -> bool:
    return limit is not None and moment <= limit


def _devices(found: Evidence) -> Found:
    for device in found.devices:
        if device.get("unacknowledged"):
            yield "undelivered", device["account"], f"{device['unacknowledged']} events"


# -- who is who ----------------------------------------------------------------------------------


def _stored(found: Evidence, account: str) -> dict[str, list[tuple[str, Doc]]]:
    """Return thread and message by WhatsApp's id; threads that were merged away do not count."""
    stored: defaultdict[str, list[tuple[str, Doc]]] = defaultdict(list)
    for thread_id, messages in found.messages.items():
        thread = found.threads[thread_id]
        if thread["accountId"] != account or thread.get("mergedInto"):
            continue
        for message in messages:
            if message.get("waMessageId"):
                stored[message["waMessageId"]].append((thread_id, message))
    return stored


def _unidentified(found: Evidence, account: str) -> set[str]:
    """Return the texts of messages that nobody knows WhatsApp's id of."""
    return {
        item["body"] for item in found.outbox.values()
        if item["accountId"] == account and not item["waMessageId"] and item["status"] in _BY_HAND
    }  # fmt: skip


def _is_of(found: Evidence, account: str, thread_id: str, chat: str) -> bool:
    """Whether a thread is the conversation that a phone calls so."""
    thread = found.threads[thread_id]
    if thread["accountId"] != account:
        return False
    if "@" in chat:
        return bool(thread["clientJid"] == chat)
    customer = found.customers.get(chat)
    if customer is None:
        return bool(thread["clientJid"].startswith(chat))
    return thread["clientJid"] in (customer["jid"], customer["lid"])
