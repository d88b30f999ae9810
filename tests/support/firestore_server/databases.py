"""The databases that a server serves, each with the calls that its store answers."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.firestore_server.calls import Calls
from tests.support.firestore_server.documents import Documents
from tests.support.firestore_server.engine import Engine
from tests.support.firestore_server.listing import Listing
from tests.support.firestore_server.messages import Pb
from tests.support.firestore_server.transactions import Transactions
from tests.support.firestore_server.values import root_of

_NAMED_BY: Final = ("database", "parent", "name")


@dataclass(frozen=True, slots=True)
class Database:
    """One database: its store, and the calls on it."""

    engine: Engine
    transactions: Transactions
    documents: Documents
    listing: Listing


class Databases:
    """In a file, one for whatever project a client names; in a folder, one file for each."""

    def __init__(self, place: Path, open_engine: Callable[[Path], Engine], calls: Calls) -> None:
        self._place = place
        self._open_engine = open_engine
        self._calls = calls
        self._open: dict[Path, Database] = {}
        if not place.is_dir():
            self._at(place)

    def of(self, name: str) -> Database:
        """Return the database that a resource name is in. Raises Refusal, StoreError."""
        _projects, project, _databases, database, _documents = root_of(name).split("/")
        if self._place.is_dir():
            return self._at(self._place / f"{project}.{database.strip('()')}.db")
        return self._at(self._place)

    def asked(self, request: Pb) -> Database:
        """Return the database that a request is about. Raises Refusal, StoreError."""
        fields = request.DESCRIPTOR.fields_by_name
        named = next(field for field in _NAMED_BY if field in fields)
        return self.of(getattr(request, named))

    def _at(self, path: Path) -> Database:
        found = self._open.get(path)
        if found is None:
            engine = self._open_engine(path)
            transactions = Transactions(engine)
            found = self._open[path] = Database(
                engine,
                transactions,
                Documents(engine, transactions, self._calls),
                Listing(engine, transactions, self._calls),
            )
        return found

    async def close(self) -> None:
        """End all transactions and release the stores."""
        for one in self._open.values():
            one.transactions.close()
            await one.engine.close()
        self._open.clear()
