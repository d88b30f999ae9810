"""Every text that a person reads is there in Romanian, whole, and compiled."""

import gettext
import re
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from core.i18n import ngettext, use_language
from scripts import i18n
from scripts.i18n import LANGUAGES, as_mo, as_po, catalogue_path, extract, missing, outputs, updated

_PLACEHOLDER = re.compile(r"\{[^{}]*\}|%\([a-z_]+\)[sr]|%[sr]")
_CEDILLAS = set("şţŞŢ")
"""Look-alikes of the Romanian letters ș and ț, which are written with a comma below."""


@cache
def catalogue(language: str) -> Catalog:
    """Return a language's catalogue as it lies in the repository."""
    with catalogue_path(language).open("rb") as file:
        return read_po(file, locale=language)


def forms(message: Message) -> tuple[list[str], list[str]]:
    """Return the source's forms and the translation's."""
    ids = [message.id] if isinstance(message.id, str) else list(message.id)
    strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return ids, strings


def test_the_catalogues_are_in_step_with_the_code() -> None:
    stale = [
        str(path) for path, content in outputs()
        if path.suffix != ".mo" and (not path.exists() or path.read_bytes() != content)
    ]  # fmt: skip
    assert stale == [], "run: make i18n"


def test_every_text_is_translated() -> None:
    assert missing(catalogue("ro")) == []
    assert len(catalogue("ro")) == len(extract())


def test_placeholders_are_kept() -> None:
    wrong = []
    for message in catalogue("ro"):
        if not message.id:
            continue
        ids, strings = forms(message)
        wanted = set(_PLACEHOLDER.findall(ids[-1]))
        wrong += [text for text in strings if set(_PLACEHOLDER.findall(text)) != wanted]
    assert wrong == []


def test_blanks_and_line_breaks_at_the_ends_are_kept() -> None:
    wrong = []
    for message in catalogue("ro"):
        ids, strings = forms(message)
        if message.id:
            edges = (ids[0][:1].isspace(), ids[0][-1:].isspace())
            wrong += [t for t in strings if (t[:1].isspace(), t[-1:].isspace()) != edges]
    assert wrong == []


def test_romanian_letters_are_the_right_ones() -> None:
    wrong = [t for message in catalogue("ro") for t in forms(message)[1] if _CEDILLAS & set(t)]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_in_step(language: str) -> None:
    path = catalogue_path(language).with_suffix(".mo")
    compiled = gettext.GNUTranslations(BytesIO(path.read_bytes()))
    fresh = gettext.GNUTranslations(BytesIO(as_mo(catalogue(language))))
    for message in catalogue(language):
        for text in forms(message)[0]:
            assert compiled.gettext(text) == fresh.gettext(text)
    assert Path(path).stat().st_size == len(as_mo(catalogue(language)))


def test_a_text_may_gain_and_lose_its_plural(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(i18n, "LOCALES", tmp_path)
    path = i18n.catalogue_path("ro")
    path.parent.mkdir(parents=True)
    one, many, old = Catalog(), Catalog(), Catalog(locale="ro")
    one.add("{n} cake")
    many.add(("{n} cake", "{n} cakes"))
    old.add(("{n} cake", "{n} cakes"), ("{n} tort", "{n} torturi", "{n} de torturi"))
    path.write_bytes(as_po(old))
    singular = updated("ro", one)
    assert singular["{n} cake"].string == "{n} tort"
    path.write_bytes(as_po(singular))
    assert updated("ro", many)["{n} cake"].string == ("", "", "")


@pytest.mark.parametrize(
    ("count", "shown"), [(1, "1 mesaj"), (2, "2 mesaje"), (19, "19 mesaje"), (20, "20 de mesaje")]
)
def test_romanian_counts_in_three_forms(count: int, shown: str) -> None:
    use_language("ro")
    try:
        assert ngettext("{n} message", "{n} messages", count).format(n=count) == shown
    finally:
        use_language("en")
