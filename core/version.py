"""The version of this program."""

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from pathlib import Path


def version() -> str:
    """Return the version: of the installed package, else of the source tree it is run from."""
    try:
        return version_of("capcoada")
    except PackageNotFoundError:
        import tomllib  # noqa: PLC0415 - only a source tree that was not installed needs it

        project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))
        return str(project["project"]["version"])
