"""What stands within the blocks of an HTML page, and beside them: bold, links, pictures, numbers.

Collected only where it is asked for, by the same walk as the blocks, so that the pieces of a block
are exactly its text.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from cleaner.pages.blocks import BlockCollector, Collected, Place, is_hidden

BOLD, ITALIC = frozenset(("b", "strong")), frozenset(("i", "em"))
CODE = frozenset(("code", "kbd", "samp", "tt"))
STYLED = BOLD | ITALIC | CODE | {"a"}

NUMBERED = {"ol": "start", "li": "value"}
"""The attributes that number lists and items."""

MAX_SPAN = 100
"""Columns or rows that a cell takes at most; HTML allows 1,000 columns, and no table has them."""

_NUMBER = re.compile(r"\s*(\d{1,8})(?!\d)", re.A)
"""A number; Markdown has up to nine digits before an item, which may be one that follows."""

_LANGUAGE = re.compile(r"(?:^|\s)lang(?:uage)?-([\w+#-]+)", re.A)
"""The class by which code says its language (HTML Standard)."""


class Style(NamedTuple):
    """How a piece of text is set."""

    link: int | None = None
    """The number of the link that it stands in, an index of `StyledBlocks.links`."""
    bold: bool = False
    italic: bool = False
    code: bool = False

    def has(self, name: str) -> bool:
        """Whether it has a field set."""
        return bool(getattr(self, name) != getattr(PLAIN, name))

    def without(self, name: str) -> Style:
        """Return the style without a field."""
        return self._replace(**{name: getattr(PLAIN, name)})

    def shared_with(self, other: Style) -> Style:
        """Return what both have."""
        names = [name for name in self._fields if getattr(self, name) == getattr(other, name)]
        return Style(**{name: getattr(self, name) for name in names})


PLAIN = Style()

Piece = tuple[str, Style | None]
"""A text and how it is set; a line break, with None."""


class Image(NamedTuple):
    """A picture in sight."""

    element: int
    """The block element that it stands in."""
    source: str
    """Where it is, as the page says it."""
    text: str
    """What is said in its place where it can't be seen."""


@dataclass(frozen=True, slots=True)
class StyledBlocks(Collected):
    """What was collected of a page, with what stands within its blocks."""

    pieces: list[list[Piece]]
    """Of each block; together they are its text, but for white space."""
    links: list[str]
    """Where each link leads to, as the page says it."""
    images: list[Image]
    numbers: dict[int, int]
    """Of lists and items that say one."""
    spans: dict[int, tuple[int, int]]
    """The columns and rows that a cell takes, where it says it."""
    languages: dict[int, str]
    """Of elements with code, where it says it."""
    base: str
    """Where links start from, as `<base>` says it, else empty."""
    canonical: str
    """The address that the page gives itself, else empty."""


class StyleCollector(BlockCollector):
    """Collects the blocks of a page with what stands within them."""

    def __init__(self, shown: Container[int] = ()) -> None:
        self._styles: list[Style | None] = []  # one for each of the block's parts
        self._open = [PLAIN]
        self._pieces: list[list[Piece]] = []
        self._links: list[str] = []
        self._images: list[Image] = []
        self._numbers: dict[int, int] = {}
        self._spans: dict[int, tuple[int, int]] = {}
        self._languages: dict[int, str] = {}
        self._addresses: dict[str, str] = {}
        super().__init__(shown)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take a start tag."""
        super().start(tag, attributes)
        if self._skipped:
            self._see(tag, attributes)
        elif tag in STYLED:
            self._open.append(self._style(tag, attributes))
            if tag == "code":
                self._note_language(attributes)
        elif tag == "base":
            self._addresses.setdefault(tag, attributes.get("href") or "")

    def end(self, tag: str) -> None:
        """Take an end tag."""
        is_seen = not self._skipped
        super().end(tag)
        if is_seen and tag in STYLED:
            self._open.pop()

    def close(self) -> StyledBlocks:
        """Return all that was collected."""
        found = super().close()
        return StyledBlocks(
            found.texts,
            found.markup,
            found.hidden,
            self._pieces,
            self._links,
            self._images,
            self._numbers,
            self._spans,
            self._languages,
            self._addresses.get("base", ""),
            self._addresses.get("canonical", ""),
        )

    def _see(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Look at an element without text; a picture in what is hidden is hidden, too."""
        if tag == "img" and not self._curtain and not is_hidden("img", attributes):
            if source := _source_of(attributes):
                self._images.append(Image(self._page.element, source, attributes.get("alt") or ""))
        elif tag == "link" and "canonical" in (attributes.get("rel") or "").lower().split():
            self._addresses.setdefault("canonical", attributes.get("href") or "")

    def _style(self, tag: str, attributes: Mapping[str, str]) -> Style:
        style = self._open[-1]
        if tag == "a":
            self._links.append(attributes.get("href") or "")
            return style._replace(link=len(self._links) - 1 if "href" in attributes else None)
        if tag in BOLD:
            return style._replace(bold=True)
        return style._replace(italic=True) if tag in ITALIC else style._replace(code=True)

    def _start_block(self, tag: str, attributes: Mapping[str, str]) -> None:
        super()._start_block(tag, attributes)
        element = self._page.element
        if tag in NUMBERED:
            if number := _NUMBER.match(attributes.get(NUMBERED[tag]) or ""):
                self._numbers[element] = int(number[1])
        elif tag in ("td", "th"):
            span = _span(attributes, "colspan"), _span(attributes, "rowspan")
            if span != (1, 1):
                self._spans[element] = span
        elif tag == "pre":
            self._note_language(attributes)

    def _note_language(self, attributes: Mapping[str, str]) -> None:
        if found := _LANGUAGE.search(attributes.get("class") or ""):
            self._languages[self._page.element] = found[1]

    def _begin_block(self) -> None:
        super()._begin_block()
        self._styles = []

    def _take_text(self) -> None:
        super()._take_text()
        new = len(self._parts) - len(self._styles)
        self._styles.extend([self._open[-1]] * new)

    def _break_line(self) -> None:
        self._styles.append(None)
        super()._break_line()

    def _write_block(self, begin: Place, end: Place) -> None:
        before = len(self._page.texts)
        super()._write_block(begin, end)
        if len(self._page.texts) > before:
            part = slice(begin.parts, end.parts)
            self._pieces.append([*zip(self._parts[part], self._styles[part], strict=True)])


def _span(attributes: Mapping[str, str], name: str) -> int:
    found = _NUMBER.match(attributes.get(name) or "")
    return min(max(int(found[1]), 1), MAX_SPAN) if found else 1


def _source_of(attributes: Mapping[str, str]) -> str:
    """Where a picture is: many pages name it elsewhere until it comes into sight."""
    first = (attributes.get("srcset") or attributes.get("data-srcset") or "").split(None, 1)[:1]
    found = [attributes.get(name) or "" for name in ("data-src", "src")] + first
    return next((source for source in found if source and not source.startswith("data:")), "")
