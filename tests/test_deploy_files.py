"""What docs/deploy.md, the Dockerfile and the units say holds for the program as it is."""

import asyncio
import configparser
import re
import tomllib
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path

import msgspec
import pytest

from bridge.cli import _parser
from bridge.server.address import metrics_address, team_address
from bridge.server.probe import answers
from core.paths import DataFolder
from core.service.bridge import checked_url
from core.settings import Settings
from tests.support.processes import start_bridge
from tests.support.waiting import until_found

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
UNITS = ["capcoada-bridge.service", "capcoada-bridge-system.service"]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions with their words, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def test_the_image_holds_what_it_needs_and_no_secret() -> None:
    parts = instructions()
    copied = [
        words.split()[:-1] for name, words in parts if name == "COPY" and "--from" not in words
    ]
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert "*" in ignored
    for source in (source for sources in copied for source in sources):
        assert (ROOT / source).exists()
        assert source in let_in
    assert all(not fnmatch(name, "*key*") and "settings" not in name for name in let_in)
    (user,) = [words for name, words in parts if name == "USER"]
    assert user != "root"
    assert any("--require-hashes -r requirements.lock" in words for _name, words in parts)
    (environment,) = [words for name, words in parts if name == "ENV"]
    assert not re.search(r"key|token|password|secret", environment, re.IGNORECASE)
    froms = [words for name, words in parts if name == "FROM"]
    assert all(words.startswith("python:3.11-slim") for words in froms)
    assert ("VOLUME", "/data") in parts
    (health,) = [words for name, words in parts if name == "HEALTHCHECK"]
    (module,) = re.findall(r'"-m", "([\w.]+)"', health)
    assert find_spec(module)


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_a_bridge_and_leaves_it_time_to_stop(name: str) -> None:
    unit = configparser.RawConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string((DOCS / name).read_text())
    service = unit["Service"]
    _program, *arguments = service["ExecStart"].split()
    assert _parser().parse_args(arguments).command == "bridge"
    assert int(service["TimeoutStopSec"]) > 20
    assert service["RestartPreventExitStatus"].split() == ["2", "3", "5"]
    assert service["UMask"] == "0077"
    assert service["NoNewPrivileges"] in ("yes", "true")


def test_the_machines_unit_is_shut_off_from_the_rest() -> None:
    text = (DOCS / "capcoada-bridge-system.service").read_text()
    for line in (
        "User=capcoada",
        "StateDirectory=capcoada",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateDevices=yes",
        "CapabilityBoundingSet=",
        "SystemCallFilter=@system-service",
    ):
        assert f"\n{line}\n" in text


def test_the_settings_that_are_shown_are_taken() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", (DOCS / "deploy.md").read_text(), re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        settings = msgspec.convert(tomllib.loads(block), Settings)
        checked_url(settings.cloud.bridge_url)
        if settings.bridge.listen:
            assert team_address(settings) is not None
            assert metrics_address(settings) is not None


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_pages_that_are_linked_exist(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


async def test_the_probe_of_a_container(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    assert not answers(folder)
    bridge = start_bridge(folder, "http://127.0.0.1:9")
    try:

        async def look() -> bool:
            return await asyncio.to_thread(answers, folder)

        await until_found(look, "the bridge answers")
    finally:
        await asyncio.to_thread(bridge.end)
    assert not answers(folder)
