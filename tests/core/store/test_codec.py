"""Data comes back from bytes exactly as it went in."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.store.embedded.codec import decode, encode
from core.store.errors import InvalidRequest
from core.store.paths import parse_field, split_document
from core.store.port import field_path
from core.store.values import plain_value
from tests.support.values import values

VALUES = values(st.text("abc.`", min_size=1))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.text("abc", min_size=1), VALUES, max_size=4))
def test_data_survives(data: dict[str, Any]) -> None:
    checked = plain_value(data)
    assert repr(decode(encode("things/one", checked))) == repr(data)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(min_size=1, max_size=5).filter(lambda name: "\0" not in name), min_size=1))
def test_a_field_path_is_taken_apart_as_it_was_joined(names: list[str]) -> None:
    try:
        assert parse_field(field_path(*names)) == tuple(names)
    except InvalidRequest:
        assert any(name.startswith("__") and name.endswith("__") for name in names)


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b", "`a", "a`b`", "`a`b", "a\\b", "``"])
def test_what_is_no_field_path_is_refused(path: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_field(path)


def test_an_emoji_jid_path_is_a_document() -> None:
    parent, name = split_document("threads/WA-01__40712345678@s.whatsapp.net/messages/3EB0🎈")
    assert (parent, name) == ("threads/WA-01__40712345678@s.whatsapp.net/messages", "3EB0🎈")
