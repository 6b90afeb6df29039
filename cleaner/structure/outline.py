"""The kept blocks of a page in the lists, quotes and tables that they stand in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

import numpy as np

from cleaner.pages.blocks import PREFORMATTED
from cleaner.pages.page import Elements
from cleaner.pages.styles import Image, StyledBlocks
from cleaner.structure.images import finder_of_images
from cleaner.structure.tables import CELLS, Table, finder_of_tables

LISTS = frozenset(("ul", "ol", "menu", "dir"))
HEADINGS = {f"h{level}": level for level in range(1, 7)}

MAX_HEADING_BLOCKS = 3
"""Blocks in a heading: one that holds more was never ended."""

MAX_DEPTH = 6
"""Lists and quotes in each other. Parsers of Markdown stop somewhere, so what is deeper stands in
the innermost of these."""


class Quote(NamedTuple):
    """A quote that blocks stand in, by its element."""

    element: int


class Item(NamedTuple):
    """An item of a list that blocks stand in."""

    element: int
    list: int
    """The element of its list."""
    number: int | None
    """None in a list without an order."""


Container = Quote | Item


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph, heading, code or table of a page: some of its blocks."""

    kind: Literal["paragraph", "heading", "code", "table", "images"]
    blocks: tuple[int, ...]
    containers: tuple[Container, ...] = ()
    """What it stands in, the outermost first."""
    level: int = 0
    """Of a heading, from 1 to 6."""
    rows: tuple[tuple[tuple[int, ...], ...], ...] = ()
    """Of a table: the blocks of each cell of each row."""
    has_header: bool = False
    """Whether the first row names the columns."""
    language: str = ""
    """Of code, where it says it."""
    images: tuple[Image, ...] = ()


def outline_text(kept: Sequence[int], headlines: Iterable[int]) -> list[Part]:
    """Return the parts of a page of plain text."""
    named = frozenset(headlines)
    return [Part("heading", (n,), level=1) if n in named else Part("paragraph", (n,)) for n in kept]


def outline_html(
    page: StyledBlocks,
    kept: Sequence[int],
    headlines: Iterable[int] = (),
    captions: Iterable[int] = (),
) -> Iterator[Part]:
    """Yield the parts of a page of HTML, in order.

    A headline is a heading, also where HTML does not call it so. Before a caption come its
    pictures.
    """
    find_images = finder_of_images(page, captions)
    for part in _Outline(page, frozenset(headlines)).parts(kept):
        if part.kind == "paragraph" and (images := find_images(part.blocks[0])):
            yield Part("images", (), part.containers, images=images)
        yield part


class _Around(NamedTuple):
    """What an element stands in; -1 where it stands in none."""

    containers: tuple[Container, ...] = ()
    list: int = -1
    heading: int = -1
    code: int = -1
    table: int = -1
    cell: int = -1


class _Key(NamedTuple):
    """What makes neighbouring blocks one part: the same code or table, else the block itself."""

    kind: Literal["block", "code", "table"]
    number: int


class _Outline:
    def __init__(self, page: StyledBlocks, headlines: frozenset[int]) -> None:
        elements, blocks = page.markup.elements, page.markup.blocks
        self._page, self._headlines = page, headlines
        self._tags = [elements.kinds[kind][0] for kind in elements.kind.tolist()]
        self._last: list[int] = elements.last.tolist()
        self._around = _find_around(elements, self._tags, page.numbers)
        self._element: list[int] = blocks.element.tolist()
        self._table = finder_of_tables(page)
        counts = np.bincount(blocks.element, minlength=len(self._tags))
        self._before: list[int] = [0, *np.cumsum(counts).tolist()]

    def parts(self, kept: Sequence[int]) -> Iterator[Part]:
        for key, group in groupby(kept, self._key):
            found = tuple(group)
            around = self._of(found[0])
            if key.kind == "table":
                table = self._table(key.number)
                assert table is not None
                yield self._table_part(table, found, self._around[key.number].containers)
            elif key.kind == "code":
                language = self._language(found, key.number)
                yield Part("code", found, around.containers, language=language)
            elif level := self._level(found[0], around):
                yield Part("heading", found, around.containers, level)
            else:
                yield Part("paragraph", found, around.containers)

    def _of(self, block: int) -> _Around:
        return self._around[self._element[block]]

    def _key(self, block: int) -> _Key:
        around = self._of(block)
        if around.cell >= 0 and around.table >= 0 and self._table(around.table):
            return _Key("table", around.table)
        return _Key("code", around.code) if around.code >= 0 else _Key("block", block)

    def _level(self, block: int, around: _Around) -> int:
        heading = around.heading
        if heading >= 0:
            held = self._before[self._last[heading] + 1] - self._before[heading]
            if held <= MAX_HEADING_BLOCKS:
                return HEADINGS[self._tags[heading]]
        return int(block in self._headlines)

    def _language(self, blocks: tuple[int, ...], code: int) -> str:
        languages = self._page.languages
        elements = [code, *(self._element[block] for block in blocks)]
        return next((languages[element] for element in elements if element in languages), "")

    def _table_part(
        self, table: Table, blocks: tuple[int, ...], containers: tuple[Container, ...]
    ) -> Part:
        cells = {block: self._of(block).cell for block in blocks}
        filled = {table.columns[cell] for cell in cells.values()}
        place = {column: n for n, column in enumerate(sorted(filled))}
        rows: list[tuple[tuple[int, ...], ...]] = []
        has_header = False
        for row, group in groupby(blocks, lambda block: table.rows[cells[block]]):
            has_header |= not rows and row == table.header
            texts: list[tuple[int, ...]] = [()] * len(place)
            for cell, its_blocks in groupby(group, cells.__getitem__):
                texts[place[table.columns[cell]]] = tuple(its_blocks)
            rows.append(tuple(texts))
        if len(rows) == len(place) == 1:
            return Part("paragraph", blocks, containers)
        return Part("table", blocks, containers, rows=tuple(rows), has_header=has_header)


def _find_around(elements: Elements, tags: list[str], numbers: dict[int, int]) -> list[_Around]:
    """Say of each element what it stands in, itself included."""
    found: list[_Around] = []
    next_number: dict[int, int] = {}
    for element, (tag, parent) in enumerate(zip(tags, elements.parent.tolist(), strict=True)):
        around = found[parent] if parent >= 0 else _Around()
        if tag == "blockquote":
            around = _inside(around, Quote(element))
        elif tag in LISTS:
            around = around._replace(list=element)
            next_number[element] = numbers.get(element, 1)
        elif tag == "li":
            of = around.list if around.list >= 0 else parent
            number = None
            if tags[of] == "ol":
                number = numbers.get(element, next_number[of])
                next_number[of] = number + 1
            around = _inside(around, Item(element, of, number))
        elif tag in HEADINGS:
            around = around._replace(heading=element)
        elif tag in PREFORMATTED:
            around = around._replace(code=element)
        elif tag == "table":
            around = around._replace(table=element, cell=-1)
        elif tag in CELLS:
            around = around._replace(cell=element)
        found.append(around)
    return found


def _inside(around: _Around, container: Container) -> _Around:
    if len(around.containers) >= MAX_DEPTH:
        return around
    return around._replace(containers=(*around.containers, container))
