"""Markdown into paragraphs: rendered as HTML without classes, and split as such.

Each block knows the lines of the page that it came from, so that it can come out as it came in.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

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
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING})
    parser.enable(["table", "strikethrough"])
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # menus have any
    tokens = parser.parse(source[head.end :])
    renderer = _Renderer(tokens, len(NEWLINE.findall(source, 0, head.end)))
    body = "".join(renderer.render())
    title = f"<title>{escape(head.title)}</title>" if head.title else ""
    html = f"<!DOCTYPE html><html><head>{title}</head><body>{body}</body></html>"
    return html, renderer.lines


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
        by_line = token.content.count("\n") + 1 == end - first
        yield self._mark(first, first + 1 if by_line else end)
        is_open = 0
        for child in token.children or ():
            if child.type in ("softbreak", "hardbreak"):
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
