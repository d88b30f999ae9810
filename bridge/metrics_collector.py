"""States and queues of the bridge, read at the moment of a scrape."""

from collections.abc import Iterator
from datetime import datetime
from typing import get_args

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bridge.metrics import label
from bridge.outbox.board import OutboxBoard
from bridge.supervisor import Supervisor
from core.clock import Clock
from core.model.documents import AccountStatus


class BridgeCollector(Collector):
    """What Prometheus is told of the accounts that run here, and of the outbox."""

    def __init__(
        self,
        supervisor: Supervisor,
        board: OutboxBoard,
        *,
        version: str,
        started_at: datetime,
        clock: Clock,
    ) -> None:
        self._supervisor = supervisor
        self._board = board
        self._version = version
        self._started_at = started_at
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """Yield the present state."""
        info = GaugeMetricFamily("capcoada_info", "The bridge's version.", labels=["version"])
        info.add_metric([self._version], 1)
        yield info
        up = (self._clock() - self._started_at).total_seconds()
        yield GaugeMetricFamily("capcoada_up_seconds", "Since the bridge started.", value=up)
        away = bool(self._supervisor.store_error or self._board.error)
        yield GaugeMetricFamily("capcoada_store_away", "1 while it is out of reach.", value=away)
        outbox = GaugeMetricFamily(
            "capcoada_outbox", "Messages of all accounts that are not settled.", labels=["status"]
        )
        for status, count in self._board.counts.items():
            outbox.add_metric([status], count)
        yield outbox
        yield from self._accounts()

    def _accounts(self) -> Iterator[Metric]:
        state = GaugeMetricFamily(
            "capcoada_account_state", "1 for the state it is in.", labels=["account", "status"]
        )
        backlog = GaugeMetricFamily(
            "capcoada_journal_backlog", "Received events not stored yet.", labels=["account"]
        )
        waiting = GaugeMetricFamily(
            "capcoada_journal_oldest_seconds",
            "Age of the oldest received event that is not stored yet.",
            labels=["account"],
        )
        for account in self._supervisor.accounts:
            health = account.health()
            name = label(account.account_id)
            for status in get_args(AccountStatus):
                state.add_metric([name, status], float(status == health.status))
            backlog.add_metric([name], health.journal_backlog)
            oldest = account.ingest.oldest()
            age = (self._clock() - oldest).total_seconds() if oldest else 0.0
            waiting.add_metric([name], max(age, 0.0))
        yield from (state, backlog, waiting)
