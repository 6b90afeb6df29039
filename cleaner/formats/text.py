"""Plain text: a file is one page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cleaner.errors import PageError
from cleaner.formats.record import MAX_PAGE, Record, Row, too_large
from cleaner.pages import Kind, Page
from cleaner.pages.charset import mend

PAGE_BREAK = "\f\n"
"""Stands between two pages: a line that holds only a form feed, as `pdftotext` writes it.

No paragraph looks like this, and read again it counts as white space.
"""


def read(chunks: Iterable[bytes], name: str, *, max_page: int = MAX_PAGE) -> Iterator[list[Record]]:
    """Yield the whole file as one page; see `read_whole`."""
    return read_whole(chunks, name, "text", max_page)


def read_whole(
    chunks: Iterable[bytes], name: str, kind: Kind, max_page: int
) -> Iterator[list[Record]]:
    """Yield a file as one page whose only field is its file name as `id`.

    Where the chunks raise `PageError`, what came before is the page, and the error is raised then.
    A file of over `max_page` bytes is failed, and not read further.
    """
    source, failed = bytearray(), None
    try:
        for chunk in chunks:
            source += chunk
            if len(source) > max_page:
                yield [Record(too_large(max_page), {"id": name}, name)]
                return
    except PageError as error:
        failed = error
    if source or not failed:
        yield [Record(Page(bytes(source), kind), {"id": name}, name)]
    if failed:
        raise failed


def write(batches: Iterable[list[Row]], text_field: str = "text") -> Iterator[bytes]:
    """Yield the texts of the rows, a page break between two; other fields are left out.

    Half an emoji, which no charset can write, becomes U+FFFD.
    """
    page_break = ""
    for rows in batches:
        parts: list[str] = []
        for row in rows:
            text = row[text_field]
            parts += (page_break, f"{text}\n" if text else "")
            page_break = PAGE_BREAK
        texts = "".join(parts)
        try:
            yield texts.encode()
        except UnicodeEncodeError:
            yield mend(texts).encode()
