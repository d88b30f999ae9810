"""When Google is asked for its keys, how long they hold, and what serves while it is away."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bridge.server import google_keys
from bridge.server.google_keys import GoogleKeys, KeysUnavailable
from tests.support.clocks import HeldClock
from tests.support.key_server import KeyServer, key_server, new_key

KEY, OTHER_KEY = new_key(), new_key()


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
async def google() -> AsyncIterator[KeyServer]:
    async with key_server({"one": KEY}) as server:
        yield server


@pytest.fixture
def keys(google: KeyServer, clock: HeldClock) -> GoogleKeys:
    return GoogleKeys(clock, url=google.url)


async def test_a_key_is_fetched_once_for_as_long_as_it_holds(
    google: KeyServer, keys: GoogleKeys, clock: HeldClock
) -> None:
    assert await keys.key("one") == KEY.public_key()
    clock.advance(19_999)
    assert await keys.key("one") == KEY.public_key()
    assert google.fetches == 1
    clock.advance(1)
    await keys.key("one")
    assert google.fetches == 2


async def test_all_who_ask_at_once_share_one_fetch(google: KeyServer, keys: GoogleKeys) -> None:
    google.gate.clear()
    asking = [asyncio.create_task(keys.key("one")) for _ in range(20)]
    while not google.fetches:  # noqa: ASYNC110 - the server is asked by another task
        await asyncio.sleep(0)
    asking[0].cancel()
    google.gate.set()
    found = await asyncio.gather(*asking[1:])
    assert found == [KEY.public_key()] * 19
    assert google.fetches == 1


async def test_keys_that_were_replaced_serve_no_more(
    google: KeyServer, keys: GoogleKeys, clock: HeldClock
) -> None:
    await keys.key("one")
    google.keys = {"two": OTHER_KEY}
    clock.advance(20_000)
    assert await keys.key("one") is None
    assert await keys.key("two") == OTHER_KEY.public_key()


async def test_an_unknown_id_asks_again_once_a_minute(
    google: KeyServer, keys: GoogleKeys, clock: HeldClock
) -> None:
    for _ in range(10):
        assert await keys.key("two") is None
    assert google.fetches == 1
    clock.advance(60)
    google.keys["two"] = OTHER_KEY
    assert await keys.key("two") == OTHER_KEY.public_key()
    assert google.fetches == 2
    for _ in range(10):
        assert await keys.key("made up") is None
    assert google.fetches == 2


async def test_a_clock_that_was_set_back_keeps_nobody_out(
    google: KeyServer, keys: GoogleKeys, clock: HeldClock
) -> None:
    await keys.key("one")
    google.keys = {"two": OTHER_KEY}
    clock.advance(-86_400)
    assert await keys.key("two") == OTHER_KEY.public_key()


@pytest.mark.parametrize("trouble", ["status", "empty", "nonsense", "no RSA", "redirect"])
async def test_old_keys_serve_while_google_is_away(
    google: KeyServer, keys: GoogleKeys, clock: HeldClock, trouble: str
) -> None:
    await keys.key("one")
    match trouble:
        case "status":
            google.status = 503
        case "redirect":
            google.status = 302
        case "empty":
            google.body = {"keys": []}
        case "nonsense":
            google.body = ["<html>"]
        case "no RSA":
            google.body = {"keys": [{"kty": "EC", "kid": "one"}]}
    clock.advance(86_400)
    for _ in range(10):
        assert await keys.key("one") == KEY.public_key()
    assert google.fetches == 2, "a Google that is away is not asked by every call"
    google.status, google.body = 200, None
    google.keys = {"two": OTHER_KEY}
    clock.advance(60)
    assert await keys.key("two") == OTHER_KEY.public_key()
    assert await keys.key("one") is None


async def test_without_any_key_nobody_can_be_let_in(
    google: KeyServer, keys: GoogleKeys, clock: HeldClock
) -> None:
    google.status = 500
    for _ in range(10):
        with pytest.raises(KeysUnavailable):
            await keys.key("one")
    assert google.fetches == 1
    google.status = 200
    clock.advance(5)
    assert await keys.key("one") == KEY.public_key()


async def test_a_google_that_says_nothing_is_waited_for_only_so_long(
    google: KeyServer, keys: GoogleKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(google_keys, "FETCH_SECONDS", 0.05)
    google.gate.clear()
    with pytest.raises(KeysUnavailable):
        await keys.key("one")


async def test_nobody_listens(clock: HeldClock) -> None:
    with pytest.raises(KeysUnavailable):
        await GoogleKeys(clock, url="http://127.0.0.1:1/keys").key("one")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("max-age=100", 100),
        ("Public, Max-Age=100, no-transform", 100),
        ("s-maxage=5, max-age=100", 100),
        ("no-store", 3600),
        ("", 3600),
        ("max-age=x", 3600),
        ("max-age=999999999", 86_400),
    ],
)
async def test_how_long_keys_hold(
    google: KeyServer, keys: GoogleKeys, clock: HeldClock, header: str, seconds: int
) -> None:
    google.cache_control = header
    await keys.key("one")
    clock.advance(seconds - 1)
    await keys.key("one")
    assert google.fetches == 1
    clock.advance(1)
    await keys.key("one")
    assert google.fetches == 2
