"""WARC and WET, as Common Crawl gives them out: HTML that a crawler was sent, or its text.

fastwarc finds the records. A record is checked against its length before a page is made of it, so a
file that is cut anywhere gives whole pages only; what is wrong with a page costs no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cleaner.errors import PageError, missing_extra
from cleaner.formats.http import HEADER, body_of, parse_response
from cleaner.formats.record import CHUNK, MAX_PAGE, MOST_RECORDS, Record, Row, too_large
from cleaner.pages import Page
from cleaner.pages.detect import refuse_binary

MAGIC = b"WARC/"

HTML_TYPES = ("text/html", "application/xhtml+xml")


def read(chunks: Iterable[bytes], name: str, *, max_page: int = MAX_PAGE) -> Iterator[list[Record]]:
    """Yield the pages that the records hold, some `CHUNK` bytes of them in a batch.

    A `response` whose HTTP says that it is HTML is an HTML page, a `conversion` (of WET files) a
    text page; other records are passed over. Fields are `id` (the record's, else the URL), `url`
    and `date`. A page that is damaged, or has over `max_page` bytes, gives the reason. Raises
    `PageError` where the rest can't be read, with the offset in the unpacked data.
    """
    stream = _Stream(chunks)
    batch: list[Record] = []
    size = 0
    failed = None
    try:
        for found in _records(stream, name, max_page):
            if found:
                batch.append(found)
                size += len(found.page.source) if isinstance(found.page, Page) else 0
            if batch and (size >= CHUNK or len(batch) >= MOST_RECORDS or stream.drained):
                yield batch
                batch, size = [], 0
    except PageError as error:
        failed = error
    if batch:
        yield batch
    if failed:
        raise failed


class _Stream:
    """Chunks as the file that fastwarc reads from."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._chunk = b""
        self._start = self._position = 0

    def read(self, size: int) -> bytes:
        """Return what is left of a chunk, at most `size` bytes; ask for another if it is empty."""
        if self.drained:
            self._chunk, self._start = next(self._chunks, b""), 0
        data = self._chunk[self._start : self._start + size]
        self._start += len(data)
        self._position += len(data)
        return data

    def tell(self) -> int:
        return self._position

    @property
    def drained(self) -> bool:
        """Whether the next read may have to wait."""
        return self._start == len(self._chunk)


def _records(stream: Any, name: str, max_page: int) -> Iterator[Record | None]:
    """Yield the page of each record, None where it holds none, once the record is whole."""
    try:
        from fastwarc.warc import ArchiveIterator
    except ImportError:
        raise missing_extra("WARC", "fastwarc", "warc") from None
    place = "at byte 0"
    try:
        for record in ArchiveIterator(stream, parse_http=False):
            place = f"behind the one at byte {record.stream_pos}"
            content = _content(record, max_page)
            length = len(content) + record.reader.consume()
            if length < record.content_length or not record.headers.get("Content-Length"):
                raise PageError(
                    f"the record at byte {record.stream_pos} is cut off; what comes before was read"
                )
            try:
                page: Page | PageError | None = _page(record, content, length, max_page)
            except PageError as error:
                page = error
            where = f"{name}: record at byte {record.stream_pos}"
            yield Record(page, _fields(record.headers), where) if page else None
    except OSError as error:
        if error.errno is not None:  # the file's own
            raise
        raise PageError(f"no WARC record {place} ({error}); what comes before was read") from None


def _content(record: Any, max_page: int) -> bytes:
    """Return the content of a record: all that a page may have, the beginning where it is none."""
    content: bytes = record.reader.read(HEADER)
    if not record.is_http or parse_response(content).type in HTML_TYPES:
        content += record.reader.read(max_page)
    return content


def _fields(headers: Any) -> Row:
    url = _url(headers)
    return {
        "id": headers.get("WARC-Record-ID") or url,
        "url": url,
        "date": headers.get("WARC-Date"),
    }


def _url(headers: Any) -> str | None:
    return headers.get("WARC-Target-URI", "").strip("<>") or None


def _page(record: Any, content: bytes, length: int, max_page: int) -> Page | None:
    """Return the page of a record, None where it holds none; `content` is its beginning where it
    has more than a page may."""
    from fastwarc.warc import WarcRecordType

    url = _url(record.headers)
    if record.record_type == WarcRecordType.conversion:
        if length > max_page:
            raise too_large(max_page)
        return Page(content, "text", url)
    if record.record_type != WarcRecordType.response or not record.is_http:
        return None
    response = parse_response(content)
    if response.type not in HTML_TYPES:
        return None
    if length > len(content):
        raise too_large(max_page)
    body = body_of(response, max_page)
    refuse_binary(body)
    return Page(body, "html", url, response.charset)
