"""Markdown into paragraphs: rendered as HTML without classes, and split as such.

Each block knows the lines of the page that it came from, so that it can come out as it came in.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from cleaner.pages.blocks import BlockCollector, Collected, Place
from cleaner.pages.bounds import (
    MAX_ELEMENTS,
    MAX_LINES,
    MAX_MARKDOWN,
    MAX_PARAGRAPHS,
    MAX_SIGNS,
    keep_to,
)
from cleaner.pages.charset import mend
from cleaner.pages.front_matter import read_front_matter
from cleaner.pages.html import collect, encode
from cleaner.pages.page import NEWLINE, Lines, PageText, SourceLines
from cleaner.pages.text import WRAP_FULL, WRAP_MAX, WRAP_MIN, WRAP_MIN_LINES, is_full

MAX_NESTING = 50
"""Lists and quotes in each other; the parser leaves out what is deeper."""

MARK, NUMBER = "wbr", "data-lines"
"""The element and its attribute that say which lines the text behind it came from. No page of
Markdown needs such an element: where else it stands it is passed over."""

BREAKS = frozenset(("softbreak", "hardbreak"))
INLINE_TAGS = frozenset(("a", "em", "s", "strong"))

_SIGN = re.compile(r"[\[\]*_`<|&\\!~]")
"""What the parser stops at."""

_ANY_MARK = re.compile(rf'<{MARK} {NUMBER}="\d+">')


def split_markdown(source: str) -> PageText:
    """Parse a page of Markdown and split it into its text blocks.

    Raises `PageError` for a page that holds more than any article (`bounds.py`).
    """
    source = mend(source)
    rendered = _render(source)
    data = encode(rendered.html)
    keep_to(MAX_ELEMENTS, data.count(b"<") - data.count(b"</"), "elements")
    found = collect(data, MarkCollector)
    assert isinstance(found, MarkedBlocks)
    keep_to(MAX_PARAGRAPHS, len(found.texts), "paragraphs")
    marked = rendered.lines
    of_blocks = [_around([marked[n] for n in marks if n < len(marked)]) for marks in found.marks]
    lines = SourceLines(source, of_blocks, rendered.tables, rendered.references)
    return PageText("markdown", found.texts, found.markup, lines)


def to_html(source: str) -> str:
    """Render a page of Markdown as HTML: with the blocks that `split_markdown` finds."""
    return _ANY_MARK.sub("", _render(source).html)


class _Rendered(NamedTuple):
    """A page of Markdown as HTML."""

    html: str
    """With a `MARK` before the text of each line."""
    lines: list[Lines]
    """The lines that each mark speaks of, by its number."""
    tables: list[Lines]
    references: list[Lines]
    """The lines of what defines where links lead to."""


def _render(source: str) -> _Rendered:
    keep_to(MAX_MARKDOWN, len(source), "characters of Markdown")
    keep_to(MAX_LINES, len(NEWLINE.findall(source)), "lines of Markdown")
    keep_to(MAX_SIGNS, len(_SIGN.findall(source)), "signs of Markdown")
    head = read_front_matter(source)
    before = len(NEWLINE.findall(source, 0, head.end))
    text = source[head.end :].removeprefix("\ufeff")
    known: dict[str, Any] = {}
    text = _dedent_lists(_BROKEN_ADDRESS.sub(_mend_address, text))
    tokens = _parser().parse(text, known)
    join_links(tokens)
    renderer = _Renderer(tokens, before)
    body = "".join(renderer.render())
    definitions = [found["map"] for found in known.get("references", {}).values()]
    references = [(first + before, end + before) for first, end in definitions]
    html = f"<!DOCTYPE html><html><head>{head.html()}</head><body>{body}</body></html>"
    return _Rendered(html, renderer.lines, renderer.tables, references)


@cache
def _parser() -> MarkdownIt:
    """CommonMark with GitHub's tables and strikethrough, but for code by indentation: crawlers
    indent lists as they like."""
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING})
    parser.enable(["table", "strikethrough"]).disable(["code", "text_join"])
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # menus have any
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]  # takes long
    return parser


_BROKEN_ADDRESS = re.compile(
    r"""\]\([^\s()<>"]{1,500}(?:\r?\n[ \t>]*[^\s()<>"]{1,500}){1,8}(?=\)|\s+")"""
)
"""An address with lines broken in it, as html2text wraps them."""


def _mend_address(found: re.Match[str]) -> str:
    """An address in one line, and the line breaks behind it, where they are no part of it."""
    pieces = [piece.lstrip(" \t>") for piece in NEWLINE.split(found[0])]
    return "".join(pieces) + "\n" * (len(pieces) - 1)


_ITEM = re.compile(r"[ \t]*(?:[*+-]|\d{1,9}[.)])[ \t]")
_DEEP_ITEM = re.compile(r"^(?: {4}|\t)" + _ITEM.pattern, re.M)


def _dedent_lists(text: str) -> str:
    """Move lists to the left that are indented and stand in no other: the parser takes the lines of
    such a one for its first item's."""
    if not _DEEP_ITEM.search(text):
        return text
    lines = text.split("\n")
    in_list, after_blank, base = False, True, ""
    for n, line in enumerate(lines):
        rest = line.lstrip(" \t")
        if not rest.strip():
            after_blank = True
            continue
        indent = line[: len(line) - len(rest)]
        if base and not indent.startswith(base):
            base = ""
        if not base and _ITEM.match(line):
            if not in_list and after_blank and _DEEP_ITEM.match(line):
                base = indent
            in_list = True
        elif not indent and after_blank:
            in_list = False
        lines[n] = line.removeprefix(base)
        after_blank = False
    return "\n".join(lines)


MAX_APART = 12
"""Blocks that a link over several of them holds at most."""

_BRACKET = re.compile(r"""\[|\](?:\(([^\s()]*(?:\([^\s()]*\)[^\s()]*)*)(?:\s+"[^"]*")?\s*\))?""")
"""What may begin or end a link."""


class Cut(NamedTuple):
    """A bracket in the text of a block at which a link begins or ends."""

    child: int
    """In which token of the block; from where to where in its text."""
    begin: int
    end: int
    address: str | None = None
    """Of a link that begins; None where one ends."""


def join_links(tokens: Sequence[Token]) -> None:
    """Make links of those that stand over several blocks, as crawlers write a teaser that is a link
    as a whole: a bracket before its heading, and the other one with the address behind its text."""
    blocks = [token for token in tokens if token.type == "inline" and token.children]
    cuts = _find_cuts(blocks)
    address = None
    for n, block in enumerate(blocks) if cuts else ():
        if address is not None or n in cuts:
            address = _cut(block, cuts.get(n, ()), address)


def _find_cuts(blocks: Sequence[Token]) -> dict[int, list[Cut]]:
    cuts: dict[int, list[Cut]] = defaultdict(list)
    opened: list[tuple[int, Cut]] = []
    for n, block in enumerate(blocks):
        for child, token in enumerate(block.children or ()):
            for found in _BRACKET.finditer(token.content) if token.type == "text" else ():
                here = Cut(child, found.start(), found.end())
                if found[0] == "[":
                    opened.append((n, here))
                elif opened:
                    first, begin = opened.pop()
                    if found[1] is not None and first < n <= first + MAX_APART:
                        cuts[first].append(begin._replace(address=found[1]))
                        cuts[n].append(here)
                        opened.clear()
    return cuts


def _cut(block: Token, cuts: Iterable[Cut], address: str | None) -> str | None:
    """Begin and end links in a block, one of which may go on from the block before it, and return
    the address of the one that goes on behind it."""
    old, new = block.children or [], [] if address is None else [_begin_link(address)]
    child = place = 0
    for cut in cuts:
        for token in old[child : cut.child]:
            new.append(_rest(token, place))
            place = 0
        child = cut.child
        new.append(Token("text", "", 0, content=old[child].content[place : cut.begin]))
        new.append(_END_LINK if cut.address is None else _begin_link(cut.address))
        place, address = cut.end, cut.address
    for token in old[child:]:
        new.append(_rest(token, place))
        place = 0
    block.children = new if address is None else [*new, _END_LINK]
    return address


_END_LINK = Token("link_close", "a", -1)


def _begin_link(address: str) -> Token:
    return Token("link_open", "a", 1, attrs={"href": address})


def _rest(token: Token, place: int) -> Token:
    """A token without the begin of its text."""
    return token if not place else Token("text", "", 0, content=token.content[place:])


class _Renderer:
    """Writes tokens of the parser as HTML."""

    def __init__(self, tokens: Sequence[Token], before: int) -> None:
        self.lines: list[Lines] = []
        self.tables: list[Lines] = []
        self._tokens = tokens
        self._before = before  # lines before those that were parsed
        contents = [token.content for token in tokens if token.type == "inline"]
        self._break = "\n" if _are_wrapped(contents) else "<br>"

    def render(self) -> Iterator[str]:
        """Yield the HTML of the tokens, in order."""
        lines = (0, 0)
        for token in self._tokens:
            if token.map and token.type != "inline":
                lines = token.map[0] + self._before, token.map[1] + self._before
                if token.type == "table_open":
                    self.tables.append(lines)
            if token.type == "inline":
                yield from self._inline(token, lines)
            elif token.type in ("fence", "code_block"):
                yield f"<pre>{self._mark(*lines)}{escape(token.content)}</pre>\n"
            elif token.type == "html_block":
                yield f"{self._mark(*lines)}{token.content}"
            elif not token.hidden:
                yield f"<{'/' * (token.nesting < 0)}{token.tag}>\n"

    def _mark(self, first: int, end: int) -> str:
        self.lines.append((first, end))
        return f'<{MARK} {NUMBER}="{len(self.lines) - 1}">'

    def _inline(self, token: Token, lines: Lines) -> Iterator[str]:
        """Yield what stands in a block. Where its lines are those of the page, each is marked, and
        may become a block of its own, if it ends outside of links and emphasis."""
        first, end = lines
        breaks = sum(child.type in BREAKS for child in token.children or ())
        by_line = token.content.count("\n") == breaks == end - first - 1
        yield self._mark(first, first + 1 if by_line else end)
        is_open = 0
        for child in token.children or ():
            if child.type in BREAKS:
                mark = ""
                if by_line:
                    first += 1
                    mark = self._mark(first, first + 1)
                line_break = "<br>" if child.type == "hardbreak" else self._break
                yield f"{line_break if mark and not is_open else ' '}{mark}"
            elif child.type == "html_inline":
                yield child.content
            elif child.type == "code_inline":
                yield f"<code>{escape(child.content)}</code>"
            elif child.type == "image":
                text = escape(child.content)  # in the place of the picture
                yield f'<img src="{escape(str(child.attrs["src"]))}" alt="{text}">'
            elif child.tag in INLINE_TAGS:
                is_open += child.nesting
                href = child.attrs.get("href")
                attribute = "" if href is None else f' href="{escape(str(href))}"'
                yield f"<{'/' * (child.nesting < 0)}{child.tag}{attribute}>"
            else:
                yield escape(child.content)


def _are_wrapped(contents: Iterable[str]) -> bool:
    """Say whether paragraphs were wrapped at a column: nearly each line ends because the next word
    had no room. Addresses have no place to break at, so that some lines are longer."""
    pairs = [pair for content in contents for pair in pairwise(content.split("\n"))]
    lengths = [len(line) for line, _ in pairs if len(line) <= WRAP_MAX]
    column = max(lengths, default=0)
    if len(pairs) < WRAP_MIN_LINES or column < WRAP_MIN:
        return False
    full = 0
    for line, follower in pairs:
        if len(line) > WRAP_MAX and max(map(len, line.split()), default=0) < WRAP_MIN:
            return False
        full += is_full(line, follower, column)
    return full >= WRAP_FULL * len(pairs)


@dataclass(frozen=True, slots=True)
class MarkedBlocks(Collected):
    """What was collected of a page, with the numbers of the marks that each block stands at."""

    marks: list[list[int]]


class MarkCollector(BlockCollector):
    """Collects the blocks of a page with the marks that they stand at."""

    def __init__(self, shown: Container[int] = ()) -> None:
        self._marks = [(0, 0)]  # how many parts of the block stand before each, and its number
        self._of_blocks: list[list[int]] = []
        super().__init__(shown)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take a start tag."""
        if tag != MARK:
            super().start(tag, attributes)
        elif (number := attributes.get(NUMBER, "")).isdecimal() and len(number) < 9:
            if self._pending:
                self._take_text()
            self._marks.append((len(self._parts), int(number)))

    def end(self, tag: str) -> None:
        """Take an end tag."""
        if tag != MARK:
            super().end(tag)

    def close(self) -> MarkedBlocks:
        """Return all that was collected."""
        found = super().close()
        return MarkedBlocks(found.texts, found.markup, found.hidden, self._of_blocks)

    def _begin_block(self) -> None:
        super()._begin_block()
        self._marks = [(0, self._marks[-1][1])]

    def _write_block(self, begin: Place, end: Place) -> None:
        before = len(self._page.texts)
        super()._write_block(begin, end)
        if len(self._page.texts) > before:
            first = bisect_right(self._marks, begin.parts, key=_parts_before) - 1
            behind = bisect_left(self._marks, end.parts, key=_parts_before)
            inside = self._marks[first : max(behind, first + 1)]
            self._of_blocks.append([number for _, number in inside])


_parts_before = itemgetter(0)


def _around(lines: Sequence[Lines]) -> Lines:
    """All lines from the first of some to the last."""
    if not lines:
        return 0, 0
    return min(first for first, _ in lines), max(end for _, end in lines)
