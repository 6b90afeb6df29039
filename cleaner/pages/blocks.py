"""The visible text blocks of an HTML page, collected while it is parsed."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from cleaner.pages.bounds import MOST_ATTRIBUTES, keep_to
from cleaner.pages.builder import MarkupBuilder
from cleaner.pages.head import HEAD_TAGS, Head
from cleaner.pages.page import Markup

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

ROOTS = frozenset(("html", "body"))
"""Elements that a page has once, and that end with it, wherever their end tags stand."""

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

    kind: int
    before: Place
    """Where its start tag stands in the block that is being collected."""
    inside: Place
    """Where its content begins."""
    is_block: bool = False


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
        self._shown = shown
        self._is_page = head is None
        self._head = head or Head()
        self._page = MarkupBuilder()
        self._page.open_element(self._page.kind_of("html", {}))
        self._plain_span = self._page.kind_of("span", {})  # tells nothing
        self._hidden: list[Hidden] = []

        self._begun = 0
        self._skipped = 0  # elements that are open from one on that no reader sees
        self._curtain: BlockCollector | None = None  # collects what is hidden
        self._curtain_about = 0, ""  # the number of that element, and its attributes
        self._roots: set[str] = set()
        self._unknown: list[Unknown] = []
        self._open_links = self._open_preformatted = 0
        self._pending: list[str] = []
        self.data = self._pending.append  # the parser hands over a text in pieces
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
        elif tag in BLOCK:
            if tag not in self._roots:
                self._start_block(tag, attributes)
        elif tag in INLINE:
            self._start_inline(tag, attributes)
        elif tag == "br":
            self._break_line()
        else:
            before = self._place()
            kind = self._start_inline(tag, attributes)
            self._unknown.append(Unknown(kind, before, self._place()))

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
        elif tag != "br":
            if self._unknown.pop().is_block:
                self._end_block()
                self._page.close_element()
            self._after_apart = bool(self._parts)

    def close(self) -> Collected:
        """Return all that was collected."""
        if self._pending:
            self._take_text()
        self._end_block()
        markup = Markup(*self._page.finish(), *self._head.close())
        return Collected(self._page.texts, markup, self._hidden)

    def letters(self) -> list[int]:
        """Return the letters outside links of each block so far."""
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
            self._parts.append(text)
            self._after_apart = False
            self._breaks = 0
            self._chars += len(text)
            if self._open_links:
                self._link_chars += len(text)
        elif self._parts:
            self._parts.append(text)
            self._after_apart = False

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

    def _is_hidden(self, tag: str, attributes: Mapping[str, str]) -> bool:
        """Say whether an element is hidden. A whole page that says so is not believed: a script
        will show it. A shadow tree is shown without one."""
        if tag in ROOTS or self._begun in self._shown:
            return False
        if tag in HIDDEN:
            return "shadowrootmode" not in attributes and "open" not in attributes
        style = attributes.get("style", "")
        return "hidden" in attributes or "display:none" in style.replace(" ", "").lower()

    def _start_block(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._unknown and not self._unknown[-1].is_block:
            self._make_blocks()
        self._end_block()
        self._page.open_element(self._page.kind_of(tag, attributes))
        if tag in PREFORMATTED:
            self._open_preformatted += 1
        elif tag in ROOTS:
            self._roots.add(tag)

    def _start_inline(self, tag: str, attributes: Mapping[str, str]) -> int:
        is_apart = tag in APART or tag not in INLINE
        if is_apart and self._after_apart and len(self._parts[-1]) > 1:
            self._parts.append(" ")
        if tag == "a":
            self._open_links += 1
            self._targets.append(attributes.get("href") or "")
        kind = self._page.kind_of(tag, attributes)
        if kind != self._plain_span:
            self._inlines.append(kind)
        return kind

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
            if not unknown.is_block:
                self._write_lines(begin, unknown.before)
                self._page.open_element(unknown.kind)
                unknown.is_block = True
                begin = unknown.inside
        self._write_lines(begin, self._place())
        self._begin_block()

    def _begin_block(self) -> None:
        self._parts: list[str] = []
        self._inlines: list[int] = []
        self._targets: list[str] = []
        self._line_ends: list[Place] = []
        self._chars = self._link_chars = self._breaks = 0
        self._after_apart = False  # the end of an element of `APART` was the last thing
        for unknown in self._unknown:
            unknown.before = unknown.inside = START

    def _end_block(self) -> None:
        if self._line_ends:
            self._write_lines(START, self._place())
        elif self._parts:
            self._write_block(
                self._parts, self._chars, self._link_chars, self._inlines, self._targets
            )
        elif not self._inlines:
            return
        self._begin_block()

    def _place(self) -> Place:
        return Place(
            len(self._parts), len(self._inlines), len(self._targets), self._chars, self._link_chars
        )

    def _write_lines(self, begin: Place, end: Place) -> None:
        """Write what was collected between two places: as one block, or as one for each line."""
        inner = [p for p in self._line_ends if begin.parts < p.parts < end.parts]
        if inner and not self._open_preformatted:
            lines = [*pairwise([begin, *inner, end])]
            if are_paragraphs([self._text(self._parts[a.parts : b.parts]) for a, b in lines]):
                for line in lines:
                    self._write_between(*line)
                return
        self._write_between(begin, end)

    def _write_between(self, begin: Place, end: Place) -> None:
        self._write_block(
            self._parts[begin.parts : end.parts],
            end.chars - begin.chars,
            end.link_chars - begin.link_chars,
            self._inlines[begin.inlines : end.inlines],
            self._targets[begin.targets : end.targets],
        )

    def _write_block(
        self, parts: list[str], chars: int, link_chars: int, inlines: list[int], targets: list[str]
    ) -> None:
        if text := self._text(parts):
            self._page.add_block(text, chars, link_chars, inlines, targets)

    def _text(self, parts: list[str]) -> str:
        """The text of some parts, its white space folded."""
        text = "".join(parts)
        if self._open_preformatted:
            return "\n".join(line.rstrip() for line in text.splitlines()).strip()
        return " ".join(text.split())


def are_paragraphs(lines: Iterable[str]) -> bool:
    """Say whether the lines between single line breaks are paragraphs: long ones, most of which
    end with a sentence. Those of a poem or an address are not."""
    filled = [line for line in lines if line]
    letters = sum(map(count_letters, filled))
    ended = sum(line.endswith(SENTENCE_END) for line in filled)
    return letters >= PROSE_LINE * len(filled) and 2 * ended > len(filled)


def letters_outside_links(texts: Iterable[str], link_chars: Iterable[int]) -> list[int]:
    """Return how many letters of each block stand outside links."""
    return [count_letters(text) - n for text, n in zip(texts, link_chars, strict=True)]


def count_letters(text: str) -> int:
    """Count the characters of a text; those of Chinese and its neighbours say as much as two."""
    return len(text) if text.isascii() else sum(1 + (char >= FIRST_WIDE) for char in text)
