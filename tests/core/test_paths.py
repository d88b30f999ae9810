"""Where things live, and who else can get at them."""

from pathlib import Path

import pytest

from core.errors import DataFolderError
from core.paths import DataFolder


@pytest.fixture
def far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    """A data folder whose path is too long for sockets."""
    (tmp_path / "runtime").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
    return DataFolder(tmp_path / "far" / ("away" * 20))


def test_sockets_lie_inside_unless_the_path_is_too_long(far: DataFolder) -> None:
    assert DataFolder(Path("/srv/firm")).sockets == Path("/srv/firm/run")
    assert far.sockets.parent == far.root.parents[1] / "runtime"
    far.prepare()
    far.prepare()
    assert far.sockets.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("what", ["open to others", "a link"])
def test_sockets_are_not_laid_where_others_could_put_theirs(far: DataFolder, what: str) -> None:
    if what == "a link":
        elsewhere = far.sockets.parent / "elsewhere"
        elsewhere.mkdir(mode=0o700)
        far.sockets.symlink_to(elsewhere)
    else:
        far.sockets.mkdir()
        far.sockets.chmod(0o777)
    with pytest.raises(DataFolderError, match="not yours alone"):
        far.prepare()
