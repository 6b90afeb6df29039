"""A page as it came in, and as its blocks."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from cleaner.errors import UsageError, check_option

I64 = NDArray[np.int64]

Kind = Literal["auto", "text", "html", "markdown"]
SplitKind = Literal["text", "html", "markdown"]
"""What a page turns out to be."""

MODEL_OF: Mapping[SplitKind, str] = {"text": "text", "html": "html", "markdown": "html"}
"""The model that labels each kind of page."""


@dataclass(frozen=True, slots=True)
class Page:
    """One scraped document, not read yet; raises `UsageError` for what is none.

    Its source is its text or HTML; `Cleaner` takes the path of its file, too.
    """

    source: str | bytes
    kind: Kind = "auto"
    url: str | None = None
    charset: str | None = None
    """What HTTP says that the bytes are in, right or wrong."""

    def __post_init__(self) -> None:
        if not isinstance(self.source, str | bytes | os.PathLike):
            raise UsageError(f"a page is str, bytes or a Path, not {type(self.source).__name__}")
        check_kind(self.kind)
        check_option("url", self.url, isinstance(self.url, str | None), "a string")


def check_kind(kind: object) -> None:
    """Raise `UsageError` for what is no kind of page."""
    if kind not in get_args(Kind):
        raise UsageError(f"unknown kind {kind!r:.100}: choose auto, text, html or markdown")


ElementKind = tuple[str, tuple[str, ...]]
"""A tag, and the values of the attributes that tell what its element is for, none of them empty."""


@dataclass(frozen=True, slots=True)
class Elements:
    """The visible block elements of an HTML page, in order; the first one stands for the page."""

    kinds: list[ElementKind]
    """The distinct kinds of all elements, inline ones too: a page uses few of them again and
    again."""
    kind: I64
    """Of each element, an index of `kinds`."""
    parent: I64
    """The element around each, -1 for the first one."""
    last: I64
    """The last element that stands in each, or itself."""


COUNTS = ("chars", "link_chars", "links", "external_links", "emphasis", "time")
"""What is counted of a block: characters, before white space is folded; those inside links; links,
and those of them that name a host; whether `em` or `i`, and whether `time` stands in it."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """The visible text blocks of an HTML page, in order.

    Each has some inline elements and links: those of block `i` are
    `inline[inline_indptr[i] : inline_indptr[i + 1]]` (CSR).
    """

    element: I64
    """The element that holds each directly."""
    counts: I64
    """Shape (blocks, 6), columns as in `COUNTS`."""
    inline: I64
    """The kinds of the first inline elements of blocks."""
    inline_indptr: I64
    targets: list[str]
    """Where the first links of blocks lead to."""
    target_indptr: I64


@dataclass(frozen=True, slots=True)
class Markup:
    """What HTML tells of a page beside its text."""

    elements: Elements
    blocks: Blocks
    titles: tuple[str, ...] = ()
    """What the page calls itself, the best name first: `og:title`, `twitter:title`, `headline` in
    JSON-LD, and `<title>`, often with the name of the site."""
    body: str = ""
    """JSON-LD `articleBody`, empty where the page has none."""


NEWLINE = re.compile(r"\r\n|\r|\n")
"""What ends a line of Markdown."""

Lines = tuple[int, int]
"""The first of some lines, and the one behind the last."""


@dataclass(frozen=True, slots=True)
class SourceLines:
    """A page of Markdown, and the lines that its paragraphs came from."""

    source: str
    of_paragraphs: list[Lines]
    """Those of the cells of a row are the same, and so are those of what stands in an HTML block
    together."""
    tables: list[Lines]
    references: list[Lines]
    """The lines of what defines where links lead to."""

    def starts(self) -> list[int]:
        """Return where each line begins, and where the page ends."""
        ends = [found.end() for found in NEWLINE.finditer(self.source)]
        return [0, *ends, len(self.source)]


@dataclass(frozen=True, slots=True)
class PageText:
    """A page split into paragraphs."""

    kind: SplitKind
    texts: list[str]
    markup: Markup | None = None
    """None for plain text."""
    lines: SourceLines | None = None
    """Of Markdown alone."""

    @property
    def title(self) -> str | None:
        """What an HTML page calls itself, None where it does not say."""
        return self.markup.titles[0] if self.markup and self.markup.titles else None
