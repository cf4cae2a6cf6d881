"""Tables on a terminal: columns that do not fit are dropped by rank, or cut; in a pipe none are."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

_GAP = 2


@dataclass(frozen=True)
class Column:
    """``rank``: 0 is never dropped; of the others the highest goes first. ``least``: the least width that it is cut
    to; None: never cut. ``wanted``: the width for which columns of a higher rank are dropped."""

    title: str
    right: bool = False
    rank: int = 0
    least: int | None = None
    wanted: int = 0


def find_width() -> int | None:
    """The terminal's width in cells; None where standard output is not a terminal."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    return shutil.get_terminal_size().columns


def print_table(console: Console, columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> None:
    """Print a line of titles, and a line per row."""
    naturals = [
        max([cell_len(column.title), *(row[index].cell_len for row in rows)]) for index, column in enumerate(columns)
    ]
    sizes = lay_out(columns, naturals, find_width())
    for row in ([Text(column.title, "bold") for column in columns], *rows):
        line = Text(" " * _GAP).join(_fit(row[index], columns[index], size) for index, size in sizes.items())
        line.rstrip()
        console.print(line)


def lay_out(columns: Sequence[Column], naturals: Sequence[int], width: int | None) -> dict[int, int]:
    """The widths of the shown columns, by index; ``naturals``: their uncut widths."""
    if width is None:
        return dict(enumerate(naturals))
    wanted = {index: _bound(column.wanted, column, naturals[index]) for index, column in enumerate(columns)}
    least = {index: _bound(0, column, naturals[index]) for index, column in enumerate(columns)}
    for sizes, kept in ((wanted, 1), (least, 0)):
        for index in sorted(sizes, key=lambda index: columns[index].rank, reverse=True):
            if _add_up(sizes) > width and columns[index].rank > kept:
                del wanted[index], least[index]
    # Spare cells go to cut columns, low ranks first.
    sizes = wanted if _add_up(wanted) <= width else least
    for index in sorted(sizes, key=lambda index: columns[index].rank):
        sizes[index] += max(0, min(width - _add_up(sizes), naturals[index] - sizes[index]))
    return sizes


def _bound(wanted: int, column: Column, natural: int) -> int:
    return natural if column.least is None else min(natural, max(wanted, column.least))


def _add_up(sizes: dict[int, int]) -> int:
    return sum(sizes.values()) + _GAP * (len(sizes) - 1)


def _fit(cell: Text, column: Column, size: int) -> Text:
    fitted = cell.copy()
    fitted.truncate(size, overflow="ellipsis")
    fitted.align("right" if column.right else "left", size)
    return fitted
