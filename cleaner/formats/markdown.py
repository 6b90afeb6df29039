"""Markdown: a file is one page, and fields may stand before its text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cleaner.formats import text
from cleaner.formats.record import MAX_PAGE, Record, Row
from cleaner.pages.front_matter import write_front_matter


def read(chunks: Iterable[bytes], name: str, *, max_page: int = MAX_PAGE) -> Iterator[list[Record]]:
    """Yield the whole file as one page; see `read_whole`."""
    return text.read_whole(chunks, name, "markdown", max_page)


def write(
    batches: Iterable[list[Row]], text_field: str = "text", head: Sequence[str] = ()
) -> Iterator[bytes]:
    """Yield the texts of the rows as `text.write` does, each behind the fields that `head` names
    and it has, as YAML between two lines of dashes."""
    with_heads: Iterable[list[Row]] = (
        [
            {text_field: write_front_matter({n: row[n] for n in head}) + str(row[text_field])}
            for row in rows
        ]
        for rows in batches
    )
    return text.write(with_heads if head else batches, text_field)
