"""The bottom line: the keys that matter right now, eight at most."""

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.keys import key_to_character
from textual.strip import Strip
from textual.widget import Widget

from tui.look import style_of

MOST_KEYS = 8


class KeyBar(Widget):
    """Shows the active bindings that ask to be shown; a click does the same as the key."""

    def on_mount(self) -> None:
        """Follow what the focus changes."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, _screen: object) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint as many keys as fit."""
        key_style = style_of("key", self.app.theme_variables)
        label_style = style_of("plain", self.app.theme_variables)
        segments: list[Segment] = []
        used = 0
        seen: set[str] = set()
        for key, active in self.screen.active_bindings.items():
            binding = active.binding
            if not binding.show or not active.enabled or binding.action in seen:
                continue
            if self._is_typed(key) and active.node is not self.screen.focused:
                continue
            seen.add(binding.action)
            shown = f" {self.app.get_key_display(binding) if binding.key else key}"
            label = f" {binding.description} "
            used += cell_len(shown) + cell_len(label)
            if used > self.size.width or len(seen) > MOST_KEYS:
                break
            click = Style.from_meta({"@click": f"app.simulate_key('{key}')"})
            segments += [Segment(shown, key_style + click), Segment(label, label_style + click)]
        return Strip(segments).adjust_cell_length(self.size.width).apply_style(self.rich_style)

    def _is_typed(self, key: str) -> bool:
        """Whether the focused field takes the key as text."""
        focused = self.screen.focused
        character = "/" if key == "slash" else key_to_character(key)
        return focused is not None and focused.check_consume_key(key, character)
