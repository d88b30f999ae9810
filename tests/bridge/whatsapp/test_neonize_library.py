"""neonize's real Go library: it loads beside the libmagic that pylibmagic brings, and ends."""

import subprocess
import sys
from pathlib import Path

from bridge.whatsapp.neonize_setup import SESSION_NAME
from bridge.whatsapp.protocol import Connect, Gone, Ready
from tests.support.worker_under_test import worker

REPOSITORY = Path(__file__).parents[3]
_NO_SYSTEM_LIBMAGIC = """
import ctypes, ctypes.util, os
ctypes.util.find_library = lambda name: None
real = ctypes.CDLL.__init__
def only_ours(self, name, *arguments, **named):
    if name and "magic" in os.path.basename(str(name)) and not os.path.isabs(str(name)):
        raise OSError(f"{name}: cannot open shared object file")
    real(self, name, *arguments, **named)
ctypes.CDLL.__init__ = only_ours
"""


def run(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        capture_output=True,
        check=False,
        cwd=REPOSITORY,
        text=True,
        timeout=100,
    )
    return done.stdout.strip() if done.returncode == 0 else done.stderr


def test_the_library_loads_where_the_system_has_no_libmagic() -> None:
    found = run(
        _NO_SYSTEM_LIBMAGIC + "from bridge.whatsapp.neonize_setup import load_neonize\n"
        "client = load_neonize()\n"
        "import magic\n"
        "maps = open('/proc/self/maps').read().split()\n"
        "libraries = {m for m in maps if 'libmagic' in m}\n"
        "print(client.gocode.GetVersion().decode(), magic.from_buffer(b'%PDF-1.4', mime=True),"
        " all('pylibmagic' in m for m in libraries))"
    )
    assert found.split() == ["0.5.2", "application/pdf", "True"]


def test_without_any_libmagic_the_reason_is_named() -> None:
    found = run(
        _NO_SYSTEM_LIBMAGIC + "import sys; sys.modules['pylibmagic'] = None\n"
        "from bridge.whatsapp.neonize_setup import load_neonize, SetupFailed\n"
        "try:\n    load_neonize()\nexcept SetupFailed as error:\n    print(error)"
    )
    assert "pylibmagic" in found
    assert "Traceback" not in found


def test_a_worker_that_cannot_reach_whatsapp_says_so_and_ends(tmp_path: Path) -> None:
    """A proxy that refuses keeps this test on the machine, whatever network there is."""
    folder = tmp_path / "accounts" / "shop"
    folder.parent.mkdir()
    nowhere = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
    nowhere |= {"NO_PROXY": ""}
    with worker(folder, module="bridge.whatsapp.neonize_worker", environment=nowhere) as it:
        assert it.expect(Ready).has_session is False
        it.give(Connect())
        gone = it.expect(Gone)
        assert "proxyconnect" in gone.detail
        it.rest()
        assert it.exit_code() == 4
    assert (folder / SESSION_NAME).stat().st_mode & 0o077 == 0
