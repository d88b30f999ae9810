"""Keeps the index of words in step with the store: reads what changed, a little at a time."""

import asyncio
import logging
from datetime import datetime
from pathlib import Path
from typing import Final

from core.model.ids import MESSAGES
from core.search.index import Progress, SearchIndex, Text
from core.store.capabilities import ChangeFeed, StoredChange

_log = logging.getLogger(__name__)

_MESSAGES_AT_ONCE: Final = 300
_COLLECTIONS_AT_ONCE: Final = 200
_BREATH_SECONDS: Final = 0.02
"""Pause after each batch: whoever stores and sends messages goes first."""
_REST_SECONDS: Final = 1.0
"""How long a message may take until it can be found."""


class SearchIndexer:
    """Follows all messages of one store, from where it stopped before."""

    def __init__(self, feed: ChangeFeed, path: Path, identity: int) -> None:
        self._feed = feed
        self._path = path
        self._identity = identity
        """Tells this store's file from one that takes its place."""

    async def run(self) -> None:
        """Read whatever changed and changes, until cancelled. Raises StoreError, SearchUnusable."""
        index = await asyncio.to_thread(SearchIndex.open, self._path)
        try:
            while True:
                await self.catch_up(index)
                await asyncio.sleep(_REST_SECONDS)
        finally:
            index.close()

    async def catch_up(self, index: SearchIndex) -> int:
        """Read every change so far; return how many messages were looked at.

        It goes conversation by conversation and notes the last one, so it can stop anywhere.
        """
        progress = await asyncio.to_thread(index.progress)
        if progress.store != self._identity:
            progress = Progress(store=self._identity)
        target = progress.target if progress.place else await self._feed.last_seq()
        if target <= progress.seq:
            return 0
        place, seen = progress.place, 0
        while paths := await self._feed.changed_collections(
            MESSAGES, progress.seq, _COLLECTIONS_AT_ONCE, after=place
        ):
            texts: list[Text] = []
            for path in paths:
                seq = progress.seq
                while changes := await self._feed.changes_since(path, seq, _MESSAGES_AT_ONCE):
                    seq = changes[-1].seq
                    seen += len(changes)
                    texts += [text for one in changes if (text := _text(one)) is not None]
                    if len(texts) >= _MESSAGES_AT_ONCE:
                        await self._add(
                            index, texts, Progress(self._identity, progress.seq, target, place)
                        )
                        texts = []
                place = path
            await self._add(index, texts, Progress(self._identity, progress.seq, target, place))
        await self._add(index, [], Progress(self._identity, target, target, ""))
        return seen

    async def _add(self, index: SearchIndex, texts: list[Text], progress: Progress) -> None:
        await asyncio.to_thread(index.add, texts, progress)
        if texts:
            await asyncio.sleep(_BREATH_SECONDS)


def _text(change: StoredChange) -> Text | None:
    """Return what can be found of a message; None when it has no words."""
    if change.document is None:
        return None
    body, moment = change.document.data.get("body"), change.document.data.get("tsClient")
    if not isinstance(body, str) or not isinstance(moment, datetime) or not body:
        return None
    return Text(change.path.split("/")[1], change.document.id, moment, body)
