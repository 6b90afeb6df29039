"""A page as it came in, and as its blocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["auto", "text", "html"]


@dataclass(frozen=True, slots=True)
class Page:
    """One scraped document, not read yet."""

    source: str | bytes
    kind: Kind = "auto"
    url: str | None = None


@dataclass(slots=True)
class Container:
    """An element that holds blocks: a node of the tree of block elements."""

    tag: str
    parent: int
    """Index of the enclosing container, -1 for the outermost."""
    marks: str
    """The values of the attributes that tell what it is for, joined by a space."""


@dataclass(slots=True)
class Block:
    """One visible text block of an HTML page."""

    text: str = ""
    container: int = 0
    """Index of the container that holds it directly."""
    chars: int = 0
    """Characters in all, before white space is folded."""
    link_chars: int = 0
    """Characters inside links, before white space is folded."""
    links: list[str] = field(default_factory=list)
    """Targets of the links in it."""
    inline: list[str] = field(default_factory=list)
    """Tag and marks of the inline elements in it."""


@dataclass(slots=True)
class Markup:
    """What HTML tells of a page beside its text."""

    blocks: list[Block]
    containers: list[Container]
    titles: tuple[str, ...] = ()
    """What the page's head calls it: `<title>`, `og:title`, JSON-LD `headline`."""
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
