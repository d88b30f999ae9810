"""HTTP to a team's bridge at its URL, over TLS or to this machine itself."""

import asyncio
from typing import TYPE_CHECKING, Any

from core.service.local_http import HttpFailed, HttpRequest

if TYPE_CHECKING:
    import httpx


class TeamHttp:
    """One connection pool."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._made: httpx.AsyncClient | None = None

    async def ask(self, request: HttpRequest) -> bytes:
        """Send a request and return the body of its answer. Raises HttpFailed."""
        httpx, client = await self._client()
        try:
            answer = await client.request(
                request.method,
                request.target,
                content=request.body,
                headers=request.headers,
                timeout=None,  # whoever asks has one for the whole
            )
        except httpx.HTTPError as error:
            raise HttpFailed(str(error)) from error
        return answer.content

    async def close(self) -> None:
        """Close the connections."""
        made, self._made = self._made, None
        if made is not None:
            await made.aclose()

    async def _client(self) -> "tuple[Any, httpx.AsyncClient]":
        """Import httpx off the loop when first needed, so that no frame waits for it."""
        is_loaded = self._made is not None
        httpx = _import_httpx() if is_loaded else await asyncio.to_thread(_import_httpx)
        if self._made is None:
            self._made = httpx.AsyncClient(
                base_url=self._url,
                trust_env=self._url.startswith("https:"),  # a company's proxy leads out
                follow_redirects=False,
            )
        return httpx, self._made


def _import_httpx() -> Any:
    import httpx  # noqa: PLC0415 - the console paints before it needs this

    return httpx
