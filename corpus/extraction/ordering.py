"""The order in which the lines of a page are read: as drawn, unless columns or disorder show that it is another.

Word processors draw in the order of reading, tables row by row; other programs draw across columns, or anyhow.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .lines import Line

_FULL = 0.75
"""The share of a column that most of its lines fill; cells of a table do not."""

_FEWEST = 4
"""Lines that a column has at least."""


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """Return the lines of a page in the order of reading, pieces of one line put together."""
    gutter = _gutter(lines)
    if gutter is None:
        ascents = sum(line.y > before.y + 0.5 * line.size for before, line in pairwise(lines))
        ordered = list(lines) if ascents <= max(3, len(lines) // 4) else sorted(lines, key=_from_the_top)
        return _joined(ordered)
    ordered = []
    band: list[Line] = []
    for line in sorted(lines, key=_from_the_top):
        if line.x < gutter - line.size and _end(line) > gutter + line.size:
            ordered += _by_columns(band, gutter)
            ordered.append(line)
            band = []
        else:
            band.append(line)
    return _joined([*ordered, *_by_columns(band, gutter)])


def _gutter(lines: Sequence[Line]) -> float | None:
    """Return where the space between two columns lies, None for a page that has one column."""
    starts = sorted({round(line.x, 1) for line in lines})
    for start in starts[1:]:
        right = [line for line in lines if line.x >= start - 1]
        left = [line for line in lines if _end(line) < start - 0.4 * line.size]
        crossing = len(lines) - len(right) - len(left)
        if min(len(left), len(right)) < _FEWEST or crossing > len(lines) // 4:
            continue
        # What stands right of a gutter may be columns, too.
        filled = _is_filled(left) and (_is_filled(right) or _gutter(right) is not None)
        if filled and _is_interleaved(lines, start):
            return start - 0.5 * lines[0].size
    return None


def _is_filled(column: Sequence[Line]) -> bool:
    """Whether most lines fill a column and hold several words, as running text does."""
    width = max(_end(line) for line in column) - min(line.x for line in column)
    full = sum(line.width > _FULL * width and line.text.count(" ") >= 2 for line in column)
    return full * 2 > len(column)


def _is_interleaved(lines: Sequence[Line], start: float) -> bool:
    """Whether the lines of two columns are drawn by turns, or anyhow, and not one column after the other."""
    sides = [line.x >= start - 1 for line in lines]
    return sum(before != after for before, after in pairwise(sides)) > _FEWEST


def _by_columns(band: Sequence[Line], gutter: float) -> list[Line]:
    left = [line for line in band if line.x < gutter]
    return [*left, *_by_right_columns([line for line in band if line.x >= gutter])]


def _by_right_columns(lines: list[Line]) -> list[Line]:
    """Return the lines right of a gutter, which may have a further gutter among them."""
    further = _gutter(lines) if lines else None
    return lines if further is None else _by_columns(lines, further)


def _joined(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with those made one that a wide gap between words divided."""
    done: list[Line] = []
    for line in lines:
        before = done[-1] if done else None
        if (
            before is not None
            and abs(before.y - line.y) < 0.3 * line.size
            and -1 <= line.x - _end(before) < 1.8 * line.size
            and abs(before.size - line.size) < 0.12 * line.size
        ):
            done[-1] = Line(f"{before.text} {line.text}", before.x, before.y, before.size, _end(line))
        else:
            done.append(line)
    return done


def _end(line: Line) -> float:
    return line.x + line.width


def _from_the_top(line: Line) -> tuple[float, float]:
    return (-round(line.y), line.x)
