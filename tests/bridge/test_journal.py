"""The journal keeps what it acknowledged, whatever happens to the process."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridge.errors import JournalDamaged, JournalError
from bridge.journal import Journal
from core.failpoints import VARIABLE

NOW = datetime(2026, 3, 14, 15, 9, 26, 535897, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "account" / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    journal = Journal.open(path)
    yield journal
    journal.close()


def fill(journal: Journal, count: int, payload: bytes = b"x") -> list[int]:
    return [journal.append(17, payload, NOW) for _ in range(count)]


def test_an_entry_comes_back_as_it_was(journal: Journal) -> None:
    seq = journal.append(13, b"\x00\xff payload", NOW)
    (entry,) = journal.read(10)
    assert (entry.seq, entry.code, entry.payload, entry.received_at) == (
        seq,
        13,
        b"\x00\xff payload",
        NOW,
    )
    assert journal.get(seq) == entry
    assert journal.get(seq + 1) is None


def test_entries_are_read_in_order_until_they_are_done(journal: Journal) -> None:
    seqs = fill(journal, 5)
    assert [entry.seq for entry in journal.read(3)] == seqs[:3]
    assert journal.backlog() == 5
    journal.mark_done(seqs[1])
    assert [entry.seq for entry in journal.read(10)] == seqs[2:]
    assert journal.backlog() == 3


def test_done_never_goes_back(journal: Journal) -> None:
    seqs = fill(journal, 3)
    journal.mark_done(seqs[2])
    journal.mark_done(seqs[0])
    assert journal.read(10) == []
    assert journal.done_seq() == seqs[2]


def test_reading_is_bounded_by_bytes_but_yields_one_at_least(journal: Journal) -> None:
    fill(journal, 3, bytes(1000))
    assert len(journal.read(10, most_bytes=1500)) == 2
    assert len(journal.read(10, most_bytes=1)) == 1


def test_another_process_sees_and_finishes_entries(journal: Journal, path: Path) -> None:
    seqs = fill(journal, 2)
    script = (
        "import sys; from pathlib import Path; from bridge.journal import Journal\n"
        "j = Journal.open(Path(sys.argv[1])); e = j.read(10); j.mark_done(e[0].seq); j.close()\n"
        "print([x.seq for x in e])"
    )
    seen = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, check=True, text=True
    )
    assert seen.stdout.strip() == str(seqs)
    assert journal.backlog() == 1


def test_the_file_is_for_its_owner_alone(journal: Journal, path: Path) -> None:
    fill(journal, 1)
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_entries_outlive_closing_and_opening(path: Path) -> None:
    first = Journal.open(path)
    seqs = fill(first, 2)
    first.mark_done(seqs[0])
    first.close()
    second = Journal.open(path)
    assert [entry.seq for entry in second.read(10)] == seqs[1:]
    assert fill(second, 1) == [seqs[1] + 1]
    second.close()


def test_threads_append_at_once(journal: Journal) -> None:
    def work(number: int) -> None:
        for count in range(25):
            journal.append(number, str(count).encode(), NOW)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = journal.read(1000)
    assert len({entry.seq for entry in entries}) == 100
    for number in range(4):
        mine = [int(entry.payload) for entry in entries if entry.code == number]
        assert mine == list(range(25))


def test_what_was_acknowledged_survives_a_kill(path: Path) -> None:
    script = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from bridge.journal import Journal\n"
        "j = Journal.open(Path(sys.argv[1]))\n"
        "while True:\n"
        "    print(j.append(17, b'p' * 3000, datetime.now(UTC)), flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        acknowledged = [int(child.stdout.readline()) for _ in range(50)]
        os.kill(child.pid, signal.SIGKILL)
        acknowledged += [int(line) for line in child.stdout if line.endswith("\n")]
    journal = Journal.open(path)
    assert [entry.seq for entry in journal.read(10**6)][: len(acknowledged)] == acknowledged
    journal.close()


def test_compaction_keeps_the_newest_done_and_all_that_is_not_done(journal: Journal) -> None:
    seqs = fill(journal, 10)
    journal.mark_done(seqs[6])
    assert journal.compact(2) == 5
    assert [seq for seq in seqs if journal.get(seq)] == seqs[5:]
    assert [entry.seq for entry in journal.read(10)] == seqs[7:]
    assert journal.compact(2) == 0


def test_compaction_is_bounded_by_bytes_too(journal: Journal) -> None:
    seqs = fill(journal, 4, bytes(1000))
    journal.mark_done(seqs[3])
    assert journal.compact(100, keep_bytes=2500) == 2
    assert [seq for seq in seqs if journal.get(seq)] == seqs[2:]


def test_what_was_set_aside_stays(journal: Journal) -> None:
    seqs = fill(journal, 3)
    journal.set_aside(seqs[0], "cannot be understood")
    journal.mark_done(seqs[2])
    assert journal.compact(0) == 2
    assert journal.get(seqs[0]) is not None
    assert journal.asides() == 1
    assert journal.backlog() == 0


def test_seqs_are_never_used_twice(journal: Journal) -> None:
    seqs = fill(journal, 3)
    journal.mark_done(seqs[2])
    journal.compact(0)
    assert fill(journal, 1) == [seqs[2] + 1]
    assert journal.last_seq() == seqs[2] + 1


def test_the_file_does_not_grow_with_what_went_through_it(journal: Journal, path: Path) -> None:
    def turn() -> int:
        for seq in fill(journal, 20, bytes(100_000)):
            journal.mark_done(seq)
        journal.compact(5)
        return sum(file.stat().st_size for file in path.parent.iterdir())

    first = turn()
    assert max(turn() for _ in range(8)) < first * 2


def test_a_large_history_gives_its_room_back(journal: Journal, path: Path) -> None:
    for seq in fill(journal, 4, bytes(10_000_000)):
        journal.mark_done(seq)
    assert path.stat().st_size > 35_000_000
    for _ in range(3):
        journal.compact(0)
    fill(journal, 1)
    journal.close()
    assert path.stat().st_size < 6_000_000


def test_a_history_blob_goes_through(journal: Journal) -> None:
    blob = os.urandom(1 << 16) * 400
    seq = journal.append(13, blob, NOW)
    entry = journal.get(seq)
    assert entry is not None
    assert entry.payload == blob


@pytest.mark.parametrize("rubbish", [b"not a database, for sure" * 400, None])
def test_a_damaged_file_is_kept_aside_and_named(path: Path, rubbish: bytes | None) -> None:
    journal = Journal.open(path)
    fill(journal, 200, bytes(500))
    journal.close()
    sound = path.read_bytes()
    path.write_bytes(rubbish or sound[:8192] + os.urandom(len(sound) - 8192))
    with pytest.raises(JournalDamaged) as caught:
        Journal.open(path)
    kept = [file for file in path.parent.iterdir() if ".damaged-" in file.name]
    assert len(kept) == 1
    assert kept[0].name in caught.value.hint
    fresh = Journal.open(path)
    assert fill(fresh, 1) == [1]
    fresh.close()


def test_a_journal_that_was_replaced_is_noticed(journal: Journal, path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    with pytest.raises(JournalError):
        journal.append(17, b"", NOW)
    path.with_name("journal.db-wal").rename(path.with_name("elsewhere-wal"))
    Journal.open(path).close()
    with pytest.raises(JournalError, match="replaced"):
        journal.read(1)


def test_a_log_whose_journal_was_moved_away_is_not_destroyed(path: Path) -> None:
    elsewhere = path.with_name("elsewhere.db")
    with closing(Journal.open(path)) as journal:
        fill(journal, 3)
        path.rename(elsewhere)
        with pytest.raises(JournalError, match="its log is there"):
            Journal.open(path)
        elsewhere.rename(path)
        with closing(Journal.open(path)) as other:
            assert [entry.seq for entry in other.read(10)] == [1, 2, 3]


def test_a_newer_journal_is_left_alone(path: Path) -> None:
    Journal.open(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(JournalError, match="newer"):
        Journal.open(path)
    assert path.exists()


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot be used"):
        Journal.open(tmp_path / "file" / "journal.db")


def test_a_closed_journal_says_so(path: Path) -> None:
    journal = Journal.open(path)
    journal.close()
    journal.close()
    with pytest.raises(JournalError):
        journal.append(17, b"", NOW)


def test_two_processes_make_one_journal_at_once(path: Path) -> None:
    script = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from bridge.journal import Journal\n"
        "sys.stdin.readline(); j = Journal.open(Path(sys.argv[1]))\n"
        "j.append(17, b'', datetime.now(UTC)); j.close()\n"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE)
        for _ in range(4)
    ]
    for child in children:
        child.communicate(b"\n")
    assert [child.returncode for child in children] == [0, 0, 0, 0]
    journal = Journal.open(path)
    assert journal.backlog() == 4
    journal.close()


def test_a_compaction_that_is_cut_short_loses_nothing_that_is_not_done(path: Path) -> None:
    journal = Journal.open(path)
    fill(journal, 450)
    journal.mark_done(420)
    journal.close()
    code = (
        "import sys; from pathlib import Path; from bridge.journal import Journal\n"
        "Journal.open(Path(sys.argv[1])).compact(0)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        env=os.environ | {VARIABLE: "journal.compact:3:kill"},
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL
    journal = Journal.open(path)
    try:
        assert [entry.seq for entry in journal.read(1000)] == list(range(421, 451))
        assert journal.compact(0) == 20
    finally:
        journal.close()
