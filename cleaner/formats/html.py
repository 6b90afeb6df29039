"""HTML: a file is one page, in any charset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cleaner.formats.record import Record
from cleaner.pages import Page


def read(chunks: Iterable[bytes], name: str) -> Iterator[list[Record]]:
    """Yield the whole file as one page whose only field is its file name as `id`."""
    yield [Record(Page(b"".join(chunks), "html"), {"id": name}, name, "html")]
