"""Breaking text into lines of terminal cells: greedy, at blanks, and inside words too long."""

from tui.widgets.cells import cell_len, head


def wrap(text: str, width: int) -> list[str]:
    """Return the lines of `text`, each at most `width` cells; at least one line.

    A character wider than `width` still gets a line of its own, so that nothing is lost.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        if len(paragraph) <= width and paragraph.isascii():
            lines.append(paragraph.rstrip())
        else:
            lines.extend(_wrap_paragraph(paragraph, width))
    return lines


def _wrap_paragraph(paragraph: str, width: int) -> list[str]:
    lines: list[str] = []
    line = ""
    used = 0
    for word in paragraph.split(" "):
        cells = cell_len(word)
        if line and used + 1 + cells <= width:
            line += " " + word
            used += 1 + cells
            continue
        if line:
            lines.append(line.rstrip())
        *full, line = _break_word(word, width) if cells > width else [word]
        lines.extend(full)
        used = cell_len(line) if full else cells
    lines.append(line.rstrip())
    return lines


def _break_word(word: str, width: int) -> list[str]:
    pieces = []
    while cell_len(word) > width:
        piece = head(word, width) or _first_character(word)
        if piece == word:
            break
        pieces.append(piece)
        word = word[len(piece) :]
    return [*pieces, word]


def _first_character(word: str) -> str:
    """Return the first visible character with all that belongs to it."""
    for cells in range(1, 5):
        if piece := head(word, cells):
            return piece
    return word[:1]
