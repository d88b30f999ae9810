"""The cloud engine beside Google's Node client, in turn on one server; left out without Node."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.data import thread_data, thread_id_of
from benchmarks.firestore import opened, served
from benchmarks.pty_clock import ROOT
from benchmarks.table import Figure, Table
from core.store.firestore.endpoint import EMULATOR_VARIABLE
from core.store.port import Set

_PACKAGE = "@google-cloud/firestore"
_VERSION = "8.7.1"
"""The newest that runs on Node 18 and 20, which long-term distributions have."""
_FOLDER = ROOT / "build" / "node-peer"
_PROGRAM = ROOT / "benchmarks" / "programs" / "node_peer.mjs"
_NO_METADATA = {"METADATA_SERVER_DETECTION": "none"}
"""Keeps Google's client from looking for a machine of Google's while it is measured."""
_DOCUMENTS = 400
_COMMITS = 10
_CHANGES = 80
_WATCHED = (4, 80)
_INSTALL_SECONDS = 180
_TURN_SECONDS = 120


def install() -> str:
    """Install the Node client unless it is there; return why that cannot be, or nothing."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "node and npm are not on this machine"
    manifest = _FOLDER / "node_modules" / _PACKAGE / "package.json"
    if manifest.exists() and json.loads(manifest.read_bytes())["version"] == _VERSION:
        return ""
    options = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--engine-strict"]
    options += ["--fetch-retries=0", "--prefix", str(_FOLDER)]
    command = [npm, "install", *options, f"{_PACKAGE}@{_VERSION}"]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_INSTALL_SECONDS)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return f"npm could not install {_PACKAGE} {_VERSION}"
    return ""


def take_turn(program: list[str], address: str, turn: int) -> dict[str, Any]:
    """Run one client's process and return what it measured."""
    numbers = map(str, (turn, _COMMITS, _CHANGES, *_WATCHED))
    printed = subprocess.run(
        [*program, *numbers],
        cwd=ROOT,
        env={**os.environ, EMULATOR_VARIABLE: address, **_NO_METADATA},
        stdout=subprocess.PIPE,
        timeout=_TURN_SECONDS,
        check=True,
    ).stdout
    measured: dict[str, Any] = json.loads(printed)
    return measured


async def run(scratch: Path, table: Table, rounds: int) -> None:
    """Measure both clients in turn, or note why there is nothing to measure against."""
    if missing := install():
        table.notes.append(f"Google's Node client was not measured: {missing}.")
        return
    own = [sys.executable, "-m", "benchmarks.programs.own_client"]
    node = ["node", str(_PROGRAM), str(_FOLDER)]
    ours: list[dict[str, Any]] = []
    theirs: list[dict[str, Any]] = []
    with served(scratch) as address:
        async with opened(address) as store:
            await store.commit(
                [Set(f"threads/{thread_id_of(one)}", thread_data(one)) for one in range(_DOCUMENTS)]
            )
        for number in range(max(5, rounds // 2)):
            turns = [(own, ours), (node, theirs)]
            if number % 2:  # The store has grown by a turn when the second comes.
                turns.reverse()
            for place, (program, taken) in enumerate(turns):
                taken.append(take_turn(program, address, 2 * number + place))
    _tell(table, ours, theirs)


def _tell(table: Table, ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> None:
    """Add the rows: documents a second, and the latency of each number of documents."""
    _compare(
        table,
        f"Firestore: documents a second in commits of {_DOCUMENTS}, against Node's",
        Figure("ours", tuple(one["rate"] for one in ours), "documents/s"),
        Figure("Node", tuple(one["rate"] for one in theirs), "documents/s"),
        at_least=True,
    )
    for place, count in enumerate(_WATCHED):
        _compare(
            table,
            f"Firestore: commit to callback, {count} matching documents, p50, against Node's",
            Figure("ours", tuple(median(one["latency"][place]) for one in ours)),
            Figure("Node", tuple(median(one["latency"][place]) for one in theirs)),
        )


def _compare(
    table: Table, measure: str, ours: Figure, theirs: Figure, *, at_least: bool = False
) -> None:
    """Add a row whose ratio is the rounds' middle one: turns side by side bear the same load."""
    ratio = median(own / node for own, node in zip(ours.values, theirs.values, strict=True))
    floor = f"{_PACKAGE} {_VERSION}: {theirs}"
    table.add(measure, ratio, 1, floor=floor, figures=str(ours), at_least=at_least)
