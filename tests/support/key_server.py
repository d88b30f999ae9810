"""A server of public keys as Google's is, on the loopback interface."""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa


def new_key() -> rsa.RSAPrivateKey:
    """Return a key that signs."""
    return rsa.generate_private_key(65537, 2048)


@dataclass
class KeyServer:
    """The running server; its attributes may be changed while it runs."""

    keys: dict[str, rsa.RSAPrivateKey]
    url: str = ""
    cache_control: str = "public, max-age=20000, must-revalidate, no-transform"
    status: int = 200
    body: object = None
    """Answered instead of the keys, where set."""
    fetches: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """Answers wait until it is set; it is, unless a test clears it."""

    async def answer(self, _request: web.Request) -> web.Response:
        self.fetches += 1
        await self.gate.wait()
        body = self.body or {"keys": [_jwk(kid, key) for kid, key in self.keys.items()]}
        headers = {"Cache-Control": self.cache_control} if self.cache_control else {}
        if self.status == 302:
            headers["Location"] = "/elsewhere"
        return web.json_response(body, status=self.status, headers=headers)

    async def answer_elsewhere(self, _request: web.Request) -> web.Response:
        """Answer with a key of nobody who should be believed."""
        return web.json_response({"keys": [_jwk("one", new_key())]})


def _jwk(kid: str, key: rsa.RSAPrivateKey) -> Mapping[str, str]:
    """Return the public half of a key in the form of RFC 7517, as Google lists it."""
    numbers = key.public_key().public_numbers()
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid,
            "n": _number(numbers.n), "e": _number(numbers.e)}  # fmt: skip


def _number(value: int) -> str:
    raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@asynccontextmanager
async def key_server(keys: dict[str, rsa.RSAPrivateKey]) -> AsyncIterator[KeyServer]:
    """Serve keys on a free port."""
    server = KeyServer(dict(keys))
    server.gate.set()
    application = web.Application()
    application.router.add_get("/keys", server.answer)
    application.router.add_get("/elsewhere", server.answer_elsewhere)
    runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = "http://{}:{}/keys".format(*runner.addresses[0])
    try:
        yield server
    finally:
        server.gate.set()
        await runner.cleanup()
