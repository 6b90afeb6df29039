"""A page's kept blocks as plain text that shows lists and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cleaner.pages.styles import StyledBlocks
from cleaner.structure.inline import write_code
from cleaner.structure.layout import lay_out
from cleaner.structure.outline import Item, Part, outline_html


def html_to_text(page: StyledBlocks, kept: Sequence[int]) -> str:
    """Return the kept blocks of a page of HTML: a table's row on one line, its cells split by tabs,
    and items of lists with a dash or their number."""
    parts = outline_html(page, kept)
    lines = ((_without_quotes(part), _lines(page, part)) for part in parts)
    return lay_out(lines, bullets="--", stops="..")


def _without_quotes(part: Part) -> Part:
    items = tuple(c for c in part.containers if isinstance(c, Item))
    return replace(part, containers=items)


def _lines(page: StyledBlocks, part: Part) -> list[str]:
    if part.kind == "table":
        return ["\t".join(_folded(page, cell) for cell in row) for row in part.rows]
    if part.kind == "code":
        return [line for block in part.blocks for line in write_code(page.pieces[block])]
    return [_folded(page, part.blocks)]


def _folded(page: StyledBlocks, blocks: Sequence[int]) -> str:
    return " ".join(" ".join(page.texts[block].split()) for block in blocks)
