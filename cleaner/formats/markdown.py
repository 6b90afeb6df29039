"""Markdown: a file is one page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cleaner.formats.record import MAX_PAGE, Record
from cleaner.formats.text import read_whole


def read(chunks: Iterable[bytes], name: str, *, max_page: int = MAX_PAGE) -> Iterator[list[Record]]:
    """Yield the whole file as one page; see `read_whole`."""
    return read_whole(chunks, name, "markdown", max_page)
