"""Pages in batches of bounded size, so that time and memory are bounded whatever comes in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from cleaner.pages.page import Markup

BATCH_CHARS = 250_000
"""Characters from which a batch is full: its arrays stay in the cache, and its memory small."""

PART_CHARS = 1_000_000
"""Characters from which a page is read in parts, each as a page of its own. No story is as long."""

LONGEST = 20_000
"""Characters of a paragraph that are read."""

Part = tuple[Sequence[str], Markup | None]


def in_batches(
    pages: Sequence[Sequence[str]], markup: Sequence[Markup] | None
) -> Iterator[tuple[list[Sequence[str]], list[Markup] | None]]:
    """Yield the paragraphs of all pages, in order, as batches of pages that are not empty.

    A page of over `PART_CHARS` characters is several pages, and of a paragraph over `LONGEST` only
    the beginning is there.
    """
    batch: list[Part] = []
    size = 0
    for i, page in enumerate(pages):
        for part in _parts(page, markup[i] if markup else None):
            batch.append(part)
            size += sum(map(len, part[0]))
            if size >= BATCH_CHARS:
                yield _joined(batch)
                batch, size = [], 0
    if batch:
        yield _joined(batch)


def _joined(batch: list[Part]) -> tuple[list[Sequence[str]], list[Markup] | None]:
    marked = [markup for _, markup in batch if markup is not None]
    return [texts for texts, _ in batch], marked or None


def _parts(page: Sequence[str], markup: Markup | None) -> Iterator[Part]:
    if not page:
        return
    lengths = [len(text) for text in page]
    if max(lengths) > LONGEST:
        page = [text[:LONGEST] for text in page]
        lengths = [len(text) for text in page]
    if sum(lengths) <= PART_CHARS:
        yield page, markup
        return
    part = np.cumsum(lengths) // PART_CHARS
    for rows in np.split(np.arange(len(page)), np.flatnonzero(np.diff(part)) + 1):
        first, end = int(rows[0]), int(rows[-1]) + 1
        of_part = markup and replace(markup, blocks=markup.blocks.pick(slice(first, end)))
        yield page[first:end], of_part
