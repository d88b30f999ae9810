"""Recomputes everything that the triggers make, and tells what was not as it must be."""

from collections import defaultdict

from bridge.triggers.settle import Context, Settled, settle_client, settle_event
from bridge.triggers.short_ids import COUNTER
from core.clock import process_clock
from core.crm.validation import E164
from core.i18n import _
from core.model.ids import CLIENTS, EVENTS, counter_path
from core.paths import DataFolder
from core.settings import load_settings
from core.store.open import open_store
from core.store.port import Document, Query, Set, Update


async def recompute(folder: DataFolder, *, write: bool) -> list[str]:
    """Repair the store of a data folder. Raises StoreError, SettingsError."""
    settings = load_settings(folder)
    clock = process_clock()
    async with open_store(folder, settings, clock=clock) as store:
        return await repair(Context(store, settings.business, clock), write=write)


async def repair(context: Context, *, write: bool) -> list[str]:
    """Return a line for each difference, after mending it when `write` is on. Raises StoreError.

    A bridge may run meanwhile: both do the same, one after the other.
    """
    events = await context.store.query(Query(EVENTS))
    told = await _repair_numbers(context, events, write=write)
    for document in events:
        told += _told(await settle_event(context, document.id, write=write))
    for client in await context.store.query(Query(CLIENTS)):
        if E164.fullmatch(client.id):
            told += _told(await settle_client(context, client.id, write=write))
    return list(dict.fromkeys(told))


def _told(settled: Settled) -> list[str]:
    return [line for line in settled.fields if not line.startswith("counters/")]


async def _repair_numbers(context: Context, events: list[Document], *, write: bool) -> list[str]:
    """Take away numbers given twice, but from the oldest event, and set the counter right."""
    by_number: defaultdict[int, list[Document]] = defaultdict(list)
    for document in events:
        number = document.data.get("eventShortId")
        if isinstance(number, int) and not isinstance(number, bool):
            by_number[number].append(document)
    told = []
    for number, holders in sorted(by_number.items()):
        for document in sorted(holders, key=lambda one: (one.create_time, one.path))[1:]:
            told.append(_("{path}: the number {number} was given twice.").format(
                path=document.path, number=number))  # fmt: skip
            if write:
                await context.store.commit([Update(document.path, {"eventShortId": None})])
    counter = await context.store.get(counter_path(COUNTER))
    value = counter.data.get("value", 0) if counter else 0
    highest = max(by_number, default=0)
    if value < highest:
        told.append(_("The counter of events stood at {value}, not {highest}.").format(
            value=value, highest=highest))  # fmt: skip
        if write:
            await context.store.commit([Set(counter_path(COUNTER), {"value": highest})])
    return told
