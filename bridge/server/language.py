"""Answers are worded in the language that the request asks for, else in the bridge's own."""

import re
from typing import Final

from aiohttp import web

from bridge.server.tcp import Handler
from core.i18n import LANGUAGES, speaking

_RANGE: Final = re.compile(
    r"\s*([a-z]+)(?:-[a-z0-9-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?", re.IGNORECASE
)


@web.middleware
async def in_its_language(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a request in the language of its `Accept-Language`."""
    with speaking(wanted_language(request.headers.get("Accept-Language", ""))):
        return await handler(request)


def wanted_language(accepted: str) -> str:
    """Return the language that an `Accept-Language` prefers of those there are; "" for none.

    https://www.rfc-editor.org/rfc/rfc9110#section-12.5.4
    """
    best, most = "", 0.0
    for one in accepted.split(","):
        found = _RANGE.fullmatch(one)
        if found is None or (language := found[1].lower()) not in LANGUAGES:
            continue
        if (weight := float(found[2] or 1)) > most:
            best, most = language, weight
    return best
