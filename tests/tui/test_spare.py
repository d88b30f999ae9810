"""What Textual is spared at a start is there as soon as somebody asks for it."""

import subprocess
import sys

_SPARED = """
import sys
from tui.spare import spare_widgets

spare_widgets()
import textual.app

print("textual.widgets._select" in sys.modules, hasattr(sys.modules["textual.types"], "__file__"))
from textual.types import CallbackType, SelectType

print("textual.widgets._select" in sys.modules, hasattr(sys.modules["textual.types"], "__file__"))
import textual.types

print(textual.types.SelectType is SelectType, textual.types.CallbackType is CallbackType)
try:
    from textual.types import Nothing
except ImportError as error:
    print("Nothing" in str(error))
"""


def test_names_of_types_are_loaded_when_they_are_needed() -> None:
    command = [sys.executable, "-c", _SPARED]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert said.splitlines() == ["False False", "True True", "True True", "True"]
