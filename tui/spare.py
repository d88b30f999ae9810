"""Spares a start what Textual loads for nothing: four widgets, for names in hints of types.

`textual.types` gathers names for whoever writes such hints. Textual itself takes two from there,
which `textual._types` has as well: a stand-in gives those until somebody asks for another.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any, Final

_TYPES: Final = "textual.types"


class _StandIn(ModuleType):
    """Gives what `textual._types` has; the module itself takes its place for all else."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # whoever looks through all modules wants none of them loaded
            raise AttributeError(name)
        try:
            return getattr(import_module("textual._types"), name)
        except AttributeError:
            sys.modules.pop(_TYPES, None)
            return getattr(import_module(_TYPES), name)


def spare_widgets() -> None:
    """Have `textual.types` loaded when it is needed. Call this before Textual is."""
    sys.modules.setdefault(_TYPES, _StandIn(_TYPES))
