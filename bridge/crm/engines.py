"""Which engines there are for reading chats, and in which order a call tries them."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from core.crm.ask.ask import Answerer
from core.crm.catalogue import DEFAULT_CATALOGUE
from core.crm.extractor import Extractor, RulesExtractor
from core.i18n import _
from core.service.errors import CallRefused
from core.settings import Settings
from core.store.port import Store

MakeAnswerer = Callable[[Store, Settings], Awaitable[Answerer | None]]
"""Makes what words answers, for one call; None when it is not set up (no key)."""
MakeExtractor = Callable[[Store, Settings], Awaitable[Extractor | None]]
"""Makes an extractor for one call; None when it is not set up (no key)."""


async def _rules(_store: Store, settings: Settings) -> Extractor:
    catalogue = Path(settings.crm.catalogue) if settings.crm.catalogue else DEFAULT_CATALOGUE
    return RulesExtractor(currency=settings.business.currency, catalogue=catalogue)


EXTRACTORS: Final[dict[str, MakeExtractor]] = {"rules": _rules}
"""Engine to what makes it, the preferred one first; `auto` goes through them in this order."""

ANSWERERS: Final[dict[str, MakeAnswerer]] = {}
"""Engine to what makes its answerer; without any, the facts alone answer (`facts`)."""


async def choose_answerer(store: Store, settings: Settings, wanted: str) -> Answerer | None:
    """Return what words an answer; None for the facts alone. Raises CallRefused."""
    if wanted == "facts":
        return None
    for name, make in ANSWERERS.items():
        if wanted in ("auto", name) and (made := await make(store, settings)) is not None:
            return made
    if wanted != "auto":
        raise _not_set_up(wanted)
    return None


async def choose_extractors(store: Store, settings: Settings, wanted: str) -> list[Extractor]:
    """Return the extractors to try, in order. Raises CallRefused when there is none."""
    names = list(EXTRACTORS) if wanted == "auto" else [wanted]
    made = [await EXTRACTORS[name](store, settings) for name in names if name in EXTRACTORS]
    usable = [extractor for extractor in made if extractor is not None]
    if not usable:
        raise _not_set_up(wanted)
    return usable


def _not_set_up(name: str) -> CallRefused:
    return CallRefused(
        "FAILED_PRECONDITION",
        _("The engine {name} is not set up.").format(name=name),
        hint=_("Give its key in the settings, or choose the built-in one."),
        field="engine",
    )
