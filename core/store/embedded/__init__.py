"""The embedded engine: documents in one SQLite file that several processes share."""

from core.store.embedded.store import EmbeddedStore

__all__ = ["EmbeddedStore"]
