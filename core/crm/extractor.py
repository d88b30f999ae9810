"""The port of whatever can read an event out of a chat, and the built-in engine behind it."""

import asyncio
from pathlib import Path
from typing import Protocol

from core.crm.catalogue import DEFAULT_CATALOGUE, load_catalogue
from core.crm.draft import Extraction, ExtractionInput


class Extractor(Protocol):
    """Reads a chat and proposes an event; one object serves many calls at once."""

    @property
    def name(self) -> str:
        """The engine: `rules` or `groq`."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever the same chat may give another result; part of the cache's key."""
        ...

    @property
    def prompt_version(self) -> str | None:
        """Which prompt it uses, for engines that have one; part of the cache's key."""
        ...

    @property
    def model(self) -> str | None:
        """The language model that it asks, if any; part of the cache's key."""
        ...

    async def extract(self, conversation: ExtractionInput) -> Extraction:
        """Return what a chat proposes.

        Raises a CapcoadaError when it cannot (no key, service out of reach, answer unusable): its
        message and hint are shown to the operator. It must not block the event loop and must end
        when cancelled.
        """
        ...


class RulesExtractor:
    """The built-in rules engine; its work runs off the event loop."""

    name = "rules"
    version = "rules-4"
    prompt_version = None
    model = None

    def __init__(self, *, currency: str = "RON", catalogue: Path = DEFAULT_CATALOGUE) -> None:
        self._currency = currency
        self._catalogue = catalogue

    async def extract(self, conversation: ExtractionInput) -> Extraction:
        """Return what the rules find. Raises SettingsError for a broken catalogue."""
        return await asyncio.to_thread(self._extract, conversation)

    def _extract(self, conversation: ExtractionInput) -> Extraction:
        from core.crm.extract.rules import extract  # noqa: PLC0415 - large patterns

        catalogue = load_catalogue(self._catalogue)
        return extract(conversation, catalogue=catalogue, currency=self._currency)
