"""Which pictures a caption is of."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable

import numpy as np

from cleaner.pages.styles import Image, StyledBlocks

MAX_UP = 5
"""Elements around a caption that may hold its picture."""


def finder_of_images(
    page: StyledBlocks, captions: Iterable[int]
) -> Callable[[int], tuple[Image, ...]]:
    """Return what gives the pictures of a block, each once; none of one that is no caption.

    They are those in the figure around it, or in the largest element that holds only captions.
    """
    of = frozenset(captions)
    elements, blocks = page.markup.elements, page.markup.blocks
    counts = np.bincount(blocks.element, minlength=len(elements.kind))
    of_captions = np.bincount(blocks.element[sorted(of)], minlength=len(elements.kind))
    others = np.append(0, np.cumsum(counts - of_captions))
    order = sorted(range(len(page.images)), key=lambda n: page.images[n].element)
    places = [page.images[n].element for n in order]
    used: set[int] = set()

    def frame(block: int) -> int:
        """The element that holds a caption with its pictures."""
        found = element = int(blocks.element[block])
        for _ in range(MAX_UP):
            if elements.kinds[elements.kind[element]][0] == "figure":
                return element
            if others[elements.last[element] + 1] == others[element]:
                found = element
            element = max(int(elements.parent[element]), 0)
        return found

    def find(block: int) -> tuple[Image, ...]:
        if block not in of:
            return ()
        element = frame(block)
        begin = bisect_left(places, element)
        end = bisect_left(places, int(elements.last[element]) + 1)
        new = sorted({*order[begin:end]} - used)
        used.update(new)
        return tuple(page.images[n] for n in new)

    return find
