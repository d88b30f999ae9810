"""The auditor finds nothing in a sound world, and each defect in a doctored one."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.audit import KINDS, audit, count
from tests.faults.evidence import Doc, Evidence, StatusSeen

PHONE, MARIA, GROUP = "40700000001", "40712000000", "123@g.us"
THREAD, PARTY = f"WA-01__{MARIA}@s.whatsapp.net", f"WA-01__{GROUP}"
NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)
Doctor = Callable[[Evidence], None]


def at(second: int) -> datetime:
    return NOON + timedelta(seconds=second)


def on_phone(wa_id: str, body: str, **more: object) -> Doc:
    sound = {"id": wa_id, "chat": MARIA, "sender": f"+{MARIA}", "from_me": False, "status": "",
             "via": "customer", "body": body, "is_read": False, "is_revoked": False,
             "reactions": {}}  # fmt: skip
    return sound | more


def in_store(wa_id: str, body: str, second: int, **more: object) -> Doc:
    sound = {"messageId": wa_id, "waMessageId": wa_id, "direction": "inbound", "type": "text",
             "body": body, "tsClient": at(second), "isLive": True}  # fmt: skip
    return sound | more


def ours(request_id: str, wa_id: str, body: str, second: int, status: str) -> tuple[Doc, Doc]:
    """The outbox item of a console's message and the message."""
    item = {"threadId": THREAD, "accountId": "WA-01", "body": body, "status": status,
            "waMessageId": wa_id, "createdAt": at(second)}  # fmt: skip
    message = in_store(request_id, body, second, waMessageId=wa_id, direction="outbound",
                       status=status, isLive=False)  # fmt: skip
    return item, message


def sound_world() -> Evidence:
    """Maria wrote twice, was answered twice, and booked a party; a group wrote once."""
    first_item, first = ours("r1", "3EB01", "S-1", 2, "read")
    second_item, second = ours("r2", "3EB02", "S-2", 4, "delivered")
    event = {"phoneE164": f"+{MARIA}", "isArchived": False, "date": "2026-03-01",
             "eventShortId": 1, "rolesBySlot": {"01A": {}},
             "payment": {"amount": 0.1, "deposit": 100, "status": "PAID"}}  # fmt: skip
    deposit = {"amount": 0.2, "deposit": 0.05, "status": "DEPOSIT"}
    another = event | {"eventShortId": 2, "rolesBySlot": {"02A": {}}, "payment": deposit}
    thread = {"accountId": "WA-01", "clientJid": f"{MARIA}@s.whatsapp.net", "readUpTo": at(1),
              "unreadCount": 1, "lastMessageId": "r2", "lastMessageText": "S-2",
              "lastMessageStatus": "delivered"}  # fmt: skip
    party = {"accountId": "WA-01", "clientJid": GROUP, "unreadCount": 1, "lastMessageId": "3AG",
             "lastMessageText": "tuturor", "lastMessageStatus": None}  # fmt: skip
    sent = {"from_me": True, "via": "device", "sender": f"+{PHONE}"}
    return Evidence(
        accounts={"WA-01": PHONE},
        customers={MARIA: {"jid": f"{MARIA}@s.whatsapp.net", "lid": "9@lid"}},
        phones={"WA-01": [
            on_phone("3A1", "unu"), on_phone("3EB01", "S-1", status="READ", **sent),
            on_phone("3A2", "doi"), on_phone("3EB02", "S-2", status="DELIVERY_ACK", **sent),
            on_phone("3AG", "tuturor", chat=GROUP),
        ]},
        received={MARIA: [{"id": "3EB01", "body": "S-1", "from": f"+{PHONE}"},
                          {"id": "3EB02", "body": "S-2", "from": f"+{PHONE}"}]},
        devices=[{"account": "WA-01", "unacknowledged": 0}],
        threads={THREAD: thread, PARTY: party},
        messages={THREAD: [in_store("3A1", "unu", 1), first, in_store("3A2", "doi", 3), second],
                  PARTY: [in_store("3AG", "tuturor", 1)]},
        outbox={"r1": first_item, "r2": second_item},
        events={"e1": event, "e2": another},
        clients={f"+{MARIA}": {"eventsCount": 2, "lifetimeSpendAll": 0.3, "outstanding": 0.15,
                               "lifetimeSpendPaid": 0.15, "lastEventAt": "2026-03-01"}},
        counter=2,
        statuses=[StatusSeen("outbox/r1", one) for one in ("queued", "sending", "sent", "read")],
        taken={"r1", "r2"},
        saved={"e1", "e2"},
    )  # fmt: skip


def test_nothing_is_wrong_with_a_sound_world() -> None:
    assert audit(sound_world()) == []


def _set(place: Callable[[Evidence], Doc], **fields: object) -> Doctor:
    return lambda world: place(world).update(fields)


def _chat(number: int) -> Callable[[Evidence], Doc]:
    return lambda world: world.messages[THREAD][number]


def _held(number: int) -> Callable[[Evidence], Doc]:
    return lambda world: world.phones["WA-01"][number]


def _item(world: Evidence) -> Doc:
    return world.outbox["r2"]


def _drop(world: Evidence) -> None:
    del world.messages[THREAD][0]


def _drop_outbox(world: Evidence) -> None:
    del world.outbox["r2"]


def _drop_shown(world: Evidence) -> None:
    del world.messages[THREAD][3]


def _drop_event(world: Evidence) -> None:
    world.saved.add("e3")


def _elsewhere(world: Evidence) -> None:
    world.messages[PARTY].append(world.messages[THREAD].pop(0))


def _never_sent(world: Evidence) -> None:
    del world.phones["WA-01"][3]
    world.received[MARIA].pop()


def _twice_in_store(world: Evidence) -> None:
    world.messages[PARTY].append(world.messages[THREAD][0])


def _twin(world: Evidence) -> None:
    world.phones["WA-01"][1]["via"] = "phone"
    world.messages[THREAD].insert(2, in_store("3EB01", "S-1", 2, direction="outbound"))


def _twice_received(world: Evidence) -> None:
    world.received[MARIA].append(world.received[MARIA][1])


def _sent_again(world: Evidence) -> None:
    world.phones["WA-01"].append(world.phones["WA-01"][3] | {"id": "3EB03"})


def _swapped_inbound(world: Evidence) -> None:
    chat = world.messages[THREAD]
    chat[0], chat[2] = chat[2], chat[0]


def _swapped_outbound(world: Evidence) -> None:
    chat = world.messages[THREAD]
    chat[1], chat[3] = chat[3], chat[1]


def _swapped_arrivals(world: Evidence) -> None:
    world.received[MARIA].reverse()


def _taken_back(world: Evidence) -> None:
    world.statuses.append(StatusSeen("outbox/r1", "delivered"))


def _sent_after_failing(world: Evidence) -> None:
    world.statuses += [StatusSeen("outbox/r3", "failed"), StatusSeen("outbox/r3", "sent")]


def _not_sent_but_out(world: Evidence) -> None:
    world.outbox["r2"] |= {"status": "failed", "waMessageId": None}
    world.messages[THREAD][3] |= {"status": "failed", "waMessageId": None}


def _client(**fields: object) -> Doctor:
    return lambda world: world.clients[f"+{MARIA}"].update(fields)


def _no_client(world: Evidence) -> None:
    world.clients.clear()


def _number(number: object) -> Doctor:
    return lambda world: world.events["e2"].update(eventShortId=number)


def _counter(world: Evidence) -> None:
    world.counter = 3


def _phantom(world: Evidence) -> None:
    world.messages[THREAD].append(in_store("3AX", "nimeni", 9))


def _foreign(world: Evidence) -> None:
    world.received[MARIA].append({"id": "X", "body": "străin", "from": "+40799999999"})


def _backlog(world: Evidence) -> None:
    world.devices[0]["unacknowledged"] = 4


DOCTORED: list[tuple[str, Doctor]] = [
    ("lost", _drop),
    ("lost", _drop_outbox),
    ("lost", _drop_shown),
    ("lost", _drop_event),
    ("lost", _elsewhere),
    ("lost", _never_sent),
    ("lost", _set(_chat(0), direction="outbound")),
    ("phantom", _phantom),
    ("phantom", _foreign),
    ("duplicated", _twice_in_store),
    ("duplicated", _twin),
    ("delivered twice", _twice_received),
    ("delivered twice", _sent_again),
    ("out of order", _swapped_inbound),
    ("out of order", _swapped_outbound),
    ("out of order", _swapped_arrivals),
    ("status backwards", _taken_back),
    ("status backwards", _sent_after_failing),
    ("status untrue", _set(_held(3), status="READ")),
    ("status untrue", _set(_chat(3), status="sent")),
    ("status untrue", _set(_item, status="read")),
    ("status untrue", _not_sent_but_out),
    ("status untrue", _set(_item, waMessageId=None, status="delivered")),
    ("change lost", _set(_held(0), body="altfel")),
    ("change lost", _set(_held(0), is_revoked=True)),
    ("change lost", _set(_held(0), reactions={f"{MARIA}@s.whatsapp.net": "👍"})),
    ("stuck", _set(_item, status="sending")),
    ("stuck", _set(_item, status="queued")),
    ("aggregate wrong", _client(eventsCount=1)),
    ("aggregate wrong", _client(lifetimeSpendAll=0.30000000000000004)),
    ("aggregate wrong", _client(lifetimeSpendPaid=0.3)),
    ("aggregate wrong", _client(outstanding=0)),
    ("aggregate wrong", _client(lastEventAt=None)),
    ("aggregate wrong", _no_client),
    ("short id wrong", _number(1)),
    ("short id wrong", _number(3)),
    ("short id wrong", _number(None)),
    ("short id wrong", _counter),
    ("short id wrong", lambda world: world.events["e2"].update(rolesBySlot={"01A": {}})),
    ("unread wrong", lambda world: world.threads[THREAD].update(unreadCount=0)),
    ("unread wrong", lambda world: world.threads[PARTY].update(unreadCount=2)),
    ("preview wrong", lambda world: world.threads[THREAD].update(lastMessageId="3A2")),
    ("preview wrong", lambda world: world.threads[THREAD].update(lastMessageStatus="sent")),
    ("preview wrong", lambda world: world.threads[THREAD].update(lastMessageText="S-1")),
    ("preview wrong", lambda world: world.messages[PARTY][0].update(isRevoked=True)),
    ("undelivered", _backlog),
]


@pytest.mark.parametrize(("kind", "doctor"), DOCTORED)
def test_each_defect_is_found(kind: str, doctor: Doctor) -> None:
    world = copy.deepcopy(sound_world())
    doctor(world)
    assert count(audit(world))[kind] > 0


def test_every_kind_of_finding_was_made_to_appear() -> None:
    assert {kind for kind, _doctor in DOCTORED} == set(KINDS)


def test_a_clock_that_was_fast_excuses_a_twin_of_unknown_fate_and_no_other() -> None:
    world = sound_world()
    told = in_store("3EB02", "S-2", 4, direction="outbound", status="delivered", isLive=False)
    world.messages[THREAD].append(told)
    assert count(audit(world))["duplicated"] > 0
    world.outbox["r2"] |= {"status": "uncertain", "waMessageId": None, "createdAt": at(3604)}
    world.messages[THREAD][3] |= {"status": "uncertain", "waMessageId": None}
    assert count(audit(world))["duplicated"] == 0
    world.outbox["r2"]["createdAt"] = at(4)
    assert count(audit(world))["duplicated"] > 0


def test_a_message_given_up_by_hand_may_or_may_not_have_arrived() -> None:
    for status in ("uncertain", "cancelled", "sent"):
        world = sound_world()
        world.outbox["r2"] |= {"status": status, "waMessageId": None}
        shown = "failed" if status == "cancelled" else status
        world.messages[THREAD][3] |= {"status": shown, "waMessageId": None}
        world.threads[THREAD]["lastMessageStatus"] = shown
        assert audit(world) == []
        _never_sent(world)
        assert audit(world) == []
