"""What is said of other servers is said of tests that there are."""

import re
from pathlib import Path

from tests.contract.shortcomings import every_test


def test_every_test_that_is_named_exists() -> None:
    files = Path(__file__).parent.glob("test_*.py")
    there = {name for file in files for name in re.findall(r"def (test_\w+)", file.read_text())}
    assert set(every_test()) <= there
