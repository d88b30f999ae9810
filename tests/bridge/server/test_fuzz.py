"""Whatever is asked of the callables, the answer is one of the protocol's, and never INTERNAL."""

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any, get_args

import msgspec
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.service.callables import CALLABLES
from core.service.errors import Status
from tests.support.office import ANA, Office, an_office

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=40),
    st.sampled_from(
        ["WA-77", "WA-77__40700000101@s.whatsapp.net", "40700000101@s.whatsapp.net", "+40700000101",
         "../../etc/passwd", "a/b", "retry", "auto", "\x1b[2J", "\u202e", "x" * 5000]
    ),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, Any]:
    """Draw the name of a callable and data that nearly fits it."""
    name = draw(st.sampled_from(sorted(CALLABLES)))
    fields = [field.encode_name for field in msgspec.structs.fields(CALLABLES[name])]
    known = draw(st.dictionaries(st.sampled_from(fields), VALUES))
    strange = draw(st.dictionaries(st.text(max_size=8), VALUES, max_size=1))
    return name, draw(st.just(known | strange) | VALUES)


def check(answer: tuple[int, dict[str, Any]]) -> None:
    code, body = answer
    if "result" in body:
        assert code == 200
        return
    error = body["error"]
    assert error["status"] in get_args(Status)
    assert error["status"] != "INTERNAL"
    assert error["message"]
    assert "Traceback" not in json.dumps(body)


async def ask(office: Office, name: str, content: bytes) -> None:
    async with asyncio.timeout(60):
        check(await office.post(name, content=content, headers=ANA))


def test_any_request_gets_an_answer_of_the_protocol() -> None:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        opened = an_office(Path(folder))
        office = runner.run(opened.__aenter__())

        @settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(requests())
        @example(("whatsappProxyBackfillAccount", {"accountId": "\x1f"}))
        def structured(request: tuple[str, Any]) -> None:
            name, data = request
            content = json.dumps({"data": data}, default=str).encode(errors="replace")
            runner.run(ask(office, name, content))

        @settings(max_examples=100, deadline=None)
        @given(st.sampled_from(sorted(CALLABLES)), st.binary(max_size=200))
        def raw(name: str, content: bytes) -> None:
            runner.run(ask(office, name, content))

        try:
            structured()
            raw()
        finally:
            runner.run(opened.__aexit__(None, None, None))
