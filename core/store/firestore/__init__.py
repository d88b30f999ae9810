"""The engine in the cloud: Cloud Firestore over gRPC."""

from core.store.firestore.store import FirestoreStore

__all__ = ["FirestoreStore"]
