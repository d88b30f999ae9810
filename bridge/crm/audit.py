"""The stored extraction (`threads/{threadId}/extractions/{messageId}`): audit trail and cache."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from bridge.crm.conversation import Conversation
from core.clock import Clock
from core.crm.draft import Extraction
from core.crm.events import make_client_request_id
from core.crm.extractor import Extractor
from core.crm.money import to_number
from core.errors import CapcoadaError
from core.model.documents import Thread
from core.model.ids import extraction_path
from core.store.port import Document, Set, Store


@dataclass(frozen=True, slots=True)
class Audit:
    """The record of extractions made of one state of a thread, for one caller."""

    store: Store
    clock: Clock
    thread: Thread
    conversation: Conversation
    message_id: str
    uid: str

    @property
    def path(self) -> str:
        """Where the record is kept."""
        return extraction_path(self.thread.thread_id, self.message_id)

    @property
    def client_request_id(self) -> str:
        """The id that makes saving the draft twice make one event."""
        return make_client_request_id(self.thread.thread_id, self.message_id)

    async def begin(self, extractor: Extractor) -> datetime:
        """Note that an extraction runs; return when it began. Raises StoreError."""
        now = self.clock()
        await self.store.commit([Set(self.path, self._data(extractor, now))])
        return now

    async def succeed(
        self, extractor: Extractor, began: datetime, extraction: Extraction, latency_ms: int
    ) -> None:
        """Note the result. Raises StoreError."""
        data = self._data(extractor, began)
        data |= _result(extraction, self.thread.phone_e164)
        data |= {"status": "success", "latencyMs": latency_ms, "finishedAt": self.clock()}
        await self.store.commit([Set(self.path, data)])

    async def fail(
        self, extractor: Extractor, began: datetime, error: CapcoadaError, latency_ms: int
    ) -> None:
        """Note a failure. Raises StoreError."""
        data = self._data(extractor, began)
        data |= {"status": "failed", "latencyMs": latency_ms, "finishedAt": self.clock()}
        data["error"] = error.message
        await self.store.commit([Set(self.path, data)])

    def is_current(self, document: Document | None, extractor: Extractor) -> bool:
        """Whether a stored record answers for the thread as it is now."""
        if document is None:
            return False
        key = self._key(extractor) | {"status": "success"}
        return all(document.data.get(name) == value for name, value in key.items())

    def _key(self, extractor: Extractor) -> dict[str, Any]:
        return {
            "inputHash": self.conversation.digest,
            "engine": extractor.name,
            "extractorVersion": extractor.version,
            "promptVersion": extractor.prompt_version,
            "model": extractor.model,
        }

    def _data(self, extractor: Extractor, began: datetime) -> dict[str, Any]:
        return {
            "messageId": self.message_id,
            "threadId": self.thread.thread_id,
            "accountId": self.thread.account_id,
            "clientJid": self.thread.client_jid,
            "status": "running",
            "intent": None,
            "action": None,
            "targetEventId": None,
            "draftEvent": None,
            "evidence": {},
            "confidence": None,
            "fieldConfidence": {},
            "reasons": [],
            **self._key(extractor),
            "clientRequestId": self.client_request_id,
            "requestedBy": self.uid,
            "tokens": None,
            "latencyMs": None,
            "createdAt": began,
            "finishedAt": None,
            "error": None,
        }


def _result(extraction: Extraction, phone_e164: str | None) -> dict[str, Any]:
    draft: dict[str, Any] | None = None
    if extraction.event is not None:
        draft = msgspec.to_builtins(extraction.event, builtin_types=(Decimal,))
        for part in ("amount", "deposit"):
            draft["payment"][part] = to_number(draft["payment"][part])
        draft["phoneE164"] = phone_e164
    return {
        "intent": extraction.intent,
        "action": extraction.action,
        "targetEventId": extraction.target_event_id,
        "draftEvent": draft,
        "evidence": extraction.evidence,
        "confidence": extraction.confidence,
        "fieldConfidence": extraction.field_confidence,
        "reasons": [
            {"code": reason.code, "about": list(reason.about)} for reason in extraction.reasons
        ],
        "tokens": extraction.tokens,
    }


def stored_extraction(document: Document) -> Extraction:
    """Return the extraction that a successful record holds."""
    data = dict(document.data)
    data["event"] = data.pop("draftEvent")
    return msgspec.convert(data, Extraction)
