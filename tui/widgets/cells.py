"""Text measured in terminal cells: emoji, CJK and combining marks keep columns straight."""

from rich.cells import cell_len, split_graphemes

ELLIPSIS = "…"


def clip(text: str, width: int) -> str:
    """Return `text` in at most `width` cells; what is cut off leaves an ellipsis."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    return head(text, width - 1) + ELLIPSIS


def fit(text: str, width: int) -> str:
    """Return `text` in exactly `width` cells, cut with an ellipsis or filled with blanks."""
    shown = clip(text, width)
    return shown + " " * (width - cell_len(shown))


def head(text: str, width: int) -> str:
    """Return the longest beginning of `text` that fits `width` cells and splits no character."""
    if text.isascii():
        return text[: max(0, width)]
    used = 0
    spans, _total = split_graphemes(text)
    for start, _end, cells in spans:
        used += cells
        if used > width:
            return text[:start]
    return text


__all__ = ["ELLIPSIS", "cell_len", "clip", "fit", "head"]
