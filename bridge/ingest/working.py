"""The documents that one transaction works on, and the writes that they come to."""

from collections.abc import Iterable, Iterator, Sequence

from bridge.ingest.messages import Doc
from core.model.ids import THREADS
from core.store.port import (
    DELETE_FIELD,
    SERVER_TIMESTAMP,
    Create,
    Document,
    Reader,
    Update,
    Write,
    field_path,
)


class Working:
    """Documents as they were read and as they are to be."""

    def __init__(self) -> None:
        self._before: dict[str, Doc | None] = {}
        self._now: dict[str, Doc] = {}

    async def load(self, reader: Reader, paths: Sequence[str]) -> None:
        """Read documents that were not read before."""
        wanted = [path for path in dict.fromkeys(paths) if path not in self._before]
        if not wanted:
            return
        for path, document in zip(wanted, await reader.get_all(wanted), strict=True):
            self._before[path] = None if document is None else dict(document.data)

    def note(self, documents: Iterable[Document]) -> None:
        """Take in documents that were read otherwise."""
        for document in documents:
            self._before.setdefault(document.path, dict(document.data))

    def assume_new(self, path: str) -> None:
        """Take it that there is no document yet; the commit fails if there is."""
        self._before.setdefault(path, None)

    def get(self, path: str) -> Doc | None:
        """Return a document as it now is; it must have been loaded."""
        return self._now.get(path) or self._before[path]

    def put(self, path: str, doc: Doc) -> None:
        """Have a document be so."""
        if doc != self.get(path):
            self._now[path] = doc

    def changed(self) -> Iterator[tuple[str, Doc]]:
        """Yield paths and documents that differ from what was read."""
        for path, doc in self._now.items():
            if doc != self._before[path]:
                yield path, doc

    def is_new(self, path: str) -> bool:
        """Whether the document did not exist when it was read."""
        return self._before[path] is None

    def is_created(self, path: str) -> bool:
        """Whether the document did not exist when it was read, and is to exist."""
        return self._before[path] is None and path in self._now

    def writes(self) -> list[Write]:
        """Return one write for each changed document, with only the fields that differ."""
        return [self._write(path, doc) for path, doc in self.changed()]

    def _write(self, path: str, doc: Doc) -> Write:
        before = self._before[path]
        is_thread = path.startswith(f"{THREADS}/") and path.count("/") == 1
        if before is None:
            return Create(path, {**doc, "updatedAt": SERVER_TIMESTAMP} if is_thread else doc)
        fields = {
            field_path(name): value
            for name, value in doc.items()
            if name not in before or before[name] != value
        }
        fields |= {field_path(name): DELETE_FIELD for name in before if name not in doc}
        if is_thread:
            fields["updatedAt"] = SERVER_TIMESTAMP
        return Update(path, fields)
