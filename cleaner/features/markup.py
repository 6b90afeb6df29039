"""What only HTML tells of a block: the elements that it stands in, and what stands in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cleaner.features.marks import Marks, block_marks
from cleaner.features.titles import title_features
from cleaner.features.words import F32, I64, U64, Words, mix
from cleaner.pages.page import Blocks, Elements, Markup
from cleaner.pages.spans import Spans, find_names

TAGS = ("p", "li", "div", "h1", "h2", "h3", "h4", "td", "figcaption", "button", "label")
"""Tags of the nearest container that are features of their own."""

AROUND = ("article", "main", "nav", "header", "footer", "aside", "figure", "form", "ul", "table",
          "section", "blockquote", "dl", "button")  # fmt: skip
"""Tags of containers, however far out, that are features of their own."""

NUMBERS = len(TAGS) + len(AROUND) + 20
"""Number of features of a block."""

LEVELS = 4
"""Containers of a block, from the nearest outwards, whose size is a feature."""


def read_markup(
    pages: Sequence[Markup], texts: Sequence[Sequence[str]], words: Words, offset: I64
) -> tuple[F32, Marks]:
    """Return what the markup of some pages tells of their blocks, of which these are the `texts`
    and their `words`: numbers, and marks. `offset` (pages + 1 entries) says where pages begin."""
    joined = join_pages(pages)
    titles = title_features(pages, texts, words, offset)
    return np.hstack([markup_features(joined, offset), titles]), block_marks(joined, offset)


def join_pages(pages: Sequence[Markup]) -> Markup:
    """Set pages end to end, as if they were one, without their titles."""
    elements, blocks = [page.elements for page in pages], [page.blocks for page in pages]
    of_bytes = np.cumsum([0, *(len(page.source) for page in pages)])
    of_elements = np.cumsum([0, *(len(e.parent) for e in elements)])

    def joined(arrays: list[I64], shifts: I64) -> I64:
        return np.concatenate([a + (a >= 0) * n for a, n in zip(arrays, shifts, strict=False)])

    def spans(parts: list[Spans]) -> Spans:
        return Spans(
            joined([p.start for p in parts], of_bytes), joined([p.end for p in parts], of_bytes)
        )

    return Markup(
        np.concatenate([page.source for page in pages]),
        Elements(
            name=spans([e.name for e in elements]),
            name_hash=np.concatenate([e.name_hash for e in elements]),
            parent=joined([e.parent for e in elements], of_elements),
            last=joined([e.last for e in elements], of_elements),
            value=spans([e.value for e in elements]),
            value_hash=np.concatenate([e.value_hash for e in elements]),
            owner=joined([e.owner for e in elements], of_elements),
        ),
        Blocks(
            element=joined([b.element for b in blocks], of_elements),
            numbers=np.concatenate([b.numbers for b in blocks]),
            inline=joined([b.inline for b in blocks], of_elements),
            target_start=joined([b.target_start for b in blocks], of_bytes),
            target_end=joined([b.target_end for b in blocks], of_bytes),
        ),
    )


def markup_features(page: Markup, offset: I64) -> F32:
    """Return numbers of shape (blocks, `NUMBERS`) of the blocks of joined pages; `offset`
    (pages + 1 entries) says where each page begins."""
    elements, blocks = page.elements, page.blocks
    own, parent = blocks.element, elements.parent
    chars, linked, links, external, emphasis, time = blocks.numbers.T
    tag = find_names(elements.name_hash, TAGS)
    bits, depth = _from_above(elements)
    siblings = np.log1p(_siblings(elements))
    size, link_share = _within(elements, own, chars, linked)
    previous = np.append(0, own[:-1])[: len(own)]
    firsts = offset[:-1][np.diff(offset) > 0]
    previous[firsts] = own[firsts]

    columns = [
        linked / np.maximum(chars, 1),
        np.log1p(links),
        external / np.maximum(links, 1),
        np.log1p(depth[own]) / 2,
        siblings[own],
    ]
    at = own
    for level in range(LEVELS):
        columns += [size[at], link_share[at]]
        if level:
            columns.append(siblings[at])
        at = np.where(parent[at] < 0, at, parent[at])
    columns += [
        np.log1p(np.abs(depth[own] - depth[previous])),
        parent[own] == parent[previous],
        emphasis,
        time,
    ]
    found = np.zeros((len(own), NUMBERS), np.float32)
    found[:, : len(TAGS)] = tag[own][:, None] == np.arange(len(TAGS))
    found[:, len(TAGS) :][:, : len(AROUND)] = bits[own][:, None] >> np.arange(len(AROUND)) & 1
    found[:, len(TAGS) + len(AROUND) :] = np.stack(columns, axis=1)
    return found


def _from_above(elements: Elements) -> tuple[I64, I64]:
    """For each element, whether it is or stands in each of `AROUND`, as bits; and how many elements
    it stands in."""
    # The last entry is above the outermost ones, whose parent is -1.
    up = np.append(elements.parent, -1)
    around = find_names(elements.name_hash, AROUND)
    bits = np.append(np.where(around < 0, 0, 1 << np.maximum(around, 0)), 0)
    depth = (up >= 0).astype(np.int64)
    while (up >= 0).any():  # each time twice as far
        bits |= bits[up]
        depth += depth[up]
        up = up[up]
    return bits[:-1], depth[:-1]


def _siblings(elements: Elements) -> I64:
    """How many elements with the same name and marks stand in the same one, itself included."""
    ends = np.searchsorted(elements.owner, np.arange(len(elements.parent) + 1))
    sums: U64 = np.append(np.uint64(0), np.cumsum(mix(elements.value_hash, 31)))
    key = sums[ends[1:]] - sums[ends[:-1]] + mix(elements.name_hash, 32)
    alone = ~np.arange(len(ends) - 1)  # the outermost of each page
    key += mix(np.where(elements.parent < 0, alone, elements.parent).astype(np.uint64), 33)
    _, which, counts = np.unique(key, return_inverse=True, return_counts=True)
    return np.asarray(counts[which], np.int64)


def _within(
    elements: Elements, own: I64, chars: I64, linked: I64
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The logarithm of the characters in each element, and the share of them inside links."""
    here, behind = np.arange(len(elements.last)), elements.last + 1
    sums = []
    for values in (chars, linked):
        total = np.append(0, np.cumsum(np.bincount(own, values, minlength=len(here))))
        sums.append(total[behind] - total[here])
    return np.log1p(sums[0]) / 4, sums[1] / np.maximum(sums[0], 1)
