"""Firebase Auth's REST API on the loopback interface, in the shape of its emulator.

It knows the calls that the console makes, besides those by which a test makes and changes users.
Tokens are unsigned, or signed by a key of the test. Source of shapes and codes:
firebase.google.com/docs/reference/rest/auth, and the Auth emulator of firebase-tools 15.
"""

import asyncio
import base64
import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from core.clock import Clock, system_clock

IDENTITY = "/identitytoolkit.googleapis.com/v1"
TOKENS = "/securetoken.googleapis.com/v1"
PROJECT = "demo-capcoada"

Fault = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class User:
    """One account."""

    uid: str
    email: str
    password: str
    name: str = ""
    is_disabled: bool = False


@dataclass
class FakeFirebaseAuth:
    """The running server."""

    host: str = ""
    """`host:port`, as FIREBASE_AUTH_EMULATOR_HOST wants it."""
    clock: Clock = system_clock
    lifetime_seconds: int = 3600
    sign: Callable[[dict[str, Any]], str] | None = None
    """Makes a token of claims; None for the emulator's unsigned ones."""
    rotates: bool = False
    """Whether every renewal brings another refresh token, and the one before holds no more."""
    users: dict[str, User] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    """How often each call was made, by its last words: `token`, `signInWithPassword`…"""
    faults: dict[str, Fault] = field(default_factory=dict)
    """What answers a call instead, by the same words."""
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    """Token to uid."""

    # -- what a test does -------------------------------------------------------------------------

    def add(self, email: str, password: str, *, name: str = "", uid: str = "") -> User:
        """Make a user."""
        user = User(uid or secrets.token_hex(14), email, password, name)
        self.users[user.uid] = user
        return user

    def revoke(self, uid: str) -> None:
        """End every sign-in of a user."""
        self.refresh_tokens = {t: u for t, u in self.refresh_tokens.items() if u != uid}

    # -- what the service does --------------------------------------------------------------------

    async def _on_call(self, request: web.Request) -> web.StreamResponse:
        name = request.path.rpartition("/")[2].rpartition(":")[2]
        self.calls[name] += 1
        if (fault := self.faults.get(name)) is not None:
            return await fault(request)
        is_admin = request.headers.get("Authorization") == "Bearer owner"
        if not (is_admin or request.query.get("key")):
            return failure(403, "The request is missing a valid API key.")
        if name == "token":
            return self._token(dict(await request.post()))
        fields = await request.json()
        match name:
            case "update" | "delete" if is_admin:
                return self._change(name, fields)
            case "signUp":
                return self._sign_up(fields)
            case "signInWithPassword":
                return self._sign_in(fields)
            case "lookup" if is_admin:
                return self._find(fields)
            case "lookup":
                return self._look_up(fields)
        return failure(404, "NOT_FOUND")

    def _sign_up(self, fields: dict[str, Any]) -> web.Response:
        if self._by_email(fields["email"]):
            return failure(400, "EMAIL_EXISTS")
        user = self.add(fields["email"], fields["password"], name=fields.get("displayName", ""))
        return self._signed_in(user)

    def _sign_in(self, fields: dict[str, Any]) -> web.Response:
        user = self._by_email(fields.get("email", ""))
        if user is None:
            return failure(400, "EMAIL_NOT_FOUND")
        if not fields.get("password"):
            return failure(400, "MISSING_PASSWORD")
        if user.password != fields["password"]:
            return failure(400, "INVALID_PASSWORD")
        if user.is_disabled:
            return failure(400, "USER_DISABLED")
        return self._signed_in(user)

    def _signed_in(self, user: User) -> web.Response:
        return web.json_response({
            "kind": "identitytoolkit#VerifyPasswordResponse", "registered": True,
            "localId": user.uid, "email": user.email, "displayName": "",
            "idToken": self.id_token(user), "refreshToken": self._refresh_token(user),
            "expiresIn": str(self.lifetime_seconds),
        })  # fmt: skip

    def _token(self, fields: dict[str, Any]) -> web.Response:
        given = fields.get("refresh_token", "")
        uid = self.refresh_tokens.get(given)
        if fields.get("grant_type") != "refresh_token":
            return failure(400, "INVALID_GRANT_TYPE")
        if uid is None or uid not in self.users:
            return failure(400, "INVALID_REFRESH_TOKEN")
        user = self.users[uid]
        if user.is_disabled:
            return failure(400, "USER_DISABLED")
        token = self.id_token(user)
        if self.rotates:
            del self.refresh_tokens[given]
            given = self._refresh_token(user)
        return web.json_response({
            "id_token": token, "access_token": token, "refresh_token": given,
            "expires_in": str(self.lifetime_seconds), "token_type": "Bearer",
            "user_id": uid, "project_id": "12345",
        })  # fmt: skip

    def _look_up(self, fields: dict[str, Any]) -> web.Response:
        uid = claims_of(fields["idToken"])["sub"]
        if uid not in self.users:
            return failure(400, "USER_NOT_FOUND")
        user = self.users[uid]
        about = {"localId": uid, "email": user.email, "displayName": user.name}
        return web.json_response({"kind": "identitytoolkit#GetAccountInfoResponse",
                                  "users": [about | {"disabled": user.is_disabled}]})  # fmt: skip

    def _find(self, fields: dict[str, Any]) -> web.Response:
        """Tell the project's server whom an address belongs to; nobody is no list at all."""
        found = [self._by_email(email) for email in fields["email"]]
        users = [{"localId": user.uid, "email": user.email, "displayName": user.name,
                  "disabled": user.is_disabled} for user in found if user]  # fmt: skip
        kind = {"kind": "identitytoolkit#GetAccountInfoResponse"}
        return web.json_response(kind | ({"users": users} if users else {}))

    def _change(self, name: str, fields: dict[str, Any]) -> web.Response:
        """Change or remove a user, as the project's administrator may."""
        user = self.users[fields["localId"]]
        if name == "delete":
            del self.users[user.uid]
        user.name = fields.get("displayName", user.name)
        user.is_disabled = fields.get("disableUser", user.is_disabled)
        return web.json_response({"localId": user.uid, "email": user.email})

    # -- tokens -----------------------------------------------------------------------------------

    def id_token(self, user: User, **changes: Any) -> str:
        """Return a token of a user; `changes` replace claims."""
        claims = claims_for(user, self.clock(), self.lifetime_seconds) | changes
        return self.sign(claims) if self.sign is not None else unsigned(claims)

    def _refresh_token(self, user: User) -> str:
        token = f"refresh-{secrets.token_urlsafe(24)}"
        self.refresh_tokens[token] = user.uid
        return token

    def _by_email(self, email: str) -> User | None:
        return next((user for user in self.users.values() if user.email == email), None)


@asynccontextmanager
async def running(**options: Any) -> AsyncIterator[FakeFirebaseAuth]:
    """Serve on a free port of the loopback interface."""
    fake = FakeFirebaseAuth(**options)
    application = web.Application()
    application.router.add_post("/{path:.*}", fake._on_call)
    runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.host = "{}:{}".format(*runner.addresses[0])
    try:
        yield fake
    finally:
        await runner.cleanup()


# -- answers --------------------------------------------------------------------------------------


def failure(code: int, message: str, **fields: Any) -> web.Response:
    """Return an error in Google's shape."""
    error = {"code": code, "message": message, **fields}
    return web.json_response({"error": error}, status=code)


def fails(code: int, message: str, **fields: Any) -> Fault:
    """Answer with an error in Google's shape."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        return failure(code, message, **fields)

    return answer


def says(body: str, status: int = 200, content_type: str = "text/html") -> Fault:
    """Answer with any text."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=body, status=status, content_type=content_type)

    return answer


async def hangs_up(request: web.Request) -> web.StreamResponse:
    """Close the connection instead of answering."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def hangs(_request: web.Request) -> web.StreamResponse:
    """Never answer."""
    return await asyncio.Future()


async def drips(request: web.Request) -> web.StreamResponse:
    """Answer a byte at a time, without an end."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.01)


# -- tokens ---------------------------------------------------------------------------------------


def claims_for(user: User, now: datetime, seconds: int) -> dict[str, Any]:
    """Return the claims that Firebase puts into an id token."""
    moment = int(now.timestamp())
    return {
        "iss": f"https://securetoken.google.com/{PROJECT}", "aud": PROJECT,
        "auth_time": moment, "iat": moment, "exp": moment + seconds,
        "sub": user.uid, "user_id": user.uid, "email": user.email, "email_verified": False,
        "firebase": {"identities": {"email": [user.email]}, "sign_in_provider": "password"},
    }  # fmt: skip


def unsigned(claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
    """Return claims as the emulator's token: nobody signed it."""
    return f"{_part(header or {'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."


def claims_of(token: str) -> dict[str, Any]:
    """Return what a token says, without asking whether it is true."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * 3))
    return claims


def _part(fields: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).rstrip(b"=").decode()
