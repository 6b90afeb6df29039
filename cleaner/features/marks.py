"""Hashed marks of paragraphs: what a box or a line of a site is known by on its other pages.

A paragraph is known by its words, all of them or the first or last ones, and a block of HTML also
by the elements around it and in it: classes and ids, which few sites share. Elements without any
tell nothing of a site, so they count only beside others that have some.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from zlib import crc32

import numpy as np

from cleaner.features.arrays import F32, I64, U64
from cleaner.features.words import SECOND, Words, mix
from cleaner.pages.page import Markup

LEVELS, CHAIN = 8, 4
"""Elements around a block that are marks, alone and with the block's tag; and of which the nearest
ones are marks together."""

MAX_INLINE = 3
"""Elements in a block that are marks."""

ENDS = (2, 3)
"""Words at the beginning and at the end of a paragraph that are marks, if it has more. Single ones
are no mark of a site: pages of others became worse by them."""

NEAREST, FARTHER, FARTHEST = 6.0, 0.4, 0.3
"""The weight of the nearest element with a class or an id, the factor of each further one, and the
least: a correction is of the box that a block stands in rather than of all that is around it. Other
marks weigh 1."""

TEXT_SALT, CHAIN_SALT, ELEMENT_SALT, INLINE_SALT = 40, 50, 60, 62
"""Salts of the kinds of mark; each of words and chains has its own, from the one named on."""


class Marks(NamedTuple):
    """Marks of paragraphs, rows compressed (CSR)."""

    hashes: I64
    weights: F32
    indptr: I64
    """Where each paragraph's marks begin, paragraphs + 1 entries."""


def paragraph_marks(words: Words, markup: Sequence[Markup] | None = None) -> Marks:
    """The marks of paragraphs, those of HTML pages with their `markup`."""
    found = _text_marks(words)
    if markup is not None:
        found += _element_marks(markup)
    rows, hashes, weights = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.argsort(rows, kind="stable")
    indptr = np.searchsorted(rows[order], np.arange(len(words.counts) + 1))
    return Marks(hashes[order].view(np.int64), weights[order], indptr)


_Some = tuple[I64, U64, F32]
"""Paragraphs, a mark of each, and its weight."""


def _text_marks(words: Words) -> list[_Some]:
    every = np.flatnonzero(words.counts)
    found = [_some(every, mix(words.paragraph_hash[every], TEXT_SALT))]
    for n in ENDS:
        rows = np.flatnonzero(words.counts > n)
        for end, first in enumerate((words.token_offsets[rows], words.token_offsets[rows + 1] - n)):
            together = np.zeros(len(rows), np.uint64)
            for place in range(n):
                together = together * SECOND + words.hashes[first + place]
            found.append(_some(rows, mix(together, TEXT_SALT + 2 * n + end)))
    return found


def _some(rows: I64, hashes: U64, weights: F32 | None = None) -> _Some:
    return rows, hashes, np.ones(len(rows), np.float32) if weights is None else weights


def _element_marks(markup: Sequence[Markup]) -> list[_Some]:
    from cleaner.features.elements import join_pages  # text starts without it

    pages = join_pages(markup)
    elements, own, kinds = pages.elements, pages.blocks.element, pages.elements.kinds
    hashes = np.array([_hash(tag, *names) for tag, names in kinds], np.uint64)
    tags = np.array([_hash(tag) for tag, _ in kinds], np.uint64)
    names = np.array([bool(names) for _, names in kinds], np.bool_)
    of_element, has_name = hashes[elements.kind], names[elements.kind]
    own_tag = tags[elements.kind[own]]
    found: list[_Some] = []
    at, chain, named = own, np.zeros(len(own), np.uint64), np.zeros(len(own), np.bool_)
    weight = np.full(len(own), NEAREST, np.float32)
    for level in range(LEVELS):
        there, up = at >= 0, elements.parent[at]
        here = of_element[at]
        chain, named = chain * SECOND + here, named | (has_name[at] & there)
        if level < CHAIN:
            rows = np.flatnonzero(there & named)
            found.append(_some(rows, mix(chain[rows], CHAIN_SALT + level)))
        rows = np.flatnonzero(there & has_name[at] & (up >= 0))
        found.append(_some(rows, mix(here[rows], ELEMENT_SALT), weight[rows]))
        if level:
            with_tag = here[rows] * SECOND + own_tag[rows]
            found.append(_some(rows, mix(with_tag, ELEMENT_SALT + 1), weight[rows]))
        weight[rows] = np.maximum(weight[rows] * FARTHER, FARTHEST)
        at = np.where(there, up, -1)
    counts = np.diff(pages.blocks.inline_indptr)
    for n in range(MAX_INLINE):
        rows = np.flatnonzero(counts > n)
        inner = pages.blocks.inline[pages.blocks.inline_indptr[rows] + n]
        named = has_name[own[rows]] | names[inner]
        rows, inner = rows[named], inner[named]
        together = of_element[own[rows]] * SECOND + hashes[inner]
        found.append(_some(rows, mix(together, INLINE_SALT)))
    return found


def _hash(*parts: str) -> int:
    """A hash of a tag and of what tells its element from others."""
    joined = "\0".join(parts).encode("utf-8", "surrogatepass")
    return crc32(joined) << 32 | crc32(joined[::-1])
