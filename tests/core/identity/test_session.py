"""When a token is renewed, by whom, and what follows when that fails."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from core.identity.errors import IdentityUnavailable, OperatorDisabled, SignInRequired
from core.identity.firebase import PAUSE_SECONDS, FirebaseSession
from core.identity.secret import Secret
from core.paths import DataFolder
from tests.core.identity.conftest import session_at
from tests.support.clocks import HeldClock
from tests.support.fake_firebase_auth import FakeFirebaseAuth, claims_of, fails, hangs_up
from tests.support.waiting import until

EMAIL, PASSWORD = "ana@example.com", "corect cal"


@pytest.fixture
async def session(
    fake: FakeFirebaseAuth, folder: DataFolder, clock: HeldClock
) -> AsyncIterator[FirebaseSession]:
    """A session in which Ana is signed in."""
    fake.add(EMAIL, PASSWORD, name="Ana", uid="ana")
    session = session_at(fake.host, folder, clock)
    await session.sign_in(EMAIL, Secret(PASSWORD))
    yield session
    await session.close()


async def until_called(fake: FakeFirebaseAuth, name: str, times: int) -> None:
    await until(lambda: fake.calls[name] >= times, f"{name} is called")


async def settled(session: FirebaseSession) -> None:
    """Wait for the end of a renewal that nobody waits for."""
    if session._renewal is not None:
        await asyncio.wait([session._renewal])


async def test_a_fresh_token_is_not_renewed(
    fake: FakeFirebaseAuth, session: FirebaseSession, clock: HeldClock
) -> None:
    first = await session.token()
    clock.advance(minutes=55, seconds=59)
    assert await session.token() == first
    assert fake.calls["token"] == 0


def held_back(fake: FakeFirebaseAuth) -> asyncio.Event:
    """Have renewals answered only once the event is set."""
    gate = asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        await gate.wait()
        return fake._token(dict(await request.post()))

    fake.faults["token"] = slow
    return gate


async def test_four_minutes_ahead_it_is_renewed_and_nobody_waits(
    fake: FakeFirebaseAuth, session: FirebaseSession, clock: HeldClock
) -> None:
    gate = held_back(fake)
    first = await session.token()
    clock.advance(minutes=56)
    assert await session.token() == first
    await until_called(fake, "token", 1)
    assert await session.token() == first
    gate.set()
    await settled(session)
    second = await session.token()
    assert claims_of(second)["exp"] - claims_of(first)["exp"] == 56 * 60
    assert fake.calls["token"] == 1


async def test_all_who_ask_at_once_share_one_renewal(
    fake: FakeFirebaseAuth, session: FirebaseSession, clock: HeldClock
) -> None:
    clock.advance(hours=2)
    tokens = await asyncio.gather(*(session.token() for _ in range(50)))
    assert len(set(tokens)) == 1
    assert fake.calls["token"] == 1


async def test_who_gives_up_waiting_does_not_end_the_renewal_of_others(
    fake: FakeFirebaseAuth, session: FirebaseSession, clock: HeldClock
) -> None:
    clock.advance(hours=2)
    one, other = asyncio.create_task(session.token()), asyncio.create_task(session.token())
    await asyncio.sleep(0)
    one.cancel()
    assert claims_of(await other)["sub"] == "ana"
    assert fake.calls["token"] == 1


async def test_a_refused_token_is_renewed_once(
    fake: FakeFirebaseAuth, session: FirebaseSession, clock: HeldClock
) -> None:
    first = await session.token()
    clock.advance(seconds=1)
    renewed = await asyncio.gather(*(session.token(refused=first) for _ in range(5)))
    assert len(set(renewed)) == 1
    assert renewed[0] != first
    assert await session.token(refused=first) == renewed[0]
    assert fake.calls["token"] == 1


async def test_a_token_still_holds_while_the_service_is_away(
    fake: FakeFirebaseAuth, session: FirebaseSession, clock: HeldClock
) -> None:
    fake.faults["token"] = hangs_up
    first = await session.token()
    clock.advance(minutes=58)
    for _ in range(20):
        assert await session.token() == first
        await settled(session)
    assert fake.calls["token"] == 1, "a service that is away is not asked again at once"


async def test_a_token_that_ran_out_while_the_service_is_away(
    fake: FakeFirebaseAuth,
    session: FirebaseSession,
    clock: HeldClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake.faults["token"] = hangs_up
    clock.advance(minutes=59, seconds=51)  # too little is left to be shown to anybody
    for _ in range(20):
        with pytest.raises(IdentityUnavailable):
            await session.token()
    assert fake.calls["token"] == 1
    assert session.problem.startswith("The sign-in service cannot be reached")
    del fake.faults["token"]
    loop = asyncio.get_running_loop()
    began = loop.time()
    monkeypatch.setattr(loop, "time", lambda: began + PAUSE_SECONDS + 1)
    assert claims_of(await session.token())["sub"] == "ana"
    assert not session.problem


async def test_the_new_refresh_token_is_the_one_that_is_kept(
    fake: FakeFirebaseAuth, session: FirebaseSession, folder: DataFolder, clock: HeldClock
) -> None:
    fake.rotates = True
    for _ in range(3):
        clock.advance(hours=1)
        await session.token()
    assert len(fake.refresh_tokens) == 1
    again = session_at(fake.host, folder, clock)
    clock.advance(hours=1)
    assert claims_of(await again.token())["sub"] == "ana"
    await again.close()


async def test_two_consoles_of_one_folder_share_a_rotated_token(
    fake: FakeFirebaseAuth, session: FirebaseSession, folder: DataFolder, clock: HeldClock
) -> None:
    fake.rotates = True
    other = session_at(fake.host, folder, clock)
    for _ in range(3):
        clock.advance(hours=1)
        assert claims_of(await other.token())["sub"] == "ana"
        assert claims_of(await session.token())["sub"] == "ana"
    await other.close()


@pytest.mark.parametrize(
    "code", ["INVALID_REFRESH_TOKEN", "TOKEN_EXPIRED", "USER_NOT_FOUND", "USER_DISABLED"]
)
async def test_a_sign_in_that_is_over_asks_nobody_again(
    fake: FakeFirebaseAuth,
    session: FirebaseSession,
    folder: DataFolder,
    clock: HeldClock,
    code: str,
) -> None:
    fake.faults["token"] = fails(400, code)
    over = asyncio.create_task(session.until_over())
    await asyncio.sleep(0)
    assert not over.done()
    clock.advance(hours=1)
    kind = OperatorDisabled if code == "USER_DISABLED" else SignInRequired
    for _ in range(20):
        with pytest.raises(SignInRequired) as caught:
            await session.token()
        assert type(caught.value) is kind
    assert fake.calls["token"] == 1
    assert type(await over) is kind
    assert session.uid == "ana", "the console has to tell whether the same person comes back"
    assert not folder.sign_in_file.exists()


async def test_signing_in_again_makes_it_hold_again(
    fake: FakeFirebaseAuth, session: FirebaseSession, clock: HeldClock
) -> None:
    fake.revoke("ana")
    clock.advance(hours=1)
    with pytest.raises(SignInRequired):
        await session.token()
    await session.sign_in(EMAIL, Secret(PASSWORD))
    assert claims_of(await session.token())["sub"] == "ana"


async def test_a_console_that_is_idle_renews_too(
    fake: FakeFirebaseAuth, session: FirebaseSession, clock: HeldClock
) -> None:
    following = asyncio.create_task(session.until_over())
    for times in (1, 2, 3):
        clock.advance(minutes=57)
        await until_called(fake, "token", times)
        await settled(session)
    assert not following.done()
    fake.revoke("ana")
    clock.advance(hours=1)
    assert isinstance(await following, SignInRequired)


async def test_an_answer_about_somebody_else_ends_the_sign_in(
    fake: FakeFirebaseAuth, session: FirebaseSession, clock: HeldClock
) -> None:
    dan = fake.add("dan@example.com", "x", uid="dan")
    fake.refresh_tokens = dict.fromkeys(fake.refresh_tokens, dan.uid)
    clock.advance(hours=1)
    with pytest.raises(SignInRequired):
        await session.token()


async def test_signing_out_ends_a_renewal_that_is_under_way(
    fake: FakeFirebaseAuth, session: FirebaseSession, folder: DataFolder, clock: HeldClock
) -> None:
    gate = held_back(fake)
    fake.rotates = True
    clock.advance(hours=1)
    asking = asyncio.create_task(session.token())
    await until_called(fake, "token", 1)
    await session.sign_out()
    assert "renew the sign-in" not in {task.get_name() for task in asyncio.all_tasks()}
    gate.set()
    with pytest.raises(SignInRequired):
        await asking
    with pytest.raises(SignInRequired):
        await session.token()
    assert session.uid == ""
    assert not folder.sign_in_file.exists()


async def test_a_token_holds_from_when_it_was_asked_for(
    fake: FakeFirebaseAuth, session: FirebaseSession, clock: HeldClock
) -> None:
    async def slow(request: web.Request) -> web.StreamResponse:
        answer = fake._token(dict(await request.post()))
        clock.advance(minutes=10)
        return answer

    fake.faults["token"] = slow
    clock.advance(hours=1)
    await session.token()
    clock.advance(minutes=47)
    await session.token()
    await settled(session)
    assert fake.calls["token"] == 2


async def test_a_failure_is_over_once_somebody_signed_in(
    fake: FakeFirebaseAuth, session: FirebaseSession, clock: HeldClock
) -> None:
    fake.faults["token"] = hangs_up
    clock.advance(hours=1)
    with pytest.raises(IdentityUnavailable):
        await session.token()
    del fake.faults["token"]
    await session.sign_in(EMAIL, Secret(PASSWORD))
    first = await session.token()
    clock.advance(seconds=1)
    assert await session.token(refused=first) != first


async def test_a_name_that_cannot_be_looked_up_does_not_keep_anybody_out(
    fake: FakeFirebaseAuth, folder: DataFolder, clock: HeldClock
) -> None:
    fake.add(EMAIL, PASSWORD, name="Ana", uid="ana")
    fake.faults["lookup"] = fails(500, "INTERNAL")
    session = session_at(fake.host, folder, clock)
    await session.sign_in(EMAIL, Secret(PASSWORD))
    assert (session.uid, session.email, session.name) == ("ana", EMAIL, "")
    await session.close()
