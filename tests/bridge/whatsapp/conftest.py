"""A worker process on the stand-in for the WhatsApp library."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.whatsapp.protocol import (
    PROTOCOL_VERSION,
    Connect,
    Ready,
)
from tests.support.worker_under_test import WorkerUnderTest, worker


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "accounts" / "shop"


@pytest.fixture
def quiet_seconds() -> str:
    """How long a clean stop waits for late events; most tests have none."""
    return "0.1"


@pytest.fixture
def running(folder: Path, quiet_seconds: str) -> Iterator[WorkerUnderTest]:
    folder.parent.mkdir()
    with worker(folder, environment={"QUIET_SECONDS": quiet_seconds}) as it:
        assert it.expect(Ready) == Ready(protocol=PROTOCOL_VERSION, has_session=False)
        it.give(Connect())
        yield it
