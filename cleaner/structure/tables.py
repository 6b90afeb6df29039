"""Which tables hold data, and where their cells stand; the others only lay out a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cleaner.pages.styles import StyledBlocks

MIN_ROWS = MIN_COLUMNS = 2
"""Less than this with a text is a list, or lays out a page."""

MAX_CELL_BLOCKS = 3
"""Blocks in a cell of data; more is a part of a page."""

MAX_COLUMNS = 100
"""Columns of a table that anybody reads."""

SECTIONS = frozenset(("thead", "tbody", "tfoot"))
CELLS = frozenset(("td", "th"))
NOT_IN_DATA = frozenset(("table", "h1", "h2", "h3", "h4", "h5", "h6"))
"""What stands in no table of data, but in those that lay out a page."""

NO_TABLE = frozenset(("presentation", "none"))
"""Roles by which a table says that it is none."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of data."""

    columns: dict[int, int]
    """The column of each cell, by its element."""
    rows: dict[int, int]
    """The row of each cell: its element."""
    header: int
    """The row that names the columns, -1 where none does."""


def finder_of_tables(page: StyledBlocks) -> Callable[[int], Table | None]:
    """Return what says of the element of a table whether it holds data, and looks at it then."""
    finder = _Finder(page)
    known: dict[int, Table | None] = {}

    def find(element: int) -> Table | None:
        if element not in known:
            known[element] = finder.read(element)
        return known[element]

    return find


class _Finder:
    def __init__(self, page: StyledBlocks) -> None:
        elements, blocks = page.markup.elements, page.markup.blocks
        self._kinds = elements.kinds
        self._kind: list[int] = elements.kind.tolist()
        self._parent: list[int] = elements.parent.tolist()
        self._last: list[int] = elements.last.tolist()
        counts = np.bincount(blocks.element, minlength=len(self._kind))
        self._before: list[int] = [0, *np.cumsum(counts).tolist()]
        self._spans = page.spans

    def read(self, table: int) -> Table | None:
        """Return a table of data, None for one that is none."""
        if not NO_TABLE.isdisjoint(self._kinds[self._kind[table]][1]):
            return None
        rows: dict[int, list[int]] = {}
        for element in range(table + 1, self._last[table] + 1):
            tag = self._tag(element)
            if tag in NOT_IN_DATA:
                return None
            if tag in CELLS:
                row = self._parent[element]
                if not self._is_row(row, table) or self._blocks(element) > MAX_CELL_BLOCKS:
                    return None
                rows.setdefault(row, []).append(element)
        columns = self._columns([*rows.values()])
        filled = [cell for cell in columns if self._blocks(cell)]
        of_rows = {self._parent[cell] for cell in filled}
        of_columns = {columns[cell] for cell in filled}
        if len(of_rows) < MIN_ROWS or len(of_columns) < MIN_COLUMNS:
            return None
        first = next(iter(rows))
        names = all(self._tag(cell) == "th" for cell in rows[first])
        header = first if names or self._tag(self._parent[first]) == "thead" else -1
        return Table(columns, {cell: self._parent[cell] for cell in columns}, header)

    def _columns(self, rows: list[list[int]]) -> dict[int, int]:
        """Return the column of each cell, none where there are too many."""
        columns: dict[int, int] = {}
        taken: dict[int, int] = {}  # columns that cells above take, in how many more rows
        for cells in rows:
            column = 0
            still = {c: n - 1 for c, n in taken.items() if n > 1}
            for cell in cells:
                while column in taken:
                    column += 1
                wide, high = self._spans.get(cell, (1, 1))
                if column + wide > MAX_COLUMNS:
                    return {}
                columns[cell] = column
                if high > 1:
                    still.update(dict.fromkeys(range(column, column + wide), high - 1))
                column += wide
            taken = still
        return columns

    def _tag(self, element: int) -> str:
        return self._kinds[self._kind[element]][0]

    def _is_row(self, element: int, table: int) -> bool:
        above = self._parent[element]
        in_section = self._tag(above) in SECTIONS and self._parent[above] == table
        return self._tag(element) == "tr" and (above == table or in_section)

    def _blocks(self, element: int) -> int:
        """How many blocks stand in an element."""
        return self._before[self._last[element] + 1] - self._before[element]
