"""A page's kept paragraphs as Markdown: CommonMark, with GitHub's tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from cleaner.pages.styles import PLAIN, Image, Piece, StyledBlocks
from cleaner.structure.addresses import Resolve, find_base, resolver
from cleaner.structure.inline import (
    Addresses,
    as_cell,
    as_heading,
    as_paragraph,
    escape,
    fence_of,
    write_code,
    write_inline,
)
from cleaner.structure.layout import lay_out
from cleaner.structure.outline import Part, outline_html, outline_text


def text_to_markdown(texts: Sequence[str], kept: Sequence[int], headlines: Iterable[int]) -> str:
    """Return the kept paragraphs of a page of plain text as Markdown."""
    writer = _Writer(lambda n: [(texts[n], PLAIN)], lambda _: None, resolver(""))
    return lay_out((part, writer.lines(part)) for part in outline_text(kept, headlines))


def html_to_markdown(
    page: StyledBlocks,
    kept: Sequence[int],
    headlines: Iterable[int],
    captions: Iterable[int],
    url: str | None,
    links: bool,
) -> str:
    """Return the kept blocks of a page of HTML as Markdown, addresses absolute by its URL.

    `captions` are the blocks whose pictures are wanted.
    """
    resolve = resolver(find_base(url, page.base, page.canonical))
    address = cache(lambda link: resolve(page.links[link]) if links else None)
    writer = _Writer(page.pieces.__getitem__, address, resolve)
    parts = outline_html(page, kept, headlines, captions)
    return lay_out((part, lines) for part in parts if (lines := writer.lines(part)))


class _Writer:
    """Writes the lines of parts."""

    def __init__(
        self, pieces: Callable[[int], Iterable[Piece]], addresses: Addresses, resolve: Resolve
    ) -> None:
        self._pieces = pieces
        self._addresses = addresses
        self._resolve = resolve

    def lines(self, part: Part) -> list[str]:
        """Return the lines of a part, none for pictures that lead nowhere."""
        if part.kind == "code":
            return self._code(part)
        if part.kind == "table":
            return self._table(part)
        if part.kind == "images":
            return [line for image in part.images if (line := self._image(image))]
        text = " ".join(map(self._inline, part.blocks))
        if part.kind == "heading":
            return [f"{'#' * part.level} {as_heading(text)}"]
        return as_paragraph(text)

    def _inline(self, block: int) -> str:
        return write_inline(self._pieces(block), self._addresses)

    def _code(self, part: Part) -> list[str]:
        lines = [line for block in part.blocks for line in write_code(self._pieces(block))]
        fence = fence_of(lines)
        return [f"{fence}{part.language}", *lines, fence]

    def _table(self, part: Part) -> list[str]:
        rows = [[as_cell(map(self._inline, cell)) for cell in row] for row in part.rows]
        if not part.has_header:
            rows.insert(0, [""] * len(rows[0]))
        rows.insert(1, ["---"] * len(rows[0]))
        return [f"| {' | '.join(row)} |" for row in rows]

    def _image(self, image: Image) -> str | None:
        address = self._resolve(image.source)
        return address and f"![{escape(' '.join(image.text.split()))}]({address})"
