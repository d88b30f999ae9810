"""The operator's language: gettext catalogues for every text that a person reads.

`_("Add account")` marks and translates; `ngettext` does it for counts. English is the source, so a
missing catalogue degrades to English. Choose the language before importing any module that holds
translated class attributes (key bindings do): the command line does it first thing. A process that
answers many people speaks to each in theirs: `with speaking(language)`.
"""

import contextlib
import locale
import os
from collections.abc import Iterator
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal
    from gettext import NullTranslations

DOMAIN = "capcoada"
SOURCE_LANGUAGE = "en"
LANGUAGES = (SOURCE_LANGUAGE, "ro")
_LOCALES = Path(__file__).parent / "locale"
_language = SOURCE_LANGUAGE
"""The process's own."""
_spoken_to: ContextVar[str] = ContextVar("the language of whoever is answered", default="")


def use_language(language: str) -> None:
    """Translate from now on into `language`: `en`, `ro`, or `auto` to follow the environment."""
    global _language  # noqa: PLW0603 - one process has one operator and so one language
    _language = language_of_environment() if language == "auto" else language


def adopt_language(language: str) -> None:
    """Make `language` the one of this process, its argument parsers and the processes it starts.

    For the start of a process: it changes the environment.
    """
    use_language(language)
    os.environ["LANGUAGE"] = _language
    if _language == SOURCE_LANGUAGE:
        return
    import gettext  # noqa: PLC0415

    gettext.bindtextdomain(DOMAIN, str(_LOCALES))
    gettext.textdomain(DOMAIN)  # argparse asks the default domain


@contextlib.contextmanager
def speaking(language: str) -> Iterator[None]:
    """Translate into `language` within this task; nothing is the process's own."""
    token = _spoken_to.set(language)
    try:
        yield
    finally:
        _spoken_to.reset(token)


def spoken_language() -> str:
    """Return the language that texts are translated into here and now."""
    return _spoken_to.get() or _language


def language_of_environment() -> str:
    """Return the supported language that the environment asks for; `en` if it asks for none.

    LANGUAGE, a list, goes before LC_ALL, LC_MESSAGES and LANG, as in GNU gettext.
    """
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        first = os.environ.get(name, "").partition(":")[0]
        code = (locale.normalize(first).split("_")[0]).lower()
        if code in LANGUAGES:
            return code
        if os.environ.get(name):
            return "en"
    return "en"


def _(message: str) -> str:
    """Return `message` in the operator's language."""
    language = spoken_language()
    return message if language == SOURCE_LANGUAGE else _catalogue(language).gettext(message)


def N_(message: str) -> str:  # noqa: N802 - as gettext's users call it everywhere
    """Return `message` as it is: it is marked for the catalogues, and translated when shown."""
    return message


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form that the operator's language uses for `count` things."""
    language = spoken_language()
    if language == SOURCE_LANGUAGE:
        return singular if count == 1 else plural
    return _catalogue(language).ngettext(singular, plural, count)


@cache
def _catalogue(language: str) -> "NullTranslations":
    """Return a language's texts; the source language needs none, and a start in it no gettext."""
    import gettext  # noqa: PLC0415

    return gettext.translation(DOMAIN, _LOCALES, languages=[language], fallback=True)


def decimal_sign() -> str:
    """Return what stands between units and their parts in the operator's language."""
    return _(".")


def tenths(number: "Decimal | float") -> str:
    """Return a number with one decimal as the operator's language writes it."""
    return f"{number:.1f}".replace(".", decimal_sign())
