"""The elements and blocks of a page while it is parsed, as arrays that grow."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

import numpy as np

from cleaner.pages.page import COUNTS, I64, Blocks, ElementKind, Elements

TELLING = frozenset(
    ("class", "id", "role", "itemprop", "rel", "data-testid", "data-component", "aria-label")
)
"""Attributes whose words tell what an element is for."""

MAX_INLINES, MAX_TARGETS = 6, 2
"""Inline elements and links of a block that are looked at."""


class MarkupBuilder:
    """Takes block elements as they begin and end, and the blocks that stand in them."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.element = -1
        """The block element that is open now, the innermost one."""
        self._around: list[int] = []
        self._kinds: dict[ElementKind, int] = {}
        self._emphasis: set[int] = set()
        self._time: set[int] = set()
        self._kind, self._parent, self._last = array("q"), array("q"), array("q")
        self._of_block, self._counts = array("q"), array("q")
        self._inline, self._inline_indptr = array("q"), array("q", [0])
        self._targets, self._target_indptr = list[str](), array("q", [0])

    def kind_of(self, tag: str, attributes: Mapping[str, str]) -> int:
        """Return the number of an element's kind."""
        values = [value for name, value in attributes.items() if name in TELLING and value]
        key = tag, tuple(values)
        kind = self._kinds.get(key)
        if kind is None:
            kind = self._kinds[key] = len(self._kinds)
            if tag == "em" or tag == "i":
                self._emphasis.add(kind)
            elif tag == "time":
                self._time.add(kind)
        return kind

    def open_element(self, kind: int) -> None:
        """Begin a block element in the one that is open."""
        self._around.append(self.element)
        self._parent.append(self.element)
        self.element = len(self._kind)
        self._kind.append(kind)
        self._last.append(self.element)

    def close_element(self) -> None:
        """End the block element that is open."""
        self._last[self.element] = len(self._kind) - 1
        self.element = self._around.pop()

    def add_block(
        self, text: str, chars: int, link_chars: int, inlines: list[int], targets: list[str]
    ) -> None:
        """Add a block that stands in the element that is open: its text, what is counted of it
        (`COUNTS`), the kinds of its inline elements, and where its links lead to."""
        external_links = sum("://" in target for target in targets) if targets else 0
        emphasis = not self._emphasis.isdisjoint(inlines)
        time = not self._time.isdisjoint(inlines)
        self.texts.append(text)
        self._of_block.append(self.element)
        self._counts.extend((chars, link_chars, len(targets), external_links, emphasis, time))
        self._inline.extend(inlines[:MAX_INLINES])
        self._inline_indptr.append(len(self._inline))
        self._targets += targets[:MAX_TARGETS]
        self._target_indptr.append(len(self._targets))

    def link_chars(self) -> list[int]:
        """Return the characters inside links of each block so far."""
        return self._counts[COUNTS.index("link_chars") :: len(COUNTS)].tolist()

    def finish(self) -> tuple[Elements, Blocks]:
        """End what is open, and return all as arrays."""
        while self.element >= 0:
            self.close_element()
        elements = Elements(
            list(self._kinds), *map(_as_numpy, (self._kind, self._parent, self._last))
        )
        blocks = Blocks(
            element=_as_numpy(self._of_block),
            counts=_as_numpy(self._counts).reshape(-1, len(COUNTS)),
            inline=_as_numpy(self._inline),
            inline_indptr=_as_numpy(self._inline_indptr),
            targets=self._targets,
            target_indptr=_as_numpy(self._target_indptr),
        )
        return elements, blocks


def _as_numpy(values: array[int]) -> I64:
    return np.frombuffer(values, np.int64) if values else np.zeros(0, np.int64)
