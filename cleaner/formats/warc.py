"""WARC and WET, as Common Crawl gives them out: HTML that a crawler was sent, or its text.

fastwarc finds the records and undoes HTTP's own encodings. A record is checked against its length
before a page is made of it, so a file that is cut anywhere gives whole pages only.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from typing import Any

from cleaner.errors import PageError, missing_extra
from cleaner.formats.record import CHUNK, Record
from cleaner.pages import Page
from cleaner.pages.detect import refuse_binary

MAGIC = b"WARC/"

HTML_TYPES = ("text/html", "application/xhtml+xml")

HTTP_HEADER = 1 << 16
"""Bytes that hold any HTTP header; a picture or film is not read further."""

WESTERN = ("ascii", "cp1252", "iso8859-1")
"""Charsets that servers claim of anything; browsers take each as windows-1252."""

_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read(chunks: Iterable[bytes], name: str) -> Iterator[list[Record]]:
    """Yield the pages that the records hold, some `CHUNK` bytes of them in a batch.

    A `response` whose HTTP says that it is HTML is an HTML page, a `conversion` (of WET files) a
    text page; other records are passed over. Fields are `id` (the record's, else the URL), `url`
    and `date`. Raises `PageError` where the rest can't be read, with the offset in the unpacked
    data.
    """
    stream = _Stream(chunks)
    batch: list[Record] = []
    size = 0
    failed = None
    try:
        for found in _records(stream, name):
            if found:
                batch.append(found)
                size += len(found.page.source) if isinstance(found.page, Page) else 0
            if batch and (size >= CHUNK or stream.drained):
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


def _records(stream: Any, name: str) -> Iterator[Record | None]:
    """Yield the page of each record, None where it holds none, once the record is whole."""
    try:
        from fastwarc.warc import ArchiveIterator, WarcRecordType
    except ImportError:
        raise missing_extra("WARC", "fastwarc", "warc") from None
    place = "at byte 0"
    try:
        for record in ArchiveIterator(stream, parse_http=False):
            place = f"behind the one at byte {record.stream_pos}"
            is_text = record.record_type == WarcRecordType.conversion
            is_http = record.record_type == WarcRecordType.response and record.is_http
            content = _content(record, is_text, is_http)
            if content is None:
                yield None
            else:
                yield _page(
                    record.headers, content, is_text, f"{name}: record at byte {record.stream_pos}"
                )
    except OSError as error:
        if error.errno is not None:  # the file's own
            raise
        raise PageError(f"no WARC record {place} ({error}); what comes before was read") from None


def _content(record: Any, is_text: bool, is_http: bool) -> bytes | None:
    """Return the content of a record that holds a page. Raises `PageError` where it is cut off."""
    content: bytes = record.reader.read(HTTP_HEADER)
    wanted = is_text or (is_http and _is_html(content))
    if wanted:
        content += record.reader.read()
    length = len(content) + record.reader.consume()
    if length < record.content_length or not record.headers.get("Content-Length"):
        raise PageError(
            f"the record at byte {record.stream_pos} is cut off; what comes before was read"
        )
    return content if wanted else None


def _is_html(content: bytes) -> bool:
    return (_http(content, "none").http_content_type or "").lower() in HTML_TYPES


def _page(headers: Any, content: bytes, is_text: bool, where: str) -> Record:
    url = headers.get("WARC-Target-URI", "").strip("<>") or None
    fields = {
        "id": headers.get("WARC-Record-ID") or url,
        "url": url,
        "date": headers.get("WARC-Date"),
    }
    if is_text:
        return Record(Page(content, "text", url), fields, where)
    try:
        http = _http(content, "all")
        body = http.reader.read()
    except OSError:  # some archives keep these headers, but the body decoded
        http = _http(content, "none")
        body = http.reader.read()
    try:
        refuse_binary(body)
    except PageError as error:
        return Record(error, fields, where)
    return Record(Page(_decoded(body, http.http_charset or ""), "html", url), fields, where)


def _http(content: bytes, decode: str) -> Any:
    """Parse an HTTP response: a record whose reader gives the body without these encodings."""
    from fastwarc.warc import WarcRecord

    response: Any = WarcRecord()
    response.is_http = True
    response.set_bytes_content(content)
    response.parse_http(auto_decode=decode)
    return response


def _decoded(body: bytes, charset: str) -> str | bytes:
    """Decode a page as HTTP says, which outranks what the page says of itself, as in browsers.

    Where that is not true of its bytes, they are left for `pages` to find out.
    """
    charset = charset.strip("'\" ")
    if not charset or body.startswith(_BOMS):
        return body
    try:
        if codecs.lookup(charset).name not in WESTERN:
            return body.decode(charset)
        try:
            return body.decode("utf-8")  # no other text looks like it
        except UnicodeDecodeError:
            return body.decode("cp1252")
    except (LookupError, ValueError):
        return body
