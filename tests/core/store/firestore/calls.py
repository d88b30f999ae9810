"""What the tests of calls share: one of each kind, and tokens under control."""

from collections.abc import Awaitable, Callable
from typing import Any

from core.errors import CapcoadaError
from core.store.port import Query, Set, Store, Transaction
from tests.support.firestore_server import FirestoreServer
from tests.support.waiting import until

Do = Callable[[Store], Awaitable[Any]]


async def add(store: Store) -> int:
    """Read, add one, write."""

    async def body(transaction: Transaction) -> int:
        found = await transaction.get("counters/one")
        value: int = 1 + (found.data["n"] if found else 0)
        transaction.write(Set("counters/one", {"n": value}))
        return value

    return await store.transact(body)


async def called(server: FirestoreServer, method: str, times: int = 1) -> None:
    """Wait until the server has been asked so often."""
    await until(lambda: server.calls.count(method) >= times, f"{method} is called")


CALLS: dict[str, Do] = {
    "get": lambda store: store.get("things/one"),
    "get_all": lambda store: store.get_all(["things/one", "things/two"]),
    "query": lambda store: store.query(Query("things")),
    "aggregate": lambda store: store.aggregate(Query("things"), sums=["n"]),
    "commit": lambda store: store.commit([Set("things/one", {})]),
    "transact": add,
}
METHODS = {"get": "BatchGetDocuments", "get_all": "BatchGetDocuments", "query": "RunQuery"}


class Tokens:
    """A credential under the test's control."""

    def __init__(self, *tokens: str | CapcoadaError) -> None:
        self.tokens = list(tokens)
        self.refused: list[str] = []

    async def token(self, *, refused: str = "") -> str:
        self.refused.append(refused)
        token = self.tokens.pop(0) if len(self.tokens) > 1 else self.tokens[0]
        if isinstance(token, CapcoadaError):
            raise token
        return token
