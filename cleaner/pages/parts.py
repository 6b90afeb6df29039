"""A page of HTML in parts, each with the blocks of a stretch and the elements that these need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from cleaner.pages.page import Elements, Markup
from cleaner.pages.spans import I64, ranges


def in_parts(page: Markup, ends: I64) -> Iterator[Markup]:
    """Yield the parts of a page; `ends` says behind which of its blocks each ends, and rises.

    A part has the elements that begin within it, and those that were open before. So all parts
    together are little more than the page.
    """
    elements, blocks = page.elements, page.blocks
    newest = np.maximum(blocks.element, blocks.inline.max(axis=1))
    # The last element begun before the end of each part.
    reached = np.maximum.accumulate(newest)[ends - 1]
    first, before = 0, -1
    for end, last in zip(ends.tolist(), reached.tolist(), strict=True):
        chosen = np.append(_with_those_around(elements, before), np.arange(before + 1, last + 1))
        of_part = blocks.pick(slice(first, end))
        yield replace(
            page,
            elements=_pick(elements, chosen),
            blocks=replace(
                of_part,
                element=np.searchsorted(chosen, of_part.element),
                inline=_places(chosen, of_part.inline),
            ),
        )
        first, before = end, last


def _with_those_around(elements: Elements, element: int) -> I64:
    """An element and the block elements that it stands in, in order; none for -1."""
    chain = []
    while element >= 0:
        chain.append(element)
        element = int(elements.parent[element])
    return np.array(chain[::-1], np.int64)


def _pick(elements: Elements, chosen: I64) -> Elements:
    """Some of the elements, with all that they stand in."""
    first, behind = np.searchsorted(elements.owner, [chosen, chosen + 1])
    values = ranges(first, behind - first)
    return Elements(
        name=elements.name.pick(chosen),
        name_hash=elements.name_hash[chosen],
        parent=_places(chosen, elements.parent[chosen]),
        last=np.searchsorted(chosen, elements.last[chosen], side="right") - 1,
        value=elements.value.pick(values),
        value_hash=elements.value_hash[values],
        owner=np.repeat(np.arange(len(chosen)), behind - first),
    )


def _places(chosen: I64, wanted: I64) -> I64:
    """Where each of the elements wanted stands among those chosen; -1 stays."""
    return np.where(wanted < 0, -1, np.searchsorted(chosen, wanted))
