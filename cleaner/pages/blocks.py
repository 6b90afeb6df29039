"""The visible text blocks of an HTML page, collected while it is parsed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Container, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from cleaner.pages.bounds import MAX_ATTRIBUTES, keep_to
from cleaner.pages.builder import MarkupBuilder
from cleaner.pages.head import HEAD_TAGS, Head
from cleaner.pages.page import Markup
from cleaner.pages.text import are_paragraphs, are_words_apart, letters_outside_links

INVISIBLE = frozenset(
    """
    script style title meta link iframe object embed svg canvas audio video picture source img
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

HEAD = "head"
"""What is invisible in it is so by itself. Where a page marks neither head nor body, libxml2 takes
`main` and its like for parts of the head."""

PREFORMATTED = frozenset(("pre", "listing", "plaintext", "xmp"))
"""Elements whose line breaks are kept."""

APART = frozenset(("span", "a", "label", "small", "time"))
"""Inline elements that pages set side by side without white space, as menus and bylines do, like
unknown ones: two in a row are words apart (`are_words_apart`)."""

ROOTS = frozenset(("html", "body"))
"""Elements that a page has once, and that end with it, wherever their end tags stand."""


def is_hidden(tag: str, attributes: Mapping[str, str]) -> bool:
    """Say whether an element is hidden. A whole page that says so is not believed: a script will
    show it. A shadow tree is shown without one."""
    if "hidden" in attributes:
        hidden = True
    elif "style" in attributes:
        hidden = "display:none" in attributes["style"].replace(" ", "").lower()
    elif tag in HIDDEN:
        hidden = "shadowrootmode" not in attributes and "open" not in attributes
    else:
        return False
    return hidden and tag not in ROOTS


class Place(NamedTuple):
    """A place in the block that is being collected: how much of it stands before."""

    parts: int = 0
    inlines: int = 0
    targets: int = 0
    chars: int = 0
    link_chars: int = 0


START = Place()


class Unknown(NamedTuple):
    """An element of no known kind that is open: inline, until a block begins in it."""

    kind: int
    block: int
    """The number of the block that it begins in."""
    before: Place
    """Where its start tag stands in that block."""
    inside: Place
    """Where its content begins."""


class Hidden(NamedTuple):
    """An element that is hidden, and what stands in it."""

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


@dataclass(frozen=True, slots=True)
class Collected:
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

    builder = MarkupBuilder

    def __init__(self, shown: Container[int] = (), head: Head | None = None) -> None:
        self._shown = shown
        self._is_page = head is None
        self._head = head or Head()
        self._page = self.builder()
        self._page.open_element(self._page.kind_of("html", {}))
        self._hidden: list[Hidden] = []

        self._begun = self._block = 0  # elements and blocks
        self._skipped = 0  # elements that are open from one on that no reader sees
        self._curtain: BlockCollector | None = None  # collects what is hidden
        self._curtain_about = 0, ""  # the number of that element, and its attributes
        self._roots: set[str] = set()
        self._unknown: list[Unknown] = []  # those in which no block began yet
        self._open_links = self._open_preformatted = 0
        self._pending: list[str] = []
        self.data = self._pending.append  # the parser hands over a text in pieces
        self._begin_block()

    def _begin_block(self) -> None:
        self._block += 1
        self._parts: list[str] = []
        self._inlines: list[int] = []
        self._targets: list[str] = []
        self._line_ends: list[Place] = []
        self._chars = 0
        self._link_chars = 0
        self._breaks = 0
        self._after_apart = False  # the end of an element of `APART` was the last thing
        self._is_gap = False  # another one has begun straight behind it

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take a start tag. Raises `PageError` for one with too many attributes."""
        if self._pending:
            self._take_text()
        self._begun += 1
        if len(attributes) > MAX_ATTRIBUTES:
            keep_to(MAX_ATTRIBUTES, len(attributes), "attributes in a tag")
        if self._skipped:
            self._skipped += 1
            self._start_unseen(tag, attributes)
        elif tag in INVISIBLE:
            self._skipped = 1
            self._start_unseen(tag, attributes)
        elif is_hidden(tag, attributes) and self._begun not in self._shown:
            self._skipped = 1
            if self._is_page:
                self._curtain = BlockCollector(head=self._head)
                self._curtain_about = self._begun, " ".join(attributes.values()).lower()
        elif tag in BLOCK:
            if tag not in self._roots:
                self._start_block(tag, attributes)
        elif tag in INLINE:
            self._start_inline(tag, attributes)
        elif tag == "br":
            self._break_line()
        elif tag != HEAD:
            before = self._place()
            self._start_inline(tag, attributes)
            self._unknown.append(Unknown(self._inlines[-1], self._block, before, self._place()))

    def end(self, tag: str) -> None:
        """Take an end tag; the parser gives one for each start tag."""
        if self._pending:
            self._take_text()
        if self._skipped:
            self._skipped -= 1
            self._end_unseen(tag)
        elif tag in BLOCK:
            if tag not in ROOTS:
                self._end_block()
                self._page.close_element()
                self._open_preformatted -= tag in PREFORMATTED
        elif tag in INLINE:
            self._open_links -= tag == "a"
            self._after_apart = tag in APART and bool(self._parts)
        elif tag not in ("br", HEAD):
            if self._unknown:  # no block began in it
                self._unknown.pop()
                self._after_apart = bool(self._parts)
            else:
                self._end_block()
                self._page.close_element()

    def close(self) -> Collected:
        """Return all that was collected."""
        if self._pending:
            self._take_text()
        self._end_block()
        markup = Markup(*self._page.finish(), *self._head.close())
        return Collected(self._page.texts, markup, self._hidden)

    def letters(self) -> list[int]:
        """Return the letters outside links of each block so far."""
        if self._pending:
            self._take_text()
        self._end_block()
        return letters_outside_links(self._page.texts, self._page.link_chars())

    def _take_text(self) -> None:
        text = "".join(self._pending)
        self._pending.clear()
        if self._skipped:
            if self._curtain:
                self._curtain.data(text)
            else:
                self._head.text(text)
        elif not text.isspace():
            if self._is_gap and are_words_apart(self._parts[-1], text):
                self._parts.append(" ")
            self._parts.append(text)
            self._after_apart = self._is_gap = False
            self._breaks = 0
            self._chars += len(text)
            if self._open_links:
                self._link_chars += len(text)
        elif self._parts:
            self._parts.append(text)
            self._after_apart = self._is_gap = False

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
            if letters := self._curtain.letters():
                place = self._page.element, len(self._page.texts)
                self._hidden.append(Hidden(*self._curtain_about, *place, tuple(letters)))
            self._curtain = None

    def _start_block(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._unknown:
            self._make_blocks()
        self._end_block()
        self._page.open_element(self._page.kind_of(tag, attributes))
        if tag in PREFORMATTED:
            self._open_preformatted += 1
        elif tag in ROOTS:
            self._roots.add(tag)

    def _start_inline(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._after_apart and (tag in APART or tag not in INLINE):
            self._is_gap = True
        if tag == "a":
            self._open_links += 1
            self._targets.append(attributes.get("href") or "")
        if tag != "span" or attributes:  # a bare one tells nothing
            self._inlines.append(self._page.kind_of(tag, attributes))

    def _break_line(self) -> None:
        self._parts.append("\n")
        self._breaks += 1
        if self._breaks == 1:
            self._line_ends.append(self._place())
        elif not self._open_preformatted:
            self._end_block()

    def _make_blocks(self) -> None:
        """Take all that is open of unknown kind for blocks, from where each begins."""
        begin = START
        for unknown in self._unknown:
            if unknown.block == self._block:
                self._write(begin, unknown.before)
                begin = unknown.inside
            self._page.open_element(unknown.kind)
        self._unknown.clear()
        self._write(begin, self._place())
        self._begin_block()

    def _end_block(self) -> None:
        if self._parts:
            self._write(START, self._place())
        if self._parts or self._inlines:
            self._begin_block()

    def _place(self) -> Place:
        return Place(
            len(self._parts), len(self._inlines), len(self._targets), self._chars, self._link_chars
        )

    def _write(self, begin: Place, end: Place) -> None:
        """Write what was collected between two places: as a block, or as one for each line."""
        ends = self._line_ends
        if ends and not self._open_preformatted:
            inner = ends[bisect_right(ends, begin) : bisect_left(ends, end)]
            lines = [*pairwise([begin, *inner, end])]
            if are_paragraphs([self._text(*line) for line in lines]):
                for line in lines:
                    self._write_block(*line)
                return
        self._write_block(begin, end)

    def _write_block(self, begin: Place, end: Place) -> None:
        if text := self._text(begin, end):
            self._page.add_block(
                text,
                end.chars - begin.chars,
                end.link_chars - begin.link_chars,
                self._inlines[begin.inlines : end.inlines],
                self._targets[begin.targets : end.targets],
            )

    def _text(self, begin: Place, end: Place) -> str:
        """The text between two places, its white space folded."""
        text = "".join(self._parts[begin.parts : end.parts])
        if self._open_preformatted:
            return "\n".join(line.rstrip() for line in text.splitlines()).strip()
        return " ".join(text.split())
