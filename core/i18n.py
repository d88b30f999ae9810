"""The operator's language: gettext catalogues for every text that a person reads.

`_("Add account")` marks and translates; `ngettext` does it for counts. English is the source, so a
missing catalogue degrades to English. Choose the language before importing any module that holds
translated class attributes (key bindings do): the command line does it first thing.
"""

import locale
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal
    from gettext import NullTranslations

DOMAIN = "capcoada"
SOURCE_LANGUAGE = "en"
LANGUAGES = (SOURCE_LANGUAGE, "ro")
_LOCALES = Path(__file__).parent / "locale"
_translations: "NullTranslations | None" = None
"""None for the source language, which needs no catalogue, and a start in it no gettext."""


def use_language(language: str) -> None:
    """Translate from now on into `language`: `en`, `ro`, or `auto` to follow the environment."""
    global _translations  # noqa: PLW0603 - one process has one operator and so one language
    chosen = language_of_environment() if language == "auto" else language
    if chosen == SOURCE_LANGUAGE:
        _translations = None
    else:
        import gettext  # noqa: PLC0415

        _translations = gettext.translation(DOMAIN, _LOCALES, languages=[chosen], fallback=True)


def adopt_language(language: str) -> None:
    """Make `language` the one of this process, its argument parsers and the processes it starts.

    For the start of a process: it changes the environment.
    """
    chosen = language_of_environment() if language == "auto" else language
    use_language(chosen)
    os.environ["LANGUAGE"] = chosen
    if _translations is None:
        return
    import gettext  # noqa: PLC0415

    gettext.bindtextdomain(DOMAIN, str(_LOCALES))
    gettext.textdomain(DOMAIN)  # argparse asks the default domain


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
    return message if _translations is None else _translations.gettext(message)


def N_(message: str) -> str:  # noqa: N802 - as gettext's users call it everywhere
    """Return `message` as it is: it is marked for the catalogues, and translated when shown."""
    return message


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form that the operator's language uses for `count` things."""
    if _translations is None:
        return singular if count == 1 else plural
    return _translations.ngettext(singular, plural, count)


def decimal_sign() -> str:
    """Return what stands between units and their parts in the operator's language."""
    return _(".")


def tenths(number: "Decimal | float") -> str:
    """Return a number with one decimal as the operator's language writes it."""
    return f"{number:.1f}".replace(".", decimal_sign())
