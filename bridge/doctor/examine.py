"""The doctor's round: every look in turn, each finding on a line."""

from collections.abc import Callable, Iterator
from pathlib import Path

from bridge.doctor import machine, network, store
from bridge.doctor.finding import Finding
from core.errors import CapcoadaError
from core.i18n import _
from core.paths import DataFolder, is_parted_from_log
from core.settings import Settings, load_settings, placed
from core.store.open import embedded_file


def examine(
    folder: DataFolder,
    tell: Callable[[str], None],
    *,
    full: bool = False,
    repair: bool = False,
) -> int:
    """Look at everything, tell each finding on a line, and return 1 when there is a problem.

    With `full`, all of a large store is read; with `repair`, what events lead to is recomputed,
    and differences are mended.
    """
    marks = {"ok": _("ok"), "note": _("note"), "problem": _("PROBLEM")}
    width = max(len(mark) for mark in marks.values())
    problems = 0
    told = set()
    for finding in _findings(folder, full=full, repair=repair):
        if finding in told:
            continue  # one cause that several looks ran into
        told.add(finding)
        tell(f"{marks[finding.kind]:{width}}  {finding.text}")
        problems += finding.kind == "problem"
    tell(_("All is well.") if not problems else _("Something needs you: see above."))
    return 1 if problems else 0


def _findings(folder: DataFolder, *, full: bool, repair: bool) -> Iterator[Finding]:
    yield machine.python()
    yield machine.library()
    settings = Settings()
    try:
        settings = placed(load_settings(folder), folder)
    except CapcoadaError as error:
        yield Finding("problem", str(error))
    else:
        yield from network.settings(settings)
    if not folder.root.exists():
        text = _("The data folder {folder} does not exist yet; the first start makes it.")
        yield Finding("note", text.format(folder=folder.root))
        return
    yield from machine.data_folder(folder)
    yield machine.disk(folder)
    yield from network.bridge(folder, settings)
    if not settings.cloud.project and _is_to_be_made(embedded_file(folder, settings)):
        yield Finding("note", _("There is no store yet; the first start makes it."))
        return
    yield from store.look(folder, settings, full=full)
    yield from store.events(folder, settings, repair=repair)


def _is_to_be_made(file: Path) -> bool:
    return not file.exists() and not is_parted_from_log(file)
