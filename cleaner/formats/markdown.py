"""Markdown: a file is one page, and fields may stand before its text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from cleaner.formats import text
from cleaner.formats.record import MAX_PAGE, Record, Row


def read(chunks: Iterable[bytes], name: str, *, max_page: int = MAX_PAGE) -> Iterator[list[Record]]:
    """Yield the whole file as one page; see `read_whole`."""
    return text.read_whole(chunks, name, "markdown", max_page)


def write(
    batches: Iterable[list[Row]], text_field: str = "text", head: Sequence[str] = ()
) -> Iterator[bytes]:
    """Yield the texts of the rows as `text.write` does, each behind the fields that `head` names
    and it has, as YAML between two lines of dashes."""
    with_heads: Iterable[list[Row]] = (
        [{text_field: f"{_head(row, head)}{row[text_field]}"} for row in rows] for rows in batches
    )
    return text.write(with_heads if head else batches, text_field)


def _head(row: Row, names: Sequence[str]) -> str:
    """The fields of a row, each as JSON, which YAML holds."""
    fields = [
        f"{name}: {json.dumps(row[name], ensure_ascii=False)}\n"
        for name in names
        if row[name] is not None
    ]
    return "".join(["---\n", *fields, "---\n\n"]) if fields else ""
