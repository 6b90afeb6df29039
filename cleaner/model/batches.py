"""Pages in batches of bounded size, so that time and memory are bounded whatever comes in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat

import numpy as np

from cleaner.features.elements import in_parts
from cleaner.pages.page import Markup

FULL_BATCH_CHARS = 250_000
"""Characters from which a batch is full: its arrays stay in the cache, and its memory small."""

MAX_PART_CHARS = 1_000_000
"""Characters from which a page is read in parts, each as a page of its own. No story is as long."""

MIN_PARAGRAPH_CHARS, MAX_PARAGRAPH_CHARS = 100, 20_000
"""Characters that a paragraph counts for at least, since it takes time and memory however short,
and those of it that are read. A real page is never in parts for its many paragraphs: of 2,700 none
had more than 863."""

PagePart = tuple[Sequence[str], Markup | None]


def in_batches(
    pages: Sequence[Sequence[str]], markup: Sequence[Markup] | None
) -> Iterator[tuple[list[Sequence[str]], list[Markup] | None]]:
    """Yield the paragraphs of all pages, in order, as batches of pages that are not empty.

    A page of over `MAX_PART_CHARS` characters is several pages, and of a paragraph over
    `MAX_PARAGRAPH_CHARS` only the beginning is there.
    """
    batch: list[PagePart] = []
    size = 0
    for i, page in enumerate(pages):
        for part, its_size in _parts(page, markup[i] if markup else None):
            batch.append(part)
            size += its_size
            if size >= FULL_BATCH_CHARS:
                yield _joined(batch)
                batch, size = [], 0
    if batch:
        yield _joined(batch)


def _joined(batch: list[PagePart]) -> tuple[list[Sequence[str]], list[Markup] | None]:
    marked = [markup for _, markup in batch if markup is not None]
    return [texts for texts, _ in batch], marked or None


def _parts(page: Sequence[str], markup: Markup | None) -> Iterator[tuple[PagePart, int]]:
    """Yield the parts of a page, each with its size in characters."""
    if not page:
        return
    lengths = [len(text) for text in page]
    if max(lengths) > MAX_PARAGRAPH_CHARS:
        page = [text[:MAX_PARAGRAPH_CHARS] for text in page]
        lengths = [len(text) for text in page]
    size = max(sum(lengths), MIN_PARAGRAPH_CHARS * len(page))
    if size <= MAX_PART_CHARS:
        yield (page, markup), size
        return
    sizes = np.cumsum(np.maximum(lengths, MIN_PARAGRAPH_CHARS))
    ends = np.append(np.flatnonzero(np.diff(sizes // MAX_PART_CHARS)) + 1, len(page))
    parts = repeat(None) if markup is None else in_parts(markup, ends)
    first = 0
    for end, of_part in zip(ends.tolist(), parts, strict=False):
        yield (page[first:end], of_part), MAX_PART_CHARS
        first = end
