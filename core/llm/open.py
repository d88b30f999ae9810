"""Makes what asks the model, from the settings of one installation."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.crm.catalogue import DEFAULT_CATALOGUE
from core.llm.client import LlmClient
from core.llm.groq_extractor import GroqExtractor
from core.llm.key import read_key
from core.llm.prompts import read_prompts
from core.settings import Settings


def open_client(settings: Settings) -> LlmClient:
    """Return a client of the model that is set; the key is looked for when it is asked."""
    return LlmClient(settings.llm, lambda: read_key(settings.llm))


def open_extractor(
    settings: Settings, client: LlmClient, prompts: Mapping[str, Any] | None = None
) -> GroqExtractor:
    """Return the extractor; `prompts` is the document `app_config/ai_prompts`, if there is one."""
    own = settings.crm.catalogue
    return GroqExtractor(
        client,
        prompts=read_prompts(prompts),
        currency=settings.business.currency,
        catalogue=Path(own).expanduser() if own else DEFAULT_CATALOGUE,
    )
