"""The simulator's HTTP interface: JSON in, JSON out, on loopback only; see docs/simulator.md."""

import json
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bridge.errors import SimulatorError
from bridge.simulator.content import body_of
from bridge.simulator.history import parse_history
from bridge.simulator.manners import change_settings, load_settings
from bridge.simulator.people import NoSuchThing, digits
from bridge.simulator.simulator import Simulator

_Doing = Callable[[Simulator, "Order"], Awaitable[object]]
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_NOT_UNDERSTOOD = (ValueError, TypeError, KeyError, OverflowError, sqlite3.IntegrityError)
"""What wrong values come to, at the latest where they would be stored."""
_LARGEST_BODY = 64 * 1024 * 1024


class Order:
    """One request: the parts of its path and the fields of its body, checked as they are taken."""

    def __init__(self, path: dict[str, str], query: dict[str, str], body: dict[str, Any]) -> None:
        self.path = path
        self._query = query
        self._body = body

    def text(self, name: str, default: str | None = "") -> str:
        """Return a text from body or query; required when `default` is None."""
        value = self._body.get(name, self._query.get(name, default))
        if not isinstance(value, str) or (default is None and not value):
            raise SimulatorError(f"{name} has to be a text.")
        return value

    def number(self, name: str, default: float) -> float:
        """Return a number from the body."""
        value = self._body.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise SimulatorError(f"{name} has to be a number.")
        return value

    def flag(self, name: str) -> bool:
        """Return a truth value from the body; absent is false."""
        return self._body.get(name, False) is True

    def texts(self, name: str) -> list[str]:
        """Return a list of texts from the body; absent is empty."""
        value = self._body.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise SimulatorError(f"{name} has to be a list of texts.")
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        """Return an object from the body."""
        value = self._body.get(name, {})
        if not isinstance(value, dict):
            raise SimulatorError(f"{name} has to be an object.")
        return value

    def rest(self, *known: str) -> dict[str, Any]:
        """Return the body's other fields."""
        return {key: value for key, value in self._body.items() if key not in known}

    def content(self) -> dict[str, Any]:
        """Return the message of the body: `content`, or its short form `text`."""
        return self.mapping("content") or {"kind": "text", "text": self.text("text", None)}

    def count(self) -> int | None:
        """Return how often a fault happens: 1 unless told; null or 0 until cleared."""
        value = self._body.get("count", 1)
        if value is None or value == 0:
            return None
        return int(self.number("count", 1))


@web.middleware
async def guard(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuse hosts that are not loopback names, so that no web page can reach in by DNS."""
    host = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    if host not in _LOOPBACK_NAMES:
        return _error(403, "Only loopback names are served.", "Use 127.0.0.1.")
    if request.headers.get("Origin"):
        return _error(403, "Web pages are not served.", "")
    return await handler(request)


def _error(status: int, message: str, hint: str) -> web.Response:
    return web.json_response({"error": message, "hint": hint}, status=status)


def _handler(
    simulator: Simulator, doing: _Doing
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            raw = await request.read()
            body = json.loads(raw) if raw else {}
            if not isinstance(body, dict):
                raise SimulatorError("The body has to be a JSON object.")
            order = Order(dict(request.match_info), dict(request.query), body)
            return web.json_response(await doing(simulator, order))
        except NoSuchThing as error:
            return _error(404, error.message, error.hint)
        except SimulatorError as error:
            return _error(400, error.message, error.hint)
        except _NOT_UNDERSTOOD as error:
            return _error(400, f"That was not understood: {error}.", "See docs/simulator.md.")

    return handle


def application(simulator: Simulator) -> web.Application:
    """Return the simulator's web application."""
    app = web.Application(middlewares=[guard], client_max_size=_LARGEST_BODY)
    app.router.add_get("/device", simulator.exchange.accept)
    for method, path, doing in ROUTES:
        app.router.add_route(method, path, _handler(simulator, doing))
    return app


# -- what each route does -------------------------------------------------------------------------


async def _health(sim: Simulator, order: Order) -> object:
    return {"ok": True, "devices": len(sim.state.devices.all())}


async def _settings(sim: Simulator, order: Order) -> object:
    changes = order.rest()
    settings = change_settings(sim.state.db, changes) if changes else load_settings(sim.state.db)
    sim.personas.poke()
    return {name: getattr(settings, name) for name in settings.__struct_fields__}


async def _put_phone(sim: Simulator, order: Order) -> object:
    changes = order.rest()
    parse_history(changes.get("history", {}))
    number = order.path["number"]
    if order.path["kind"] == "phones":
        return sim.state.people.put(number, "business", changes).described()
    return sim.customers.change(number, changes).described()


async def _phones(sim: Simulator, order: Order) -> object:
    kind = "business" if order.path["kind"] == "phones" else "customer"
    return [phone.described() for phone in sim.state.people.all(kind)]


async def _phone(sim: Simulator, order: Order) -> object:
    return sim.state.people.phone(order.path["number"]).described()


async def _put_contact(sim: Simulator, order: Order) -> object:
    owner = sim.state.people.business(order.path["number"])
    sim.state.people.put_contact(owner.number, order.path["customer"], order.text("name"))
    return {}


async def _put_group(sim: Simulator, order: Order) -> object:
    jid = sim.state.people.put_group(
        order.text("jid"), order.text("subject", None), order.texts("members")
    )
    return {"jid": jid}


async def _groups(sim: Simulator, order: Order) -> object:
    return sim.state.people.groups()


async def _devices(sim: Simulator, order: Order) -> object:
    return sim.exchange.described()


async def _showing(sim: Simulator, order: Order) -> object:
    return {"payload": sim.exchange.showing(order.path["account"])}


async def _scan(sim: Simulator, order: Order) -> object:
    await sim.exchange.scan(order.path["number"], order.text("payload", None))
    return {}


async def _enter_code(sim: Simulator, order: Order) -> object:
    await sim.exchange.enter_code(order.path["number"], order.text("code", None))
    return {}


async def _unlink(sim: Simulator, order: Order) -> object:
    return {"unlinked": await sim.exchange.unlink(order.path["number"])}


async def _owner_writes(sim: Simulator, order: Order) -> object:
    content = order.content()
    chat = order.text("to", None)
    return {"id": sim.business.write_on_phone(order.path["number"], chat, content)}


async def _owner_reads(sim: Simulator, order: Order) -> object:
    return {"ids": sim.business.read_on_phone(order.path["number"], order.text("chat", None))}


async def _past(sim: Simulator, order: Order) -> object:
    return {"ids": sim.remember(order.path["number"], order.rest().get("messages", []))}


async def _write(sim: Simulator, order: Order) -> object:
    message_id = sim.customers.write(
        order.path["number"], order.content(), to=order.text("to"), group=order.text("group"),
        quoted=order.text("quoted"), undecryptable=order.flag("undecryptable"),
    )  # fmt: skip
    return {"id": message_id}


async def _burst(sim: Simulator, order: Order) -> object:
    ids = sim.customers.burst(
        to=order.text("to"),
        customers=int(order.number("customers", 1)),
        messages=int(order.number("messages", 1)),
        text=order.text("text", "Mesajul {n}"),
        first=order.text("first", "+40700050000"),
    )
    return {"ids": ids}


async def _status(sim: Simulator, order: Order) -> object:
    number, content = order.path["number"], order.content()
    return {"id": sim.customers.post_status(number, content, to=order.text("to"))}


async def _read(sim: Simulator, order: Order) -> object:
    number, ids = order.path["number"], order.texts("ids")
    to, group = order.text("to"), order.text("group")
    return {"ids": sim.customers.read(number, message_ids=ids, to=to, group=group)}


async def _deliver(sim: Simulator, order: Order) -> object:
    number, ids = order.path["number"], order.texts("ids")
    to, group = order.text("to"), order.text("group")
    return {"ids": sim.customers.deliver(number, message_ids=ids, to=to, group=group)}


async def _type(sim: Simulator, order: Order) -> object:
    sim.customers.type_in(order.path["number"], to=order.text("to"), group=order.text("group"))
    return {}


async def _edit(sim: Simulator, order: Order) -> object:
    sim.customers.edit(order.path["number"], order.text("id", None), order.text("text", None))
    return {}


async def _revoke(sim: Simulator, order: Order) -> object:
    sim.customers.revoke(order.path["number"], order.text("id", None))
    return {}


async def _react(sim: Simulator, order: Order) -> object:
    sim.customers.react(order.path["number"], order.text("id", None), order.text("emoji"))
    return {}


async def _received(sim: Simulator, order: Order) -> object:
    rows = sim.state.db.rows(
        "SELECT * FROM received WHERE phone = ? ORDER BY seq", digits(order.path["number"])
    )
    return [
        {"id": r["id"], "from": f"+{r['sender']}", "chat": r["chat"], "body": r["body"],
         "seconds": r["seconds"]}
        for r in rows
    ]  # fmt: skip


async def _messages(sim: Simulator, order: Order) -> object:
    owner = sim.state.people.business(order.path["number"]).number
    chat = order.text("chat")
    rows = sim.state.db.rows(
        "SELECT * FROM message WHERE owner = ?1 AND (?2 = '' OR chat = ?2) ORDER BY seq",
        owner, chat if "@" in chat or not chat else digits(chat),
    )  # fmt: skip
    return [
        {"id": r["id"], "chat": r["chat"], "sender": f"+{r['sender']}",
         "from_me": bool(r["from_me"]), "via": r["via"], "seconds": r["seconds"],
         "body": body_of(json.loads(r["content"])), "status": r["status"],
         "is_read": bool(r["is_read"]), "is_revoked": bool(r["is_revoked"]),
         "reactions": json.loads(r["reactions"])}
        for r in rows
    ]  # fmt: skip


async def _decrypt(sim: Simulator, order: Order) -> object:
    sim.customers.decrypt(order.path["id"])
    return {}


async def _add_fault(sim: Simulator, order: Order) -> object:
    await sim.exchange.apply_fault(
        order.text("kind", None), order.text("account"), order.count(), order.number("seconds", 0)
    )
    return sim.state.faults.waiting()


async def _faults(sim: Simulator, order: Order) -> object:
    return sim.state.faults.waiting()


async def _clear_faults(sim: Simulator, order: Order) -> object:
    cleared = sim.state.faults.clear(order.text("account") or None, order.text("kind") or None)
    return {"cleared": cleared}


async def _advance(sim: Simulator, order: Order) -> object:
    return {"done": sim.personas.advance(order.number("seconds", 60))}


_KIND = "{kind:phones|customers}"
ROUTES: tuple[tuple[str, str, _Doing], ...] = (
    ("GET", "/health", _health),
    ("POST", "/settings", _settings),
    ("GET", "/settings", _settings),
    ("GET", f"/{_KIND}", _phones),
    ("GET", f"/{_KIND}/{{number}}", _phone),
    ("POST", f"/{_KIND}/{{number}}", _put_phone),
    ("POST", "/phones/{number}/contacts/{customer}", _put_contact),
    ("POST", "/phones/{number}/past", _past),
    ("POST", "/phones/{number}/scan", _scan),
    ("POST", "/phones/{number}/enter-code", _enter_code),
    ("POST", "/phones/{number}/unlink", _unlink),
    ("POST", "/phones/{number}/write", _owner_writes),
    ("POST", "/phones/{number}/read", _owner_reads),
    ("GET", "/phones/{number}/messages", _messages),
    ("GET", "/groups", _groups),
    ("POST", "/groups", _put_group),
    ("GET", "/devices", _devices),
    ("GET", "/accounts/{account}/qr", _showing),
    ("POST", "/customers/{number}/write", _write),
    ("POST", "/customers/{number}/status", _status),
    ("POST", "/customers/{number}/read", _read),
    ("POST", "/customers/{number}/deliver", _deliver),
    ("POST", "/customers/{number}/type", _type),
    ("POST", "/customers/{number}/edit", _edit),
    ("POST", "/customers/{number}/revoke", _revoke),
    ("POST", "/customers/{number}/react", _react),
    ("GET", "/customers/{number}/received", _received),
    ("POST", "/burst", _burst),
    ("POST", "/messages/{id}/decrypt", _decrypt),
    ("GET", "/faults", _faults),
    ("POST", "/faults", _add_fault),
    ("DELETE", "/faults", _clear_faults),
    ("POST", "/advance", _advance),
)
