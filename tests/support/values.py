"""Values that documents hold, for hypothesis to draw."""

from datetime import UTC
from typing import Any

from hypothesis import strategies as st


def values(names: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Values of every kind, nested; the fields of maps have these names."""
    return st.recursive(
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(-(2**63), 2**63 - 1),
            st.floats(allow_nan=False),
            st.text(),
            st.binary(),
            st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(fold=0)),
        ),
        lambda inner: (
            st.dictionaries(names, inner, max_size=3)
            | st.lists(inner.filter(lambda value: not isinstance(value, list)), max_size=3)
        ),
        max_leaves=8,
    )
