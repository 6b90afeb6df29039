"""A page as it came in, and as its blocks."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from cleaner.pages.spans import I64, U8, U64, Spans

Kind = Literal["auto", "text", "html"]

INLINES, TARGETS = 6, 2
"""Inline elements and links of a block that are looked at."""


@dataclass(frozen=True, slots=True)
class Page:
    """One scraped document, not read yet."""

    source: str | bytes
    kind: Kind = "auto"
    url: str | None = None
    charset: str | None = None
    """What HTTP says that the bytes are in, right or wrong."""


@dataclass(frozen=True, slots=True)
class Elements:
    """The visible elements of HTML pages, in order."""

    name: Spans
    name_hash: U64
    parent: I64
    """The block element around each, -1 for the outermost."""
    last: I64
    """The last element that stands in each, or itself."""
    value: Spans
    """The values of attributes that tell what an element is for, none of them empty; and a hash of
    each."""
    value_hash: U64
    owner: I64
    """The element that each value belongs to, in order."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """The visible text blocks of HTML pages, in order."""

    element: I64
    """The block element that holds each directly."""
    numbers: I64
    """Shape (blocks, 6): characters, before white space is folded; those inside links; links, and
    those of them that name a host; whether `em` or `i`, and whether `time` stands in it."""
    inline: I64
    """Its first inline elements, shape (blocks, `INLINES`), -1 where it has less."""
    target_start: I64
    target_end: I64
    """Targets of its first links, shape (blocks, `TARGETS`): spans, -1 where it has less."""

    def pick(self, chosen: slice) -> Blocks:
        """Some of the blocks."""
        return Blocks(*(getattr(self, field.name)[chosen] for field in fields(self)))


@dataclass(slots=True)
class Markup:
    """What HTML tells of a page beside its text."""

    source: U8
    """The page as well-formed XML, in UTF-8; spans are of these bytes."""
    elements: Elements
    blocks: Blocks
    titles: tuple[str, ...] = ()
    """What the page calls itself: `<title>`, `og:title`, JSON-LD `headline`."""
    body: str = ""
    """JSON-LD `articleBody`, empty where the page has none."""


@dataclass(slots=True)
class PageText:
    """A page split into paragraphs."""

    kind: Literal["text", "html"]
    texts: list[str]
    title: str | None = None
    """What trafilatura reads as the title of an HTML page."""
    markup: Markup | None = None
    """None for plain text."""
