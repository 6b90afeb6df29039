"""Markdown into paragraphs: rendered as HTML without classes, and split as such.

Each block knows the lines of the page that it came from, so that it can come out as it came in.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from cleaner.pages.blocks import BlockCollector, Collected, Place
from cleaner.pages.bounds import MAX_ELEMENTS, MAX_PARAGRAPHS, keep_to
from cleaner.pages.html import collect, encode
from cleaner.pages.page import PageText
from cleaner.pages.text import WRAP_FULL, WRAP_MAX, WRAP_MIN, WRAP_MIN_LINES

Lines = tuple[int, int]
"""The first of some lines, and the one behind the last."""

MAX_NESTING = 50
"""Lists and quotes in each other; the parser leaves out what is deeper."""

MARK, NUMBER = "wbr", "data-lines"
"""The element and its attribute that say which lines the text behind it came from. No page of
Markdown needs such an element: where else it stands it is passed over."""

BREAKS = frozenset(("softbreak", "hardbreak"))
INLINE_TAGS = frozenset(("a", "em", "s", "strong"))

NEWLINE = re.compile(r"\r\n|\r|\n")
"""What ends a line, as the parser has it."""


def split_markdown(source: str) -> PageText:
    """Parse a page of Markdown and split it into its text blocks.

    Raises `PageError` for a page that holds more than any article (`bounds.py`).
    """
    html, lines = render(source)
    data = encode(html)
    keep_to(MAX_ELEMENTS, data.count(b"<") - data.count(b"</"), "elements")
    found = collect(data, MarkCollector)
    assert isinstance(found, MarkedBlocks)
    keep_to(MAX_PARAGRAPHS, len(found.texts), "paragraphs")
    of_blocks = [_around([lines[n] for n in marks if n < len(lines)]) for marks in found.marks]
    return PageText("markdown", found.texts, found.markup, of_blocks)


def render(source: str) -> tuple[str, list[Lines]]:
    """Render a page of Markdown as HTML, with a `MARK` before the text of each line; return it with
    the lines that each of these speaks of, by its number."""
    head = read_head(source)
    tokens = _parser().parse(_BROKEN_ADDRESS.sub(_mend_address, source[head.end :]))
    join_links(tokens)
    renderer = _Renderer(tokens, len(NEWLINE.findall(source, 0, head.end)))
    body = "".join(renderer.render())
    title = f"<title>{escape(head.title)}</title>" if head.title else ""
    html = f"<!DOCTYPE html><html><head>{title}</head><body>{body}</body></html>"
    return html, renderer.lines


def _parser() -> MarkdownIt:
    """CommonMark with GitHub's tables and strikethrough, but for code by indentation: crawlers
    indent lists as they like."""
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING})
    parser.enable(["table", "strikethrough"]).disable(["code", "text_join"])
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # menus have any
    return parser


_BROKEN_ADDRESS = re.compile(
    r"""\]\([^\s()<>"]{1,500}(?:\r?\n[ \t>]*[^\s()<>"]{1,500}){1,8}(?=\)|\s+")"""
)
"""An address with lines broken in it, as html2text wraps them."""


def _mend_address(found: re.Match[str]) -> str:
    """An address in one line, and the line breaks behind it, where they are no part of it."""
    pieces = [piece.lstrip(" \t>") for piece in NEWLINE.split(found[0])]
    return "".join(pieces) + "\n" * (len(pieces) - 1)


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


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before a page's text, as crawlers and generators of sites put it there."""

    end: int = 0
    """Where in the page it ends."""
    title: str = ""


_FRONT_MATTER = re.compile(
    r"\ufeff?---[ \t]*\r?\n((?:.*\r?\n){1,200}?)(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)"
)
_READER_HEAD = re.compile(
    r"\ufeff?\s*Title:.*\r?\n(?:(?:[A-Z][\w ]{0,40}:.*)?\r?\n){0,20}?"
    r"Markdown Content:[ \t]*(?:\r?\n|\Z)"
)
"""What Jina's reader puts there."""

_FIELD = re.compile(r"^([A-Za-z][\w -]{0,40}):[ \t]*(.*?)[ \t]*\r?$", re.M)


def read_head(source: str) -> Head:
    """Read the fields that stand before the text."""
    if found := _FRONT_MATTER.match(source):
        fields, end = found[1], found.end()
    elif found := _READER_HEAD.match(source):
        fields, end = found[0], found.end()
    else:
        return Head()
    named = {name.lower(): value for name, value in reversed(_FIELD.findall(fields))}
    return Head(end, named.get("title", "").strip("\"'"))


class _Renderer:
    """Writes tokens of the parser as HTML."""

    def __init__(self, tokens: Sequence[Token], before: int) -> None:
        self.lines: list[Lines] = []
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
                yield f'<img src="{escape(str(child.attrs["src"]))}">'
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
        word = follower.split(maxsplit=1)
        full += len(line) + 1 + (len(word[0]) if word else 0) > column
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
            at_begin = [number for parts, number in self._marks if parts <= begin.parts]
            inside = [n for parts, n in self._marks if begin.parts < parts < end.parts]
            self._of_blocks.append([at_begin[-1], *inside])


def _around(lines: Sequence[Lines]) -> Lines:
    """All lines from the first of some to the last."""
    if not lines:
        return 0, 0
    return min(first for first, _ in lines), max(end for _, end in lines)
