"""The visible text blocks of an HTML page, collected while it is parsed."""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from cleaner.pages.bounds import MOST_ATTRIBUTES, keep_to
from cleaner.pages.head import HEAD_TAGS, Head
from cleaner.pages.page import COUNTS, I64, Blocks, ElementKind, Elements, Markup

INVISIBLE = frozenset(
    """
    script style head title meta link iframe object embed svg canvas audio video picture source img
    input textarea select option optgroup datalist map area param track annotation annotation-xml
    """.split()
)
"""Elements whose text no reader sees as text of the page."""

HIDDEN = frozenset(("noscript", "template", "dialog", "noembed", "noframes"))
"""Elements that are not displayed, unless something shows them."""

BLOCK = frozenset(
    """
    address article aside blockquote body caption center col colgroup dd details dialog dir div dl
    dt fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html
    legend li listing main menu nav ol p plaintext pre search section slot summary table tbody td
    tfoot th thead tr ul xmp
    """.split()
)
"""Elements that browsers' default style sheets display as blocks, or as parts of lists and tables
(HTML Standard, Rendering)."""

INLINE = frozenset(
    """
    a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark math mi mn mo
    mrow msub msup mtext nobr q rp rt ruby s samp semantics small span strike strong sub sup time tt
    u var wbr
    """.split()
)
"""Elements that stand within a block, even where a block stands in them. Any other element than
these does so unless it holds a block: then it is one."""

PREFORMATTED = frozenset(("pre", "listing", "plaintext", "xmp"))
"""Elements whose line breaks are kept."""

APART = frozenset(("span", "a", "label", "small", "time"))
"""Inline elements that pages set side by side without white space, as menus and bylines do, like
unknown ones: two in a row are words apart. A single letter before is a drop cap or an animated
word."""

TELLING = frozenset(
    ("class", "id", "role", "itemprop", "rel", "data-testid", "data-component", "aria-label")
)
"""Attributes whose words tell what an element is for."""

ROOTS = frozenset(("html", "body"))
"""Elements that a page has once, and that end with it, wherever their end tags stand."""

MAX_INLINES, MAX_TARGETS = 6, 2
"""Inline elements and links of a block that are looked at."""

PROSE_LINE, FIRST_WIDE = 60, "\u2e80"
"""Mean letters of lines from which they are paragraphs and no verses, and the first of the
characters that count twice, those of Chinese and its neighbours."""

SENTENCE_END = tuple(".!?…:。！？।؟\"”“»’'）)")
"""What paragraphs end with."""


class Place(NamedTuple):
    """A place in the block that is being collected: how much of it stands before."""

    parts: int = 0
    inlines: int = 0
    targets: int = 0
    chars: int = 0
    link_chars: int = 0


START = Place()


@dataclass(slots=True)
class Unknown:
    """An element of no known kind that is open: inline, until a block begins in it."""

    element: int
    before: Place
    """Where its start tag stands in the block that is being collected."""
    inside: Place
    """Where its content begins."""
    is_block: bool = False


class Hidden(NamedTuple):
    """An element that is hidden, and the prose in it."""

    number: int
    """Its number among all elements that begin."""
    attributes: str
    """The values of its attributes, in lower case."""
    parent: int
    """The block element around it."""
    block: int
    """How many blocks stand before it."""
    letters: tuple[int, ...]
    """Letters outside links of each block in it."""


class Collected(NamedTuple):
    """What was collected of a page."""

    texts: list[str]
    markup: Markup
    hidden: list[Hidden]


class BlockCollector:
    """A target of lxml's parser, which tells it of each tag and text in order.

    Text of inline elements is joined, with a space between two of `APART`; a block element, or two
    line breaks in a row, ends a block. White space is folded, but for the lines of `PREFORMATTED`.

    What is hidden is left out, but for the elements whose numbers are `shown`.
    """

    def __init__(self, shown: Container[int] = (), head: Head | None = None) -> None:
        self._hidden: list[Hidden] = []
        self._shown = shown
        self._is_page = head is None
        self._head = head or Head()
        self._texts: list[str] = []
        self._kinds: dict[ElementKind, int] = {}
        self._tags: list[str] = []
        self._kind, self._parent, self._last = array("q"), array("q"), array("q")
        self._element, self._counts = array("q"), array("q")
        self._inline, self._inline_indptr = array("q"), array("q", [0])
        self._target, self._target_indptr = list[str](), array("q", [0])

        self._begun = 0
        self._skipped = 0  # elements that are open from one on that no reader sees
        self._curtain: BlockCollector | None = None  # collects what is hidden
        self._curtain_about = 0, ""  # the number of that element, and its attributes
        self._pending: list[str] = []
        self.data = self._pending.append  # the parser hands over a text in pieces
        self._open: list[int] = []
        self._containers = [-1]
        self._containers.append(self._open_element("html", {}))
        self._roots: set[str] = set()
        self._unknown: list[Unknown] = []
        self._open_links = self._open_preformatted = 0
        self._begin_block()

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take a start tag. Raises `PageError` for one with too many attributes."""
        if self._pending:
            self._take_text()
        self._begun += 1
        if len(attributes) > MOST_ATTRIBUTES:
            keep_to(MOST_ATTRIBUTES, len(attributes), "attributes in a tag")
        if self._skipped:
            self._skipped += 1
            self._start_unseen(tag, attributes)
        elif tag in INVISIBLE:
            self._skipped = 1
            self._start_unseen(tag, attributes)
        elif ("hidden" in attributes or "style" in attributes or tag in HIDDEN) and self._is_hidden(
            tag, attributes
        ):
            self._skipped = 1
            if self._is_page:
                self._curtain = BlockCollector(head=self._head)
                self._curtain_about = self._begun, " ".join(attributes.values()).lower()
        elif tag in INLINE:
            self._start_inline(tag, attributes)
        elif tag in BLOCK:
            if tag not in self._roots:
                self._start_block(tag, attributes)
        elif tag == "br":
            self._break_line()
        else:
            self._start_unknown(tag, attributes)

    def end(self, tag: str) -> None:
        """Take an end tag; the parser gives one for each start tag."""
        if self._pending:
            self._take_text()
        if self._skipped:
            self._skipped -= 1
            self._end_unseen(tag)
        elif tag in INLINE:
            self._end_inline(tag)
        elif tag in BLOCK:
            if tag not in ROOTS:
                self._end_container()
                self._open_preformatted -= tag in PREFORMATTED
        elif tag != "br":
            if self._unknown.pop().is_block:
                self._end_container()
            else:
                self._end_inline(tag)

    def close(self) -> Collected:
        """Return all that was collected."""
        if self._pending:
            self._take_text()
        self._end_block()
        while self._open:
            self._close_element()
        elements = Elements(
            list(self._kinds), *map(_as_numpy, (self._kind, self._parent, self._last))
        )
        blocks = Blocks(
            element=_as_numpy(self._element),
            counts=_as_numpy(self._counts).reshape(-1, len(COUNTS)),
            inline=_as_numpy(self._inline),
            inline_indptr=_as_numpy(self._inline_indptr),
            targets=self._target,
            target_indptr=_as_numpy(self._target_indptr),
        )
        return Collected(self._texts, Markup(elements, blocks, *self._head.close()), self._hidden)

    def _take_text(self) -> None:
        text = "".join(self._pending)
        self._pending.clear()
        if self._skipped:
            if self._curtain:
                self._curtain.data(text)
            else:
                self._head.text(text)
            return
        self._parts.append(text)
        self._after_apart = False
        if not text.isspace():
            self._breaks = 0
            self._chars += len(text)
            if self._open_links:
                self._link_chars += len(text)

    def _start_unseen(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._curtain:
            self._curtain.start(tag, attributes)
        elif tag in HEAD_TAGS:
            self._head.start(tag, attributes)

    def _end_unseen(self, tag: str) -> None:
        if not self._curtain:
            if tag in HEAD_TAGS:
                self._head.end()
        elif self._skipped:
            self._curtain.end(tag)
        else:
            self._curtain._end_block()
            if self._curtain._texts:
                link_chars = self._curtain._counts[COUNTS.index("link_chars") :: len(COUNTS)]
                letters = letters_outside_links(self._curtain._texts, link_chars)
                place = self._containers[-1], len(self._texts)
                self._hidden.append(Hidden(*self._curtain_about, *place, tuple(letters)))
            self._curtain = None

    def _is_hidden(self, tag: str, attributes: Mapping[str, str]) -> bool:
        """Say whether an element is hidden. A whole page that says so is not believed: a script
        will show it. A shadow tree is shown without one."""
        if tag in ROOTS or self._begun in self._shown:
            return False
        if tag in HIDDEN:
            return "shadowrootmode" not in attributes and "open" not in attributes
        style = attributes.get("style", "")
        return "hidden" in attributes or "display:none" in style.replace(" ", "").lower()

    def _break_line(self) -> None:
        self._parts.append("\n")
        self._breaks += 1
        if self._breaks == 1:
            self._line_ends.append(self._place())
        elif not self._open_preformatted:
            self._end_block()

    def _start_inline(self, tag: str, attributes: Mapping[str, str]) -> None:
        is_apart = tag in APART or tag not in INLINE
        if self._after_apart and is_apart and len(self._parts[-1]) > 1:
            self._parts.append(" ")
        element = self._open_element(tag, attributes)
        if tag == "a":
            self._open_links += 1
            self._targets.append(attributes.get("href") or "")
        if tag != "span" or attributes:
            self._inlines.append(element)

    def _end_inline(self, tag: str) -> None:
        self._close_element()
        self._open_links -= tag == "a"
        self._after_apart = bool(self._parts) and (tag in APART or tag not in INLINE)

    def _start_unknown(self, tag: str, attributes: Mapping[str, str]) -> None:
        before = self._place()
        self._start_inline(tag, attributes)
        self._unknown.append(Unknown(self._inlines[-1], before, self._place()))

    def _start_block(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._unknown and not self._unknown[-1].is_block:
            self._make_blocks()
        self._end_block()
        self._containers.append(self._open_element(tag, attributes))
        self._open_preformatted += tag in PREFORMATTED
        if tag in ROOTS:
            self._roots.add(tag)

    def _make_blocks(self) -> None:
        """Take all that is open of unknown kind for blocks, from where each begins."""
        begin = START
        for unknown in self._unknown:
            if not unknown.is_block:
                self._write_blocks(begin, unknown.before)
                self._containers.append(unknown.element)
                unknown.is_block = True
                begin = unknown.inside
        self._write_blocks(begin, self._place())
        self._begin_block()

    def _end_container(self) -> None:
        self._end_block()
        self._close_element()
        self._containers.pop()

    def _open_element(self, tag: str, attributes: Mapping[str, str]) -> int:
        values = [value for name, value in attributes.items() if value and name in TELLING]
        kind = tag, tuple(values)
        if kind not in self._kinds:
            self._kinds[kind] = len(self._tags)
            self._tags.append(tag)
        index = len(self._kind)
        self._kind.append(self._kinds[kind])
        self._parent.append(self._containers[-1])
        self._last.append(index)
        self._open.append(index)
        return index

    def _close_element(self) -> None:
        self._last[self._open.pop()] = len(self._kind) - 1

    def _begin_block(self) -> None:
        self._parts: list[str] = []
        self._targets: list[str] = []
        self._inlines: list[int] = []
        self._line_ends: list[Place] = []
        self._chars = self._link_chars = self._breaks = 0
        self._after_apart = False  # the end of an element of `APART` was the last thing
        for unknown in self._unknown:
            unknown.before = unknown.inside = START

    def _place(self) -> Place:
        return Place(
            len(self._parts), len(self._inlines), len(self._targets), self._chars, self._link_chars
        )

    def _end_block(self) -> None:
        if self._parts:
            self._write_blocks(START, self._place())
        if self._parts or self._inlines:
            self._begin_block()

    def _write_blocks(self, begin: Place, end: Place) -> None:
        """Write what was collected between two places: as a block, or one for each line."""
        lines = [begin, *(p for p in self._line_ends if begin.parts < p.parts < end.parts), end]
        if len(lines) > 2 and not self._open_preformatted:
            texts = [self._text(*line) for line in pairwise(lines)]
            if are_paragraphs([text for text in texts if text]):
                for line in pairwise(lines):
                    self._write_block(*line)
                return
        self._write_block(begin, end)

    def _write_block(self, begin: Place, end: Place) -> None:
        text = self._text(begin, end)
        if not text:
            return
        inlines = self._inlines[begin.inlines : end.inlines]
        targets = self._targets[begin.targets : end.targets]
        tags = {self._tags[self._kind[i]] for i in inlines}
        self._texts.append(text)
        self._element.append(self._containers[-1])
        self._counts.append(end.chars - begin.chars)
        self._counts.append(end.link_chars - begin.link_chars)
        self._counts.append(len(targets))
        self._counts.append(sum("://" in target for target in targets))
        self._counts.append("em" in tags or "i" in tags)
        self._counts.append("time" in tags)
        self._inline.extend(inlines[:MAX_INLINES])
        self._inline_indptr.append(len(self._inline))
        self._target += targets[:MAX_TARGETS]
        self._target_indptr.append(len(self._target))

    def _text(self, begin: Place, end: Place) -> str:
        """The text between two places, its white space folded."""
        text = "".join(self._parts[begin.parts : end.parts])
        if self._open_preformatted:
            return "\n".join(line.rstrip() for line in text.splitlines()).strip()
        return " ".join(text.split())


def are_paragraphs(lines: list[str]) -> bool:
    """Say whether the lines between single line breaks are paragraphs: long ones, most of which
    end with a sentence. Those of a poem or an address are not."""
    letters = sum(map(count_letters, lines))
    ended = sum(line.endswith(SENTENCE_END) for line in lines)
    return letters >= PROSE_LINE * len(lines) and 2 * ended > len(lines)


def letters_outside_links(texts: Sequence[str], link_chars: Iterable[int]) -> list[int]:
    """Return how many letters of each block stand outside links."""
    return [count_letters(text) - n for text, n in zip(texts, link_chars, strict=True)]


def count_letters(text: str) -> int:
    """Count the characters of a text; those of Chinese and its neighbours say as much as two."""
    return len(text) if text.isascii() else sum(1 + (char >= FIRST_WIDE) for char in text)


def _as_numpy(values: array[int]) -> I64:
    return np.frombuffer(values, np.int64) if values else np.zeros(0, np.int64)
