"""The log hides phone numbers and belongs to its owner alone."""

import logging
import stat
from pathlib import Path

from bridge.logs import log_to


def test_numbers_are_masked_and_the_file_is_private(tmp_path: Path) -> None:
    path = tmp_path / "bridge.log"
    level = logging.getLogger().level
    handler = log_to(path, "info")
    try:
        log = logging.getLogger("capcoada.test")
        log.info("from %s to %s", "40712345678@s.whatsapp.net", "+40799111222")
        try:
            raise ValueError("no thread WA-01__40712345678@s.whatsapp.net")
        except ValueError:
            log.exception("it failed")
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(level)
        handler.close()
    text = path.read_text()
    assert "…678@s.whatsapp.net to …222" in text
    assert "40712345678" not in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
