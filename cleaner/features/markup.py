"""What only HTML tells of a block: the elements that it stands in, and what stands in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cleaner.features.arrays import F32, I64, distinct
from cleaner.features.attributes import AttributeTokens, attribute_tokens
from cleaner.features.elements import JoinedPages, join_pages
from cleaner.features.titles import TITLE_COLUMNS, title_features
from cleaner.features.words import Words
from cleaner.pages.page import Elements, Markup

TAGS = ("p", "li", "div", "h1", "h2", "h3", "h4", "td", "figcaption", "dd", "summary")
"""Tags of the nearest container that are features of their own."""

AROUND = ("article", "main", "nav", "header", "footer", "aside", "figure", "form", "ul", "table",
          "section", "blockquote", "dl", "details")  # fmt: skip
"""Tags of containers, however far out, that are features of their own."""

MEASURED_CONTAINERS = 4
"""Containers of a block, from the nearest outwards, whose size is a feature."""


def _container_columns(level: int) -> tuple[str, ...]:
    siblings = (f"log_siblings_{level}",) if level else ()
    return (f"log_chars_{level}", f"link_share_{level}", *siblings)


MARKUP_COLUMNS = (
    *(f"is_{tag}" for tag in TAGS),
    *(f"within_{tag}" for tag in AROUND),
    "link_share", "log_links", "external_links", "log_depth", "log_siblings",
    *(name for level in range(MEASURED_CONTAINERS) for name in _container_columns(level)),
    "log_depth_change", "same_parent", "emphasis", "time",
)  # fmt: skip
"""The columns of markup features: the tags of the nearest container and of those further out; the
share of a block's characters inside links, its links, and the share of them that name a host; how
deep it stands, and among how many like it; of each container its characters, the share of them
inside links, and its siblings; and beside the block before, whether depth and parent are others."""

BLOCK_COLUMNS = (*MARKUP_COLUMNS, *TITLE_COLUMNS)
"""The columns of numbers of `read_markup`."""

DEPTH_DIVISOR, CHARS_DIVISOR = 2, 4
"""Divide logarithms of depths and of characters, as `surface.SHARE_FACTOR` does."""


def read_markup(
    pages: Sequence[Markup], texts: Sequence[Sequence[str]], words: Words, page_offsets: I64
) -> tuple[F32, AttributeTokens]:
    """Return what the markup of some pages tells of their blocks, of which these are the `texts`
    and their `words`: numbers, columns as in `BLOCK_COLUMNS`, and attribute tokens. `page_offsets`
    (pages + 1 entries) says where pages begin."""
    joined = join_pages(pages)
    titles = title_features(pages, texts, words, page_offsets)
    return np.hstack([markup_features(joined, page_offsets), titles]), attribute_tokens(joined)


def markup_features(pages: JoinedPages, page_offsets: I64) -> F32:
    """Return numbers of shape (blocks, 45), columns as in `MARKUP_COLUMNS`; `page_offsets`
    (pages + 1 entries) says where each page's blocks begin."""
    elements, own, parent = pages.elements, pages.blocks.element, pages.elements.parent
    chars, linked, links, external, emphasis, time = pages.blocks.counts.T
    bits, depth = _from_above(elements)
    siblings = np.log1p(_siblings(elements))
    size, link_share = _within(elements, own, chars, linked)
    previous = np.append(0, own[:-1])[: len(own)]
    firsts = page_offsets[:-1][np.diff(page_offsets) > 0]
    previous[firsts] = own[firsts]

    columns = [
        linked / np.maximum(chars, 1),
        np.log1p(links),
        external / np.maximum(links, 1),
        np.log1p(depth[own]) / DEPTH_DIVISOR,
        siblings[own],
    ]
    at = own
    for level in range(MEASURED_CONTAINERS):
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
    tag = _places(elements, TAGS)
    is_tag = tag[own][:, None] == np.arange(len(TAGS))
    within = bits[own][:, None] >> np.arange(len(AROUND)) & 1
    parts = [is_tag, within, np.stack(columns, axis=1)]
    return np.hstack(parts, dtype=np.float32, casting="unsafe")


def _places(elements: Elements, tags: tuple[str, ...]) -> I64:
    """The place of each element's tag in `tags`, -1 for any other."""
    place = {tag: n for n, tag in enumerate(tags)}
    of_kinds = np.array([place.get(tag, -1) for tag, _ in elements.kinds], np.int64)
    return of_kinds[elements.kind]


def _from_above(elements: Elements) -> tuple[I64, I64]:
    """For each element, whether it is or stands in each of `AROUND`, as bits; and how many elements
    it stands in."""
    # The last entry is above the outermost ones, whose parent is -1.
    up = np.append(elements.parent, -1)
    around = _places(elements, AROUND)
    bits = np.append(np.where(around < 0, 0, 1 << np.maximum(around, 0)), 0)
    depth = (up >= 0).astype(np.int64)
    while (up >= 0).any():  # each time twice as far
        bits |= bits[up]
        depth += depth[up]
        up = up[up]
    return bits[:-1], depth[:-1]


def _siblings(elements: Elements) -> I64:
    """How many elements of the same kind stand in the same one, itself included."""
    key = elements.parent * len(elements.kinds) + elements.kind
    outermost = elements.parent < 0
    key[outermost] = ~np.flatnonzero(outermost)
    _, which = distinct(key)
    counts = np.bincount(which)
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
    return np.log1p(sums[0]) / CHARS_DIVISOR, sums[1] / np.maximum(sums[0], 1)
