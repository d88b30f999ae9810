"""Answers of the bridge about events and clients: the real handlers with the built-in rules."""

from collections.abc import Awaitable, Callable
from typing import Any

from bridge.crm.ask_callable import ask_about_client
from bridge.crm.extract_callable import extract_event
from core.clock import Clock
from core.service.callables import AskAnswer, AskRequest, ExtractAnswer, ExtractRequest
from core.settings import Settings
from core.store.port import Store

Answers = dict[type[Any], Callable[[Any], Awaitable[Any]]]
"""What answers a request, by its type."""


def answers_by_rules(store: Store, settings: Settings, clock: Clock) -> Answers:
    """Return what reads conversations and answers questions, in process and without a model."""

    async def extract(request: ExtractRequest) -> ExtractAnswer:
        return await extract_event(store, settings, clock, settings.operator.uid, request)

    async def ask(request: AskRequest) -> AskAnswer:
        return await ask_about_client(store, settings, clock, request)

    return {ExtractRequest: extract, AskRequest: ask}
