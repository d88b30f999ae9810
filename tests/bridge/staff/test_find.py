"""Finding a future operator by e-mail address, and what is said when that cannot be done."""

from collections.abc import AsyncIterator

import pytest

from bridge.staff.find import find_operator
from core.identity.rest import EMULATOR_VARIABLE
from core.service.callables import FindOperatorAnswer
from core.service.errors import CallRefused
from core.settings import Cloud
from tests.support.fake_firebase_auth import (
    PROJECT,
    FakeFirebaseAuth,
    Fault,
    fails,
    hangs_up,
    running,
    says,
)

CLOUD = Cloud(project=PROJECT)


@pytest.fixture
async def fake(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeFirebaseAuth]:
    """The sign-in of a project in which Dan was added."""
    async with running() as fake:
        monkeypatch.setenv(EMULATOR_VARIABLE, fake.host)
        fake.add("dan@example.com", "parola lui Dan", name="Dan", uid="uid-dan")
        yield fake


@pytest.mark.usefixtures("fake")
async def test_whoever_was_added_is_found() -> None:
    assert await find_operator(CLOUD, "dan@example.com") == FindOperatorAnswer(
        uid="uid-dan", email="dan@example.com", name="Dan"
    )


@pytest.mark.usefixtures("fake")
async def test_nobody_is_said() -> None:
    with pytest.raises(CallRefused) as caught:
        await find_operator(CLOUD, "nimeni@example.com")
    assert (caught.value.status, caught.value.field) == ("NOT_FOUND", "email")
    assert caught.value.hint


async def test_on_one_machine_there_is_nobody_to_find() -> None:
    with pytest.raises(CallRefused) as caught:
        await find_operator(Cloud(), "dan@example.com")
    assert caught.value.status == "FAILED_PRECONDITION"


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (fails(403, "PERMISSION_DENIED"), "FAILED_PRECONDITION"),
        (fails(401, "UNAUTHENTICATED"), "FAILED_PRECONDITION"),
        (fails(503, "UNAVAILABLE"), "UNAVAILABLE"),
        (hangs_up, "UNAVAILABLE"),
        (says('{"users": [{"email": "dan@example.com"}]}', 200, "application/json"), None),
        (says('{"users": "dan"}', 200, "application/json"), None),
    ],
)
async def test_what_goes_wrong_is_a_sentence(
    fake: FakeFirebaseAuth, fault: Fault, status: str | None
) -> None:
    fake.faults["lookup"] = fault
    with pytest.raises(CallRefused) as caught:
        await find_operator(CLOUD, "dan@example.com")
    assert caught.value.message
    assert status is None or caught.value.status == status
