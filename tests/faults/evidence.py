"""What the auditor looks at: what the phones hold, what the store holds, and how statuses went."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bridge.simulator.client import SimulatorClient
from core.model.ids import CLIENTS, EVENTS, OUTBOX, THREADS, counter_path, messages_path
from core.store.port import Document, Query, Store

Doc = dict[str, Any]


@dataclass(slots=True)
class StatusSeen:
    """A status as somebody who watches the store saw it."""

    path: str
    status: str


@dataclass(slots=True)
class Evidence:
    """Everything, as plain data, so that a test can doctor it."""

    accounts: dict[str, str] = field(default_factory=dict)
    """Account to the digits of its phone number."""
    customers: dict[str, Doc] = field(default_factory=dict)
    """By digits, as the simulator describes them."""
    phones: dict[str, list[Doc]] = field(default_factory=dict)
    """By account, what its phone holds, in the order in which it came to be."""
    received: dict[str, list[Doc]] = field(default_factory=dict)
    """By customer, every arrival, in order."""
    devices: list[Doc] = field(default_factory=list)
    threads: dict[str, Doc] = field(default_factory=dict)
    messages: dict[str, list[Doc]] = field(default_factory=dict)
    """By thread, in the order in which a console shows them."""
    outbox: dict[str, Doc] = field(default_factory=dict)
    """By request id, in the order of writing."""
    events: dict[str, Doc] = field(default_factory=dict)
    clients: dict[str, Doc] = field(default_factory=dict)
    counter: int = 0
    statuses: list[StatusSeen] = field(default_factory=list)
    reordered: int = 0
    """How often WhatsApp told two events in the wrong order, as it may within a second."""
    taken: set[str] = field(default_factory=set)
    """Request ids of which a console was told that they are taken over."""
    saved: set[str] = field(default_factory=set)
    """Events of which a console was told that they are saved."""


async def gather(sim: SimulatorClient, store: Store, accounts: dict[str, str]) -> Evidence:
    """Read everything there is to know, from the simulator and the store alone."""
    found = Evidence(accounts=accounts)
    for one in await sim.request("GET", "/customers"):
        number = one["phone"].removeprefix("+")
        found.customers[number] = one
        found.received[number] = await sim.delivered_to(number)
    for account, phone in accounts.items():
        found.phones[account] = await sim.messages_of(phone)
    found.devices = await sim.devices()
    found.threads = await _all(store, THREADS)
    for thread_id in found.threads:
        query = Query(messages_path(thread_id)).order_by("tsClient")
        found.messages[thread_id] = [_plain(one) for one in await store.query(query)]
    outbox = await store.query(Query(OUTBOX))
    # Sorted here, so that nothing depends on the query by which the bridge finds what to send.
    outbox.sort(key=lambda one: one.data["createdAt"])
    found.outbox = {one.id: _plain(one) for one in outbox}
    found.events = await _all(store, EVENTS)
    found.clients = await _all(store, CLIENTS)
    counter = await store.get(counter_path("evenimente"))
    found.counter = counter.data["value"] if counter else 0
    return found


async def _all(store: Store, collection: str) -> dict[str, Doc]:
    found: Sequence[Document] = await store.query(Query(collection))
    return {one.id: _plain(one) for one in found}


def _plain(document: Document) -> Doc:
    return dict(document.data)
