"""Which index a query needs, said as the entry of `firestore.indexes.json` that is missing."""

from typing import Final

from core.i18n import _
from core.store.errors import IndexMissing
from core.store.indexes import Index, IndexField, Mode, Scope, describe
from core.store.paths import FieldPath
from core.store.shape import Shape

_FILE: Final = "firestore.indexes.json"


def is_automatic(shape: Shape) -> bool:
    """Whether single-field indexes are enough, alone or merged."""
    if not shape.orders:
        return not shape.name_is_descending
    return (
        not shape.equalities
        and len(shape.orders) == 1
        and shape.orders[0].is_descending == shape.name_is_descending
    )


def modes_for(shape: Shape, path: FieldPath) -> set[Mode]:
    """Return the kinds of single-field index that serve a field of the query."""
    condition = shape.equalities.get(path)
    if condition is None:
        return {"desc" if shape.name_is_descending else "asc"}
    return {"contains"} if condition.operator == "array_contains" else {"asc", "desc"}


def wanted_index(shape: Shape) -> Index:
    """Return the composite index that would serve a query."""
    fields = [
        IndexField(one.path, "contains" if one.operator == "array_contains" else "asc")
        for one in shape.equalities.values()
    ]
    fields += [IndexField(one.path, "desc" if one.is_descending else "asc") for one in shape.orders]
    name_mode: Mode = "desc" if shape.name_is_descending else "asc"
    return Index(shape.group, shape.scope, tuple(fields), name_mode)


def composite_missing(index: Index) -> IndexMissing:
    """Return the error for a query that no index over several fields serves."""
    return IndexMissing(
        _("This query of {group} needs a composite index.").format(group=index.group),
        hint=_('Add {index} to "indexes" in {file}.').format(index=describe(index), file=_FILE),
    )


def single_missing(group: str, path: FieldPath, mode: Mode, scope: Scope) -> IndexMissing:
    """Return the error for a field whose override lacks what the query needs."""
    return IndexMissing(
        _("This query of {group} needs a single-field index on {field}.").format(
            group=group, field=".".join(path)
        ),
        hint=_('Add {index} to the "indexes" of its field override in {file}.').format(
            index=_single(mode, scope), file=_FILE
        ),
    )


def _single(mode: Mode, scope: Scope) -> str:
    if mode == "contains":
        return f'{{"arrayConfig": "CONTAINS", "queryScope": "{scope}"}}'
    order = "ASCENDING" if mode == "asc" else "DESCENDING"
    return f'{{"order": "{order}", "queryScope": "{scope}"}}'
