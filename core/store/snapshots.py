"""How one result of a watched query differs from the one before."""

from collections.abc import Mapping

from core.store.port import Change, Document

Result = Mapping[str, Document]
"""Documents by path, in the query's order."""


def differ(before: Result, after: Result) -> bool:
    """Whether two results differ in their documents or in the order of these."""
    if len(before) != len(after):
        return True
    return any(
        old is not new and (old.path != new.path or old.update_time != new.update_time)
        for old, new in zip(before.values(), after.values(), strict=True)
    )


def changes(before: Result, after: Result) -> list[Change]:
    """Return what is gone, then what is new or newer in the result's order."""
    if before is after:
        return []
    found = [Change("removed", old) for path, old in before.items() if path not in after]
    for path, new in after.items():
        old = before.get(path)
        if old is None:
            found.append(Change("added", new))
        elif old is not new and old.update_time != new.update_time:
            found.append(Change("modified", new))
    return found
