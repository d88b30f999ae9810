"""What the console loads before its first frame, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from core.paths import DataFolder
from core.settings import load_settings
from core.clock import system_clock
from core.store.open import open_store
from tui.app import CapcoadaApp
from tui.console import start_bridge
from tui.late_bridge import LateBridge
from tui.services import Services

folder = DataFolder(Path(sys.argv[1]))
folder.prepare()
settings = load_settings(folder)
bridge = LateBridge(folder, uid="local", start=start_bridge)
loaded = []

class Painted(CapcoadaApp):
    def on_ready(self, event):
        event.prevent_default()
        loaded.extend(sys.modules)
        self.exit()

app = Painted(Services(open_store(folder), bridge, settings, system_clock, folder))
asyncio.run(app.run_async(headless=True, size=(120, 40)))
print(" ".join(sorted({name.partition(".")[0] for name in loaded})))
"""
HEAVY = {"google", "grpc", "neonize", "groq", "pydantic", "httpx", "aiohttp", "anyio", "qrcode"}


def test_nothing_heavy_is_loaded_at_first_paint(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True, timeout=60,
        check=True, cwd=Path(__file__).parents[2], env=os.environ | {"PYTHONPATH": "."},
    )  # fmt: skip
    loaded = set(result.stdout.split())
    assert "textual" in loaded
    assert not loaded & HEAVY
