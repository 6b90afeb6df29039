"""The elements and blocks of HTML pages: many pages end to end, or some blocks of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cleaner.features.arrays import I64, ranges
from cleaner.pages.page import Blocks, ElementKind, Elements, Markup


@dataclass(frozen=True, slots=True)
class JoinedPages:
    """The elements and blocks of pages, set end to end as if they were one."""

    elements: Elements
    blocks: Blocks
    page_of_block: I64
    """The page that each block stands on; rises."""

    @property
    def inline_block(self) -> I64:
        """The block that each of its inline elements stands in."""
        return _rows(self.blocks.inline_indptr)

    @property
    def target_block(self) -> I64:
        """The block that each of its targets stands in."""
        return _rows(self.blocks.target_indptr)


def join_pages(pages: Sequence[Markup]) -> JoinedPages:
    """Set the elements and blocks of pages end to end; a page's first element has no parent."""
    elements, blocks = [page.elements for page in pages], [page.blocks for page in pages]
    before = np.cumsum([0, *(len(e.kind) for e in elements)])[:-1]
    kinds: dict[ElementKind, int] = {}
    kind, inline = [], []
    for of_page, its_blocks in zip(elements, blocks, strict=True):
        numbers = np.array([kinds.setdefault(key, len(kinds)) for key in of_page.kinds], np.int64)
        kind.append(numbers[of_page.kind])
        inline.append(numbers[its_blocks.inline])
    parent = _shifted([e.parent for e in elements], before)
    parent[before] = -1
    return JoinedPages(
        Elements(
            kinds=list(kinds),
            kind=np.concatenate(kind),
            parent=parent,
            last=_shifted([e.last for e in elements], before),
        ),
        Blocks(
            element=_shifted([b.element for b in blocks], before),
            counts=np.concatenate([b.counts for b in blocks]),
            inline=np.concatenate(inline),
            inline_indptr=_join_indptr([b.inline_indptr for b in blocks]),
            targets=[target for b in blocks for target in b.targets],
            target_indptr=_join_indptr([b.target_indptr for b in blocks]),
        ),
        np.repeat(np.arange(len(pages)), [len(b.element) for b in blocks]),
    )


def _shifted(indices: list[I64], before: I64) -> I64:
    """Indices of elements of each page as indices of all."""
    return np.concatenate([some + first for some, first in zip(indices, before, strict=True)])


def _join_indptr(indptrs: list[I64]) -> I64:
    sizes = np.concatenate([np.diff(indptr) for indptr in indptrs])
    return np.append(0, np.cumsum(sizes))


def _rows(indptr: I64) -> I64:
    return np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))


def in_parts(page: Markup, ends: I64) -> Iterator[Markup]:
    """Yield the parts of a page; `ends` says behind which of its blocks each ends, and rises.

    A part has the elements that begin within it, and those that were open before. So all parts
    together are little more than the page.
    """
    blocks = page.blocks
    # The last element begun before the end of each part.
    reached = np.maximum.accumulate(blocks.element)[ends - 1]
    first, before = 0, -1
    for end, last in zip(ends.tolist(), reached.tolist(), strict=True):
        around = sorted(_with_those_around(page.elements, [before]))
        chosen = np.append(np.array(around, np.int64), np.arange(before + 1, last + 1))
        yield replace(
            page,
            elements=_pick_elements(page.elements, chosen),
            blocks=_pick_blocks(blocks, np.arange(first, end), chosen),
        )
        first, before = end, last


def pick_blocks(page: Markup, rows: I64) -> Markup:
    """Return a page with some of its blocks, and the elements that these stand in."""
    needed = sorted(_with_those_around(page.elements, page.blocks.element[rows].tolist()))
    chosen = np.array(needed, np.int64)
    return replace(
        page,
        elements=_pick_elements(page.elements, chosen),
        blocks=_pick_blocks(page.blocks, rows, chosen),
    )


def drop_blocks(page: Markup, rows: I64) -> Markup:
    """Return a page without some of its blocks, and without the elements that hold only these."""
    kept = np.delete(np.arange(len(page.blocks.element)), rows)
    needed = _with_those_around(page.elements, page.blocks.element[kept].tolist())
    emptied = _with_those_around(page.elements, page.blocks.element[rows].tolist()) - needed
    stays = np.ones(len(page.elements.kind), np.bool_)
    for element in emptied:
        stays[element : page.elements.last[element] + 1] = False
    stays[0] = True  # it stands for the page
    chosen = np.flatnonzero(stays)
    return replace(
        page,
        elements=_pick_elements(page.elements, chosen),
        blocks=_pick_blocks(page.blocks, kept, chosen),
    )


def _with_those_around(elements: Elements, some: Iterable[int]) -> set[int]:
    """Some elements and those that they stand in; none for -1."""
    found: set[int] = set()
    for element in some:
        while element >= 0 and element not in found:
            found.add(element)
            element = int(elements.parent[element])
    return found


def _pick_elements(elements: Elements, chosen: I64) -> Elements:
    """Some of the elements, with all that they stand in."""
    parent = elements.parent[chosen]
    return Elements(
        kinds=elements.kinds,
        kind=elements.kind[chosen],
        parent=np.where(parent < 0, -1, np.searchsorted(chosen, parent)),
        last=np.searchsorted(chosen, elements.last[chosen], side="right") - 1,
    )


def _pick_blocks(blocks: Blocks, rows: I64, chosen: I64) -> Blocks:
    """Some of the blocks, whose elements are among those chosen."""
    inlines, inline_indptr = _pick_rows(blocks.inline_indptr, rows)
    targets, target_indptr = _pick_rows(blocks.target_indptr, rows)
    return Blocks(
        element=np.searchsorted(chosen, blocks.element[rows]),
        counts=blocks.counts[rows],
        inline=blocks.inline[inlines],
        inline_indptr=inline_indptr,
        targets=[blocks.targets[i] for i in targets.tolist()],
        target_indptr=target_indptr,
    )


def _pick_rows(indptr: I64, rows: I64) -> tuple[I64, I64]:
    """The places of what some rows hold (CSR), and where those of each row begin then."""
    sizes = np.diff(indptr)[rows]
    return ranges(indptr[rows], sizes), np.append(0, np.cumsum(sizes))
