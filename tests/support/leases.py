"""Leases for parts of an account that a test runs by themselves."""

from bridge.leases import Held, Leases
from core.clock import EPOCH
from core.model.ids import account_path
from core.store.port import Document, Store


def held_alone(store: Store, account_id: str = "WA-01") -> Held:
    """The lease of a bridge that nobody competes with, without a document written for it."""
    leases = Leases(store, "here")
    document = Document(account_path(account_id), {}, EPOCH, EPOCH)
    return Held(leases, document, leases.fresh(), leases.ticks())
