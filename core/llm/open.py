"""Makes what asks the model, for one call, from the settings and the prompts of the store."""

from functools import lru_cache
from pathlib import Path

from core.crm.catalogue import DEFAULT_CATALOGUE
from core.llm.client import LlmClient
from core.llm.groq_answerer import GroqAnswerer
from core.llm.groq_extractor import GroqExtractor
from core.llm.key import has_key, read_key
from core.llm.prompts import DEFAULT_PROMPTS, Prompts, read_prompts
from core.settings import Llm, Settings
from core.store.port import Store

PROMPTS_PATH = "app_config/ai_prompts"


@lru_cache(maxsize=4)
def client_of(llm: Llm) -> LlmClient:
    """Return the client of a model, the same one each time: it remembers what the model can do."""
    return LlmClient(llm, lambda: read_key(llm))


def make_extractor(settings: Settings, prompts: Prompts = DEFAULT_PROMPTS) -> GroqExtractor:
    """Return the extractor; the key is looked for when it is asked."""
    own = settings.crm.catalogue
    return GroqExtractor(
        client_of(settings.llm),
        prompts=prompts,
        currency=settings.business.currency,
        catalogue=Path(own).expanduser() if own else DEFAULT_CATALOGUE,
    )


async def open_extractor(store: Store, settings: Settings) -> GroqExtractor | None:
    """Return the extractor for one call; None without a key. Raises StoreError."""
    if not has_key(settings.llm):
        return None
    return make_extractor(settings, await _prompts(store))


async def open_answerer(store: Store, settings: Settings) -> GroqAnswerer | None:
    """Return the answerer for one call; None without a key. Raises StoreError."""
    if not has_key(settings.llm):
        return None
    return GroqAnswerer(client_of(settings.llm), prompts=await _prompts(store))


async def _prompts(store: Store) -> Prompts:
    document = await store.get(PROMPTS_PATH)
    return read_prompts(document.data if document is not None else None)
