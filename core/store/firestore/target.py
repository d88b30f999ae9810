"""What a Listen stream tells of its one target, put together to results from single moments.

The protocol: google/firestore/v1/firestore.proto, ListenResponse and TargetChange.
"""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Final

from google.cloud.firestore_v1 import types

from core.store.firestore import messages
from core.store.firestore.messages import Message
from core.store.firestore.names import Names
from core.store.firestore.queries import put_query
from core.store.firestore.values import document_of, time_of
from core.store.paths import split_document
from core.store.port import Document, Query
from core.store.shape import Shape

TARGET: Final = 1
"""The number of the one target of each stream."""

_Entry = tuple[bytes, str, Document]
"""What sorts as the query orders its documents, the path, and the document."""
_KEY: Final = itemgetter(0)
_KINDS: Final = types.TargetChange.TargetChangeType
_REMOVE: Final = int(_KINDS.REMOVE)
_CURRENT: Final = int(_KINDS.CURRENT)
_RESET: Final = int(_KINDS.RESET)


class TargetRemoved(Exception):
    """The service has ended the target."""

    def __init__(self, code: int, details: str) -> None:
        super().__init__(details)
        self.code = code
        """As google.rpc.Status holds it."""
        self.details = details


class TargetMismatch(Exception):
    """The service counts other documents than were told: all have to be told again."""


class Target:
    """One watched query or document. Raises InvalidRequest for what no engine would take."""

    def __init__(self, names: Names, watched: Query | str) -> None:
        self._names = names
        self.shape = None if isinstance(watched, str) else Shape(watched)
        self._request = messages.ListenRequest(database=names.database)
        self._request.add_target.target_id = TARGET
        if isinstance(watched, str):
            split_document(watched)
            self._request.add_target.documents.documents.append(names.document(watched))
        else:
            assert self.shape is not None
            put_query(names, self.shape, self._request.add_target.query)
        self._known: dict[str, _Entry] = {}
        """The documents of the last single moment, by name."""
        self._token = b""
        """Where the service goes on from after that moment."""
        self.is_current = False
        """Whether the stream has told all that was there when it was opened."""
        self._is_reset = False
        self._pending: dict[str, Message | None] = {}
        self._next_token = b""

    @property
    def is_resumed(self) -> bool:
        """Whether the next stream goes on from where the last one ended."""
        return bool(self._token)

    def begin(self) -> Message:
        """Return the request that opens a stream; what had not come to a moment is dropped."""
        self.is_current = self._is_reset = False
        self._pending, self._next_token = {}, self._token
        self._request.add_target.resume_token = self._token
        return self._request

    def forget(self) -> None:
        """Have all documents told again by the next stream."""
        self._token = b""
        self._known = {}

    def feed(self, response: Message) -> bool:
        """Take what the stream told; return whether it leads to a result.

        Raises TargetRemoved, TargetMismatch.
        """
        match response.WhichOneof("response_type"):
            case "target_change":
                return self._feed_change(response.target_change)
            case "document_change":
                change = response.document_change
                if TARGET in change.target_ids:
                    self._pending[change.document.name] = change.document
                elif TARGET in change.removed_target_ids:
                    self._pending[change.document.name] = None
            case "document_delete":
                self._pending[response.document_delete.document] = None
            case "document_remove":
                self._pending[response.document_remove.document] = None
            case "filter":
                if response.filter.count != self._count():
                    raise TargetMismatch
        return False

    def _feed_change(self, change: Message) -> bool:
        if change.target_ids and TARGET not in change.target_ids:
            return False
        kind = change.target_change_type
        if kind == _REMOVE:
            raise TargetRemoved(change.cause.code, change.cause.message)
        if kind == _RESET:
            self._is_reset, self._pending, self.is_current = True, {}, False
        elif kind == _CURRENT:
            self.is_current = True
        if change.resume_token:
            self._next_token = change.resume_token
        if not self.is_current or not change.HasField("read_time"):
            return False
        self._settle()
        return True

    def _count(self) -> int:
        """Return how many documents match, by all that was told."""
        known: Mapping[str, Any] = {} if self._is_reset else self._known
        came = sum(one is not None and name not in known for name, one in self._pending.items())
        left = sum(one is None and name in known for name, one in self._pending.items())
        return len(known) + came - left

    def _settle(self) -> None:
        """Make what was told since the last moment part of this one."""
        before = self._known
        if self._is_reset:
            self._known, self._is_reset = {}, False
        for name, message in self._pending.items():
            if message is None:
                self._known.pop(name, None)
            else:
                self._known[name] = self._entry(message, before.get(name))
        self._pending, self._token = {}, self._next_token

    def _entry(self, message: Message, old: _Entry | None) -> _Entry:
        if old is not None and old[2].update_time == time_of(message.update_time):
            return old
        document = document_of(self._names, message)
        return self._key(document), document.path, document

    def _key(self, document: Document) -> bytes:
        """Return what sorts as the query orders its documents."""
        return b"" if self.shape is None else self.shape.place(document) or b""

    def result(self) -> dict[str, Document]:
        """Return the documents of the last single moment, by path and in order."""
        entries = sorted(self._known.values(), key=_KEY)
        return {path: document for _key, path, document in entries}
