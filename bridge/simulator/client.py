"""The simulator's HTTP interface as verbs, for the demo and the tests."""

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import aiohttp

from bridge.errors import SimulatorError


class SimulatorClient:
    """Talks to one running simulator; use as an async context manager."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._http is not None:
            await self._http.close()

    async def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Make one request and return the JSON answer. Raises SimulatorError when refused."""
        assert self._http is not None, "use `async with`"
        try:
            async with self._http.request(method, self.url + path, json=body or {}) as response:
                answer = await response.json()
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise SimulatorError(f"The simulator does not answer: {error}") from error
        if response.status != 200:
            raise SimulatorError(answer.get("error", "refused"), hint=answer.get("hint", ""))
        return answer

    async def _id(self, path: str, body: Mapping[str, Any]) -> str:
        return str((await self.request("POST", path, body))["id"])

    async def _ids(self, path: str, body: Mapping[str, Any]) -> list[str]:
        return [str(one) for one in (await self.request("POST", path, body))["ids"]]

    async def set(self, **settings: float) -> Mapping[str, float]:
        """Change settings and return all of them."""
        return dict(await self.request("POST", "/settings", settings))

    # -- who there is ----------------------------------------------------------------------------

    async def business_phone(self, number: str, **changes: Any) -> Mapping[str, Any]:
        """Make or change a business phone."""
        return dict(await self.request("POST", f"/phones/{number}", changes))

    async def customer(self, number: str, **changes: Any) -> Mapping[str, Any]:
        """Make or change a customer's phone."""
        return dict(await self.request("POST", f"/customers/{number}", changes))

    async def contact(self, phone: str, customer: str, name: str) -> None:
        """Write a name into a business phone's address book."""
        await self.request("POST", f"/phones/{phone}/contacts/{customer}", {"name": name})

    async def group(self, subject: str, members: Sequence[str]) -> str:
        """Make a group and return its JID."""
        answer = await self.request(
            "POST", "/groups", {"subject": subject, "members": list(members)}
        )
        return str(answer["jid"])

    async def has_past(self, phone: str, messages: Iterable[Mapping[str, Any]]) -> list[str]:
        """Put messages into a phone's past; returns their ids."""
        return await self._ids(f"/phones/{phone}/past", {"messages": list(messages)})

    # -- pairing ---------------------------------------------------------------------------------

    async def scans_qr(self, phone: str, payload: str) -> None:
        """Show a QR payload to a phone's camera."""
        await self.request("POST", f"/phones/{phone}/scan", {"payload": payload})

    async def enters_code(self, phone: str, code: str) -> None:
        """Type a pairing code into a phone."""
        await self.request("POST", f"/phones/{phone}/enter-code", {"code": code})

    async def unlinks(self, phone: str) -> int:
        """Unlink every device on the phone; returns how many."""
        return int((await self.request("POST", f"/phones/{phone}/unlink"))["unlinked"])

    async def devices(self) -> list[dict[str, Any]]:
        """Return the linked and the pairing devices."""
        return list(await self.request("GET", "/devices"))

    # -- customers -------------------------------------------------------------------------------

    async def customer_writes(
        self,
        number: str,
        text: str = "",
        *,
        to: str = "",
        group: str = "",
        content: Mapping[str, Any] | None = None,
        quoted: str = "",
        undecryptable: bool = False,
    ) -> str:
        """A customer writes to a business (account or number) or group; returns the id."""
        body: dict[str, Any] = {"to": to, "group": group, "quoted": quoted}
        body["content"] = content or {"kind": "text", "text": text}
        return await self._id(f"/customers/{number}/write", body | {"undecryptable": undecryptable})

    async def burst(
        self, *, to: str, customers: int, messages: int, text: str = "Mesajul {n}"
    ) -> list[str]:
        """Many customers write at once; returns the ids."""
        return await self._ids(
            "/burst", {"to": to, "customers": customers, "messages": messages, "text": text}
        )

    async def customer_reads(self, number: str, *ids: str, to: str = "") -> list[str]:
        """A customer reads messages, by default all; returns their ids."""
        return await self._ids(f"/customers/{number}/read", {"ids": ids, "to": to})

    async def customer_comes_online(self, number: str, *, to: str = "") -> list[str]:
        """A customer's phone gets what waited for it; returns the ids."""
        return await self._ids(f"/customers/{number}/deliver", {"to": to})

    async def customer_types(self, number: str, *, to: str = "") -> None:
        """A customer types."""
        await self.request("POST", f"/customers/{number}/type", {"to": to})

    async def customer_edits(self, number: str, message_id: str, text: str) -> None:
        """A customer writes one of its messages anew."""
        await self.request("POST", f"/customers/{number}/edit", {"id": message_id, "text": text})

    async def customer_revokes(self, number: str, message_id: str) -> None:
        """A customer deletes one of its messages for everyone."""
        await self.request("POST", f"/customers/{number}/revoke", {"id": message_id})

    async def customer_reacts(self, number: str, message_id: str, emoji: str) -> None:
        """A customer reacts; an empty emoji takes it back."""
        await self.request("POST", f"/customers/{number}/react", {"id": message_id, "emoji": emoji})

    async def customer_posts_status(self, number: str, text: str) -> str:
        """A customer posts a status story; returns its id."""
        return await self._id(f"/customers/{number}/status", {"text": text})

    async def decrypts(self, message_id: str) -> None:
        """The keys of an undecryptable message arrive."""
        await self.request("POST", f"/messages/{message_id}/decrypt")

    async def delivered_to(self, number: str) -> list[dict[str, Any]]:
        """Return every arrival at a customer's phone, doubles included, in order."""
        return list(await self.request("GET", f"/customers/{number}/received"))

    # -- the business's own phone ----------------------------------------------------------------

    async def owner_writes(self, phone: str, to: str, text: str) -> str:
        """The owner writes on the phone itself; returns the id."""
        return await self._id(f"/phones/{phone}/write", {"to": to, "text": text})

    async def owner_reads(self, phone: str, chat: str) -> list[str]:
        """The owner reads a chat on the phone itself; returns the ids."""
        return await self._ids(f"/phones/{phone}/read", {"chat": chat})

    async def messages_of(self, phone: str, chat: str = "") -> list[dict[str, Any]]:
        """Return what a business phone itself holds."""
        return list(await self.request("GET", f"/phones/{phone}/messages?chat={chat}"))

    # -- faults and time -------------------------------------------------------------------------

    async def fault(
        self, kind: str, account: str = "", *, count: int | None = 1, seconds: float = 0.0
    ) -> None:
        """Ask for a fault, `count` times or until cleared."""
        body = {"kind": kind, "account": account, "count": count, "seconds": seconds}
        await self.request("POST", "/faults", body)

    async def clear_faults(self, account: str = "", kind: str = "") -> int:
        """Forget waiting faults; returns how many."""
        body = {"account": account, "kind": kind}
        return int((await self.request("DELETE", "/faults", body))["cleared"])

    async def advance(self, seconds: float) -> int:
        """Move the personas' time on; returns how many things they did."""
        return int((await self.request("POST", "/advance", {"seconds": seconds}))["done"])
