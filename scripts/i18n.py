"""Brings the message catalogues into step with the code: `make i18n`.

Extracts every text marked with `_`, `ngettext` or `N_` into core/locale/capcoada.pot, carries it
into each language's catalogue, and compiles those. Running it twice changes nothing.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("core", "bridge", "tui")
LANGUAGES = ("en", "ro")
LOCALES = ROOT / "core" / "locale"
TEMPLATE = LOCALES / "capcoada.pot"

_KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
_STILL = datetime(2026, 1, 1, tzinfo=UTC)
"""Catalogues carry no date of their making, so that they change only with the texts."""


def catalogue_path(language: str) -> Path:
    """Return where a language's catalogue lies; the compiled one lies beside it as `.mo`."""
    return LOCALES / language / "LC_MESSAGES" / "capcoada.po"


def extract() -> Catalog:
    """Return every marked text of the code with the files that it is in."""
    template = _blank(None)
    for package in PACKAGES:
        found = extract_from_dir(str(ROOT / package), [("**.py", "python")], keywords=_KEYWORDS)
        for path, _line, text, comments, context in sorted(found, key=lambda each: each[:2]):
            place = [(f"{package}/{path}", 1)]
            template.add(text, locations=place, auto_comments=comments, context=context)
    return template


def updated(language: str, template: Catalog) -> Catalog:
    """Return a language's catalogue with exactly the template's texts, translations kept."""
    path = catalogue_path(language)
    old = _blank(language)
    if path.exists():
        with path.open("rb") as file:
            old = read_po(file, locale=language)
    fresh = _blank(language)
    for message in template:
        if not message.id:
            continue
        known = old.get(message.id, message.context)
        text = (known.string if known is not None else "") or ""
        if message.pluralizable and (isinstance(text, str) or not any(text)):
            text = ("",) * fresh.num_plurals
        elif not message.pluralizable and not isinstance(text, str):
            text = text[0]
        fresh.add(message.id, text, message.locations, context=message.context)
    return fresh


def as_po(catalogue: Catalog) -> bytes:
    """Return a catalogue as the text of a `.po` file, in the order of its texts."""
    buffer = BytesIO()
    write_po(buffer, catalogue, width=96, sort_output=True, include_lineno=False)
    return buffer.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    """Return a catalogue compiled."""
    buffer = BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def outputs() -> Iterator[tuple[Path, bytes]]:
    """Return every file that this makes, with what it is to hold."""
    template = extract()
    yield TEMPLATE, as_po(template)
    for language in LANGUAGES:
        catalogue = updated(language, template)
        path = catalogue_path(language)
        yield path, as_po(catalogue)
        yield path.with_suffix(".mo"), as_mo(catalogue)


def missing(catalogue: Catalog) -> list[str]:
    """Return the texts that have no translation, or not in every plural form."""
    return [
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalogue
        if message.id and not (message.string and all(message.string))
    ]


def main() -> int:
    """Write what changed and say what is left to translate."""
    for path, content in outputs():
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            print(f"wrote {path.relative_to(ROOT)}")
    with catalogue_path("ro").open("rb") as file:
        left = missing(read_po(file, locale="ro"))
    for text in left:
        print(f"ro lacks: {text}")
    return 1 if left else 0


def _blank(language: str | None) -> Catalog:
    return Catalog(
        locale=language,
        domain="capcoada",
        project="capcoada",
        version="-",
        header_comment=f"# The texts of capcoada: {language or 'template'}. Made by `make i18n`.",
        copyright_holder="capcoada",
        msgid_bugs_address="-",
        creation_date=_STILL,
        revision_date=_STILL,
        last_translator="-",
        language_team="-",
        charset="utf-8",
        fuzzy=False,
    )


if __name__ == "__main__":
    sys.exit(main())
