"""How a query is answered: which index it reads, or that it needs one that there is not."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product
from math import prod

import msgspec

from core.store.embedded.catalogue import Catalogue, Entries
from core.store.indexes import Index, IndexSet
from core.store.keys import invert, mirror, position
from core.store.needed import (
    composite_missing,
    is_automatic,
    modes_for,
    single_missing,
    wanted_index,
)
from core.store.paths import FieldPath
from core.store.shape import RANGES, Condition, Shape


class IndexScan(msgspec.Struct, frozen=True):
    """Reads ranges of one index, then judges what the index could not."""

    entries: Entries
    is_reverse: bool
    ranges: tuple[tuple[bytes, bytes, bytes], ...]
    """Shared prefix, first key, key after the last."""
    residual: tuple[Condition, ...]


Plan = IndexScan | None
"""None: look through the collection."""


def plan(shape: Shape, wanted: IndexSet, catalogue: Catalogue) -> Plan:
    """Choose how to answer. Raises IndexMissing where the cloud would refuse."""
    fields = {*shape.equalities, *(one.path for one in shape.orders)}
    if not fields and not shape.name_is_descending:
        return None
    if is_automatic(shape):
        for path in fields:
            _check_automatic(shape, path, wanted)
        fits = [index for index in wanted.all() if _fit(index, shape) is not None]
    else:
        fits = [index for index in wanted.composites if _fit(index, shape) is False]
        fits += [
            index
            for many in wanted.overrides.values()
            for index in many
            if _fit(index, shape) is False
        ]
        covered = {one.path for index in fits for one in index.fields}
        if not fits or not covered >= set(shape.equalities):
            raise composite_missing(wanted_index(shape))
    best = max(fits, key=partial(_precision, shape), default=None)
    if best is None or (not best.fields):
        return None
    entries = catalogue.find(best)
    return None if entries is None else _scan(shape, entries)


def _precision(shape: Shape, index: Index) -> tuple[int, int]:
    """Rank an index that fits: by how much it settles, then by how few places it is read at."""
    fixed = [shape.equalities[one.path] for one in index.fields if one.path in shape.equalities]
    return len(index.fields), -prod(len(one.keys) for one in fixed)


def _check_automatic(shape: Shape, path: FieldPath, wanted: IndexSet) -> None:
    """Raise IndexMissing when the field has no single-field index of the kind that is needed."""
    override = wanted.overrides.get((shape.group, path))
    modes = modes_for(shape, path)
    if override is None:
        if shape.scope == "COLLECTION":
            return
    elif any(one.scope == shape.scope and one.fields[0].mode in modes for one in override):
        return
    raise single_missing(shape.group, path, min(modes), shape.scope)


def _fit(index: Index, shape: Shape) -> bool | None:
    """Whether an index serves a shape read forwards (False) or backwards (True); None: neither.

    Its fields are some of the equalities, in any direction, then exactly the orders.
    """
    if index.group != shape.group or index.scope != shape.scope:
        return None
    split = len(index.fields) - len(shape.orders)
    if split < 0:
        return None
    for one in index.fields[:split]:
        condition = shape.equalities.get(one.path)
        if condition is None:
            return None
        if (one.mode == "contains") != (condition.operator == "array_contains"):
            return None
    turns = {(index.name_mode == "desc") != shape.name_is_descending}
    for one, order in zip(index.fields[split:], shape.orders, strict=True):
        if one.path != order.path or one.mode == "contains":
            return None
        turns.add((one.mode == "desc") != order.is_descending)
    return turns.pop() if len(turns) == 1 else None


def _scan(shape: Shape, entries: Entries) -> IndexScan:
    index = entries.index
    is_reverse = _fit(index, shape)
    assert is_reverse is not None
    split = len(index.fields) - len(shape.orders)
    options: list[list[bytes]] = []
    used: set[Condition] = set()
    for one in index.fields[:split]:
        condition = shape.equalities[one.path]
        used.add(condition)
        options.append([invert(key) if one.mode == "desc" else key for key in condition.keys])
    lower, upper = shape.bounds()
    if is_reverse:
        lower, upper = mirror(upper), mirror(lower)
    ranges = tuple(_ranges(options, position(lower), position(upper)))
    return IndexScan(entries, is_reverse, ranges, _residual(shape, used))


def _ranges(
    options: Sequence[list[bytes]], first: bytes, end: bytes
) -> Iterator[tuple[bytes, bytes, bytes]]:
    for parts in product(*options):
        prefix = b"".join(parts)
        yield prefix, prefix + first, prefix + end


def _residual(shape: Shape, used: set[Condition]) -> tuple[Condition, ...]:
    """Return the conditions that neither the prefix nor the bounds of a scan settle."""
    first = shape.orders[0].path if shape.orders else None
    return tuple(
        one
        for one in shape.conditions
        if one not in used and not (one.path == first and one.operator in ("==", *RANGES))
    )
