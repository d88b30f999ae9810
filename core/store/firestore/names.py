"""Resource names: how Firestore calls a database, and the documents in it."""

from typing import Final
from urllib.parse import quote


class Names:
    """The names in one database (https://cloud.google.com/firestore/docs/reference/rpc)."""

    def __init__(self, project: str, database: str = "(default)") -> None:
        self.database: Final = f"projects/{project}/databases/{database}"
        self.root: Final = f"{self.database}/documents"
        self.metadata: Final = (
            ("google-cloud-resource-prefix", self.database),
            (
                "x-goog-request-params",
                f"project_id={quote(project, safe='')}&database_id={quote(database, safe='')}",
            ),
        )
        """What every call carries, so that it finds its way to the database."""
        self._skip = len(self.root) + 1

    def document(self, path: str) -> str:
        """Return the name of the document at a path."""
        return f"{self.root}/{path}"

    def path(self, name: str) -> str:
        """Return the path of the document with a name."""
        return name[self._skip :]

    def parent(self, collection: str) -> tuple[str, str]:
        """Return the name of what holds a collection, and the collection's id."""
        above, _, group = collection.rpartition("/")
        return (f"{self.root}/{above}" if above else self.root), group
