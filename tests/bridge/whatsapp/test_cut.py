"""Fields of serialized messages: every byte is in one of them, and rubbish is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.whatsapp.cut import fields_of
from bridge.whatsapp.proto import HistorySync
from tests.support.neonize_events import CUSTOMER, GROUP, history, past


def a_chunk() -> bytes:
    event = history(
        (CUSTOMER, [past("A", "x", pushName="P"), past("B", "y")], {"name": "N"}),
        (GROUP, [past("C", "z")], {}),
        progress=70,
        syncType=3,
    )
    return bytes(event.Data.SerializeToString())


def test_fields_put_together_are_the_message() -> None:
    chunk = a_chunk()
    found = list(fields_of(memoryview(chunk)))
    assert b"".join(field.whole for field in found) == chunk
    numbers = [field.number for field in found]
    fields = HistorySync.DESCRIPTOR.fields_by_name
    assert numbers.count(fields["conversations"].number) == 2
    progress = next(field for field in found if field.number == fields["progress"].number)
    assert progress.content is None
    assert HistorySync.FromString(bytes(progress.whole)).progress == 70


@pytest.mark.parametrize(
    "message",
    [b"\x08", b"\x0a\x05abc", b"\x09\x00", b"\x0d\x00", b"\x0b\x0c", b"\x80" * 11, b"\xff" * 12],
    ids=["number", "text", "eight", "four", "group", "endless tag", "endless ones"],
)
def test_what_is_cut_short_or_of_no_known_kind_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError, match=r"^a (field|number)"):
        list(fields_of(memoryview(message)))


@given(st.binary(max_size=200))
def test_any_bytes_are_cut_whole_or_refused(message: bytes) -> None:
    try:
        found = list(fields_of(memoryview(message)))
    except ValueError:
        return
    assert b"".join(field.whole for field in found) == message
