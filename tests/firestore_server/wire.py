"""A bare Listen stream, to see each answer of the server as it comes."""

import asyncio
from types import TracebackType
from typing import Any, Self

import grpc
from google.cloud.firestore_v1 import types

DATABASE = "projects/demo-capcoada/databases/(default)"
ROOT = f"{DATABASE}/documents"
Kind = types.TargetChange.TargetChangeType
PATIENCE_SECONDS = 30


def told(response: Any) -> str:
    """Return what a response says, in a few words."""
    match response.WhichOneof("response_type"):
        case "target_change":
            change = response.target_change
            cause = f" {change.cause.code}" if change.cause.code else ""
            ids = "".join(f" {one}" for one in change.target_ids)
            return f"{Kind(change.target_change_type).name}{ids}{cause}"
        case "document_change":
            change = response.document_change
            ids = "".join(f" +{one}" for one in change.target_ids)
            ids += "".join(f" -{one}" for one in change.removed_target_ids)
            return f"change {change.document.name.rpartition('/')[2]}{ids}"
        case "document_delete" | "document_remove" as kind:
            change = getattr(response, kind)
            ids = "".join(f" -{one}" for one in change.removed_target_ids)
            return f"{kind[9:]} {change.document.rpartition('/')[2]}{ids}"
    return f"filter {response.filter.target_id} {response.filter.count}"


class Listening:
    """A stream and what was heard on it."""

    def __init__(self, channel: grpc.aio.Channel, token: str = "owner") -> None:
        call: Any = channel.stream_stream(
            "/google.firestore.v1.Firestore/Listen",
            request_serializer=types.ListenRequest.serialize,
            response_deserializer=types.ListenResponse.pb().FromString,
        )
        self._stream: Any = call(metadata=(("authorization", f"Bearer {token}"),))
        self.token = b""
        """The latest resume token."""

    async def add(self, target_id: int, target: Any, *, resume: bytes = b"", **more: Any) -> None:
        """Add a query, or the documents at paths."""
        chosen = types.Target(target_id=target_id, **more)
        if isinstance(target, list):
            names = [f"{ROOT}/{path}" for path in target]
            chosen.documents = types.Target.DocumentsTarget(documents=names)
        else:
            query = target if hasattr(target, "_parent") else target._query()
            parent, _prefix = query._parent._parent_info()
            chosen.query = types.Target.QueryTarget(
                parent=parent, structured_query=query._to_protobuf()
            )
        if resume:
            chosen.resume_token = resume
        await self._stream.write(types.ListenRequest(database=DATABASE, add_target=chosen))

    async def remove(self, target_id: int) -> None:
        await self._stream.write(types.ListenRequest(database=DATABASE, remove_target=target_id))

    async def hear(self) -> Any:
        """Return the next response; grpc.aio.EOF at a clean end."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            response = await self._stream.read()
        if response is not grpc.aio.EOF and response.target_change.resume_token:
            self.token = response.target_change.resume_token
        return response

    async def until_still(self) -> list[str]:
        """Return what is said up to the word that this is all."""
        heard: list[str] = []
        while not heard or heard[-1] != "NO_CHANGE":
            heard.append(told(await self.hear()))
        return heard

    async def ended(self) -> grpc.StatusCode:
        """Return the status with which the stream ends, whatever comes before."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            try:
                while await self._stream.read() is not grpc.aio.EOF:
                    pass
            except grpc.aio.AioRpcError as error:
                return error.code()
            code: grpc.StatusCode = await self._stream.code()
            return code

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.cancel()
