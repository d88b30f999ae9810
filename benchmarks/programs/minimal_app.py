"""F_tx: a minimal Textual app, one label, up to its first paint."""

from textual.app import App, ComposeResult
from textual.widgets import Label


class MinimalApp(App[None]):
    """One label and nothing else."""

    def compose(self) -> ComposeResult:
        """Make the label."""
        yield Label("MARKER-PAINTED")


if __name__ == "__main__":
    MinimalApp().run()
