"""Rules: what it costs an operator's console that every query is judged."""

import time
from pathlib import Path

from benchmarks.data import ACCOUNT, make_folder
from benchmarks.table import Figure, Table
from core.clock import system_clock
from core.model.documents import StaffProfile, to_data
from core.model.ids import staff_path
from core.service.inbox import HEAD_ROWS
from core.store.embedded import EmbeddedStore
from core.store.open import open_store
from core.store.port import Query, Set, Store
from core.store.rules.guard import RulesGuard
from core.store.rules.ruleset import Auth, Ruleset

INBOX = Query("threads").where("accountId", "==", ACCOUNT).order_by("lastMessageAt", "desc")
_THREADS = 1000
_AT_ONCE = 50
_MOST_MS = 0.3


async def _query_ms(store: Store) -> float:
    """Return the milliseconds of one query of the inbox's first page."""
    began = time.perf_counter()
    for _ in range(_AT_ONCE):
        await store.query(INBOX.limit(HEAD_ROWS))
    return (time.perf_counter() - began) * 1000 / _AT_ONCE


async def run(scratch: Path, table: Table, rounds: int) -> None:
    """Measure the query of an operator who may see one account, beside the server's."""
    folder = await make_folder(scratch / "rules", _THREADS, 1)
    profile = to_data(StaffProfile(uid="ana", allowed_account_ids=[ACCOUNT]))
    guard = RulesGuard(Ruleset.packaged(), Auth("ana"), system_clock)
    async with (
        open_store(folder) as server,
        EmbeddedStore.open(folder.store_file, guard=guard) as operator,
    ):
        await server.commit([Set(staff_path("ana"), profile)])
        pairs = [(await _query_ms(server), await _query_ms(operator)) for _ in range(rounds * 4)]
    plain = Figure("query of 100 threads, not judged", tuple(pair[0] for pair in pairs))
    table.add_floor(plain)
    table.add(
        "judging one query of the inbox, in ms",
        min(judged for _unjudged, judged in pairs) - min(unjudged for unjudged, _judged in pairs),
        _MOST_MS,
        floor="none: milliseconds",
        figures=str(Figure("judged", tuple(pair[1] for pair in pairs))),
    )
