"""Which WhatsApp ids belong to messages that were sent from the console."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from core.model.ids import OUTBOX
from core.store.port import Query, Store

_REMEMBERED = 5000
_AT_ONCE = 30
"""Values that one `in` filter may have, as in Firestore."""


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message sent from the console: its document is named by the request."""

    thread_id: str
    request_id: str


class SentIds:
    """Finds console messages by WhatsApp id, from memory or from the outbox."""

    def __init__(self, store: Store, account_id: str) -> None:
        self._store = store
        self._account_id = account_id
        self._recent: OrderedDict[str, SentMessage] = OrderedDict()
        self._is_outbox_empty: bool | None = None
        """As it was after `look_anew`, once somebody asked."""
        self._looks = 0
        """Counts `look_anew`: an answer that was asked for before it holds only for who asked."""

    def note(self, wa_id: str, sent: SentMessage) -> None:
        """Remember a message that was just sent."""
        self._recent[wa_id] = sent
        if len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)

    async def find(self, wa_ids: Iterable[str]) -> dict[str, SentMessage]:
        """Return those of the ids that belong to console messages of this account."""
        found: dict[str, SentMessage] = {}
        unknown: list[str] = []
        for wa_id in dict.fromkeys(wa_ids):
            if wa_id in self._recent:
                found[wa_id] = self._recent[wa_id]
            else:
                unknown.append(wa_id)
        for start in range(0, len(unknown), _AT_ONCE):
            some = unknown[start : start + _AT_ONCE]
            for item in await self._store.query(Query(OUTBOX).where("waMessageId", "in", some)):
                if item.data["accountId"] == self._account_id:
                    sent = SentMessage(item.data["threadId"], item.id)
                    found[item.data["waMessageId"]] = sent
                    self.note(item.data["waMessageId"], sent)
        return found

    def look_anew(self) -> None:
        """Have the outbox looked at again: what is applied from now on may be about newer items."""
        self._is_outbox_empty = None
        self._looks += 1

    async def is_empty(self) -> bool:
        """Whether nothing was sent from the console: usually so when a phone's history comes.

        Of what came before `look_anew`, nothing is about what is sent after it: that stands in the
        outbox first.
        """
        if self._recent:
            return False
        if self._is_outbox_empty is not None:
            return self._is_outbox_empty
        look = self._looks
        is_empty = not await self._store.query(Query(OUTBOX).limit(1))
        if look == self._looks:
            self._is_outbox_empty = is_empty
        return is_empty
