"""What the bridge counts and measures, for Prometheus: no phone numbers, no names, no texts.

The registry is this bridge's own, so nothing that a library registers gets out. What is known at
any moment (states, queues) is read when somebody asks; see `bridge.metrics_collector`.
"""

import re
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from core.text import mask_phone

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
_NUMBER = re.compile(r"\d{7,}")
_CALL_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_LAG_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3600)


class Metrics:
    """The counters of one bridge."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=True)
        self.received = self._counter(
            "messages_received", "Messages stored, as they came or from a history.",
            "account", "kind",
        )  # fmt: skip
        self.sent = self._counter(
            "messages_sent", "Messages handed to WhatsApp, by what became of it.",
            "account", "result",
        )  # fmt: skip
        self.connects = self._counter("connects", "Connections to WhatsApp begun.", "account")
        self.session_ends = self._counter(
            "session_ends", "Ends of a worker's session, by the account's condition.",
            "account", "condition",
        )  # fmt: skip
        self.lease_changes = self._counter(
            "leases", "Leases of accounts taken, released and lost.", "account", "change"
        )
        self.store_errors = self._counter(
            "store_errors", "Answers of the store other than a result.", "operation", "error"
        )
        self.extractions = self._counter(
            "extractions", "Drafts read out of chats.", "engine", "outcome"
        )
        self.answers = self._counter("answers", "Questions about clients answered.", "engine")
        self.ingest_lag = Histogram(
            "capcoada_ingest_lag_seconds",
            "From the arrival of an event to its documents.",
            ("account",),
            buckets=_LAG_BUCKETS,
            registry=self._registry,
        )
        self.calls = Histogram(
            "capcoada_call_seconds",
            "How long callables took, by their canonical status.",
            ("name", "status"),
            buckets=_CALL_BUCKETS,
            registry=self._registry,
        )

    def register(self, collector: Collector) -> None:
        """Have a collector asked at each scrape."""
        self._registry.register(collector)

    def text(self) -> bytes:
        """Return everything in the format that Prometheus reads."""
        return generate_latest(self._registry)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"capcoada_{name}", about, labels, registry=self._registry)


def label(account_id: str) -> str:
    """Return an account's id as a label; what could be a phone number in it is hidden."""
    return _NUMBER.sub(lambda match: mask_phone(match[0]), account_id)
