"""The bottom line: the keys that matter right now, eight at most."""

import msgspec
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tui.commands.keys import is_text_in
from tui.look import style_of

MOST_KEYS = 8
_ALWAYS = "app.help"
"""What keeps its place, at the end, when there is no room for all."""


class _Key(msgspec.Struct, frozen=True):
    """One key as it is shown."""

    action: str
    key: str
    label: str
    pressed: str

    @property
    def cells(self) -> int:
        """Columns that it takes."""
        return cell_len(self.key) + cell_len(self.label) + 3


class KeyBar(Widget):
    """Shows the active bindings that ask to be shown; a click does the same as the key."""

    def on_mount(self) -> None:
        """Follow what the focus changes."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, _screen: object) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint as many keys as fit."""
        shown = self._shown()
        last = [each for each in shown if each.action == _ALWAYS]
        first = [each for each in shown if each.action != _ALWAYS]
        room = self.size.width - sum(each.cells for each in last)
        painted = []
        for each in first[: MOST_KEYS - len(last)]:
            room -= each.cells
            if room < 0:
                break
            painted.append(each)
        key_style = style_of("key", self.app.theme_variables)
        label_style = style_of("plain", self.app.theme_variables)
        segments: list[Segment] = []
        for each in (*painted, *last):
            click = Style.from_meta({"@click": f"app.simulate_key('{each.pressed}')"})
            segments += [
                Segment(f" {each.key}", key_style + click),
                Segment(f" {each.label} ", label_style + click),
            ]
        return Strip(segments).adjust_cell_length(self.size.width).apply_style(self.rich_style)

    def _shown(self) -> list[_Key]:
        """Return what asks to be shown, best first; not the way to the place that is on."""
        here = f"app.go('{self.app.current_mode}')"
        found: dict[str, _Key] = {}
        for key, active in self.screen.active_bindings.items():
            binding = active.binding
            if not binding.show or not active.enabled or binding.action in (here, *found):
                continue
            is_text = is_text_in(key, self.screen.focused)
            if is_text and active.node is not self.screen.focused:
                continue
            shown = self.app.get_key_display(binding) if binding.key else key
            found[binding.action] = _Key(binding.action, shown, binding.description, key)
        return list(found.values())
