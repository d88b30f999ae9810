"""Ids are made and taken apart alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.ids import Jid, make_request_id, make_thread_id, parse_thread_id


@pytest.mark.parametrize(
    ("text", "jid"),
    [
        ("40712345678@s.whatsapp.net", Jid("40712345678", "s.whatsapp.net")),
        ("40712345678:12@s.whatsapp.net", Jid("40712345678", "s.whatsapp.net")),
        ("40712345678.0:3@s.whatsapp.net", Jid("40712345678", "s.whatsapp.net")),
        ("40712345678.0:3@c.us", Jid("40712345678", "s.whatsapp.net")),
        ("40712345678@c.us", Jid("40712345678", "s.whatsapp.net")),
        ("111222333:4@lid", Jid("111222333", "lid")),
        ("40712345678-1500000000@g.us", Jid("40712345678-1500000000", "g.us")),
    ],
)
def test_a_jid_is_read_without_its_device(text: str, jid: Jid) -> None:
    assert Jid.parse(text) == jid


def test_what_is_no_jid_is_refused() -> None:
    with pytest.raises(ValueError, match="not a JID"):
        Jid.parse("40712345678")


@given(
    account=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,20}", fullmatch=True), user=st.integers(1)
)
def test_a_thread_id_is_taken_apart_as_it_was_made(account: str, user: int) -> None:
    jid = Jid(str(user), "lid")
    assert parse_thread_id(make_thread_id(account, jid)) == (account, jid)


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("40712345678@s.whatsapp.net", "+40712345678"),
        ("0@s.whatsapp.net", None),
        ("٤٠٧١٢٣٤٥٦٧٨@s.whatsapp.net", None),
        ("@s.whatsapp.net", None),
        ("111222333@lid", None),
    ],
)
def test_only_an_address_of_ascii_digits_tells_a_phone_number(text: str, phone: str | None) -> None:
    assert Jid.parse(text).phone_e164 == phone


def test_one_send_has_one_request_id() -> None:
    assert make_request_id("t", "u", "1") == make_request_id("t", "u", "1")
    assert make_request_id("t", "u", "1") != make_request_id("t", "u", "2")
