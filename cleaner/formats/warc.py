"""WARC and WET, as Common Crawl gives them out: HTML that a crawler was sent, or its text.

A record is checked against its length before a page is made of it, so a file that is cut anywhere
gives whole pages only; what is wrong with one record costs no other. fastwarc, which is faster,
ends at the first one that is damaged, and all behind it is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cleaner.errors import PageError
from cleaner.formats.http import HEADER, body_of, parse_response, values_of
from cleaner.formats.record import CHUNK, MAX_PAGE, MAX_RECORDS, Record, Row, too_large
from cleaner.pages import Page
from cleaner.pages.split import refuse_binary

MAGIC = b"WARC/"

HTML_TYPES = ("text/html", "application/xhtml+xml")

BETWEEN = b"\r\n\r\n"
"""What stands between two records; some writers take less."""

LONGEST = 16
"""Bytes in which the beginning of a record can be told, and the line feed before it."""

_BEGIN = re.compile(rb"WARC/\d\.\d{1,2}\r?\n[A-Za-z]")
_NEXT = re.compile(rb"(?:\A|(?<=\n))" + _BEGIN.pattern)
_HEADER_END = re.compile(rb"(?<=\n)(?:\r?\n|" + _BEGIN.pattern + rb")")
_SEPARATORS = re.compile(rb"[\r\n]*")
_LENGTH = re.compile(r"\d{1,18}")


def read(chunks: Iterable[bytes], name: str, *, max_page: int = MAX_PAGE) -> Iterator[list[Record]]:
    """Yield the pages that the records hold, some `CHUNK` bytes of them in a batch.

    A `response` whose HTTP says that it is HTML is an HTML page, a `conversion` (of WET files) a
    text page; other records are passed over. Fields are `id` (the record's, else the URL), `url`
    and `date`. A record that is damaged, or whose page has over `max_page` bytes, gives the reason,
    and reading goes on at the next one. Raises `PageError` where the chunks do.
    """
    stream = _Stream(chunks)
    batch: list[Record] = []
    size = 0
    failed: PageError | None = None
    try:
        for found in _records(stream, name, max_page):
            if found:
                batch.append(found)
                size += len(found.page.source) if isinstance(found.page, Page) else 0
            if batch and (size >= CHUNK or len(batch) >= MAX_RECORDS or stream.drained):
                yield batch
                batch, size = [], 0
    except _BrokenError as broken:
        failed = broken.reason
    if batch:
        yield batch
    if failed:
        raise failed


def _records(stream: _Stream, name: str, max_page: int) -> Iterator[Record | None]:
    """Yield the page of each record, None where it holds none, once the record is whole."""
    while stream.pass_separators():
        where = f"{name}: record at byte {stream.position}"
        fields: Row = {}
        try:
            header = _header(stream)
            fields = _fields(header)
            length = _length(header)
            content = _content(stream, length, max_page + HEADER)
        except PageError as error:
            yield Record(error, fields, where)
            stream.seek(_NEXT)
            continue
        try:
            page = _page(header, content, length, max_page)
            yield Record(page, fields, where) if page else None
        except PageError as error:
            yield Record(error, fields, where)


def _header(stream: _Stream) -> bytes:
    if not _BEGIN.match(stream.peek(LONGEST)):
        raise PageError("no WARC record; all up to the next one is passed over")
    end = stream.find(_HEADER_END, HEADER)
    if end is None:
        cut = len(stream.peek(HEADER)) < HEADER
        stream.skip(len(MAGIC))
        raise _cut_off() if cut else PageError(f"its WARC header has over {HEADER >> 20} MB")
    header = stream.read(end[0])
    if stream.peek(1) == MAGIC[:1]:
        raise PageError("its WARC header does not end; it is damaged")
    stream.skip(end[1] - end[0])
    return header


def _length(header: bytes) -> int:
    length = values_of(header, "Content-Length")
    if not _LENGTH.fullmatch(length):
        raise PageError(f"its WARC Content-Length is no number ({length[:20]!r}); it is damaged")
    return int(length)


def _fields(header: bytes) -> Row:
    url = values_of(header, "WARC-Target-URI").strip("<>") or None
    return {
        "id": values_of(header, "WARC-Record-ID") or url,
        "url": url,
        "date": values_of(header, "WARC-Date") or None,
    }


def _content(stream: _Stream, length: int, most: int) -> bytes:
    """Return the content of a record, of a longer one its first `most` bytes.

    A length that is not true is told by what follows. Where it reaches over other records, these
    are read again, and there none is believed that does: so nothing is read three times.
    """
    wrong = PageError(f"the record has not the {length} bytes that it claims; it is damaged")
    if stream.again and (begin := stream.find(_NEXT, min(length, stream.again))):
        stream.skip(begin[0])
        raise wrong
    content = stream.read(min(length, most))
    size = len(content) + stream.skip(length - len(content))
    if size == length and stream.pass_end():
        return content
    if size == len(content) and (found := _NEXT.search(content + stream.peek(LONGEST))):
        stream.unread(content[found.start() :])
        raise wrong
    raise wrong if size == length else _cut_off()


def _cut_off() -> PageError:
    return PageError("the record is cut off; get the whole file")


def _page(header: bytes, content: bytes, length: int, max_page: int) -> Page | None:
    """Return the page of a record, None where it holds none."""
    url = values_of(header, "WARC-Target-URI").strip("<>") or None
    type = values_of(header, "WARC-Type").lower()
    if type == "conversion":
        if length > max_page:
            raise too_large(max_page)
        return Page(content, "text", url)
    of_http = values_of(header, "Content-Type").lower().startswith("application/http")
    if type != "response" or not of_http:
        return None
    response = parse_response(content)
    if response.type not in HTML_TYPES:
        return None
    if length > len(content):
        raise too_large(max_page)
    body = body_of(response, max_page)
    refuse_binary(body)
    return Page(body, "html", url, response.charset)


class _BrokenError(Exception):
    """The chunks can't be read on: no fault of the record that was read."""

    def __init__(self, reason: PageError) -> None:
        self.reason = reason


class _Stream:
    """Chunks as one stream, to be looked ahead in."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._ahead = bytearray()
        self.position = 0
        """Bytes that were read, or passed over."""
        self._furthest = 0

    @property
    def drained(self) -> bool:
        """Whether the next read may have to wait."""
        return not self._ahead

    @property
    def again(self) -> int:
        """How many bytes come that were read before."""
        return max(0, self._furthest - self.position)

    def peek(self, size: int) -> bytes:
        """Return the next `size` bytes, or what is left at the end."""
        while len(self._ahead) < size and self._more():
            pass
        with memoryview(self._ahead) as ahead:
            return bytes(ahead[:size])

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes, or what is left at the end, and pass over them."""
        data = self.peek(size)
        self._pass(len(data))
        return data

    def unread(self, data: bytes) -> None:
        """Put back what was read last."""
        self._furthest = max(self._furthest, self.position)
        self._ahead[:0] = data
        self.position -= len(data)

    def skip(self, size: int) -> int:
        """Pass over `size` bytes, or what is left at the end; return how many they are."""
        left = size
        while left and (self._ahead or self._more()):
            left -= self._pass(min(left, len(self._ahead)))
        return size - left

    def pass_separators(self) -> bool:
        """Pass over what stands between two records; say whether there is something behind it."""
        while self._ahead or self._more():
            found = _SEPARATORS.match(self._ahead)
            self._pass(found.end() if found else 0)
            if self._ahead:
                return True
        return False

    def pass_end(self) -> bool:
        """Pass over the end of a record; say whether it is one."""
        if self.peek(len(BETWEEN)) == BETWEEN:  # what follows may not have arrived
            self._pass(len(BETWEEN))
            return True
        end = self.peek(len(BETWEEN) + LONGEST)
        behind = end.lstrip(b"\r\n")
        if behind and not _BEGIN.match(behind):
            return False
        self._pass(len(end) - len(behind))
        return True

    def find(self, pattern: re.Pattern[bytes], size: int) -> tuple[int, int] | None:
        """Return the span of a pattern among the next `size` bytes, None where it is not there."""
        searched = 0
        while True:
            found = pattern.search(self._ahead, max(0, searched - LONGEST), size)
            if found:
                return found.span()
            searched = len(self._ahead)
            if searched >= size or not self._more():
                return None

    def seek(self, pattern: re.Pattern[bytes]) -> None:
        """Pass over all up to a pattern, or to the end."""
        while not (found := self.find(pattern, CHUNK)):
            if not self.skip(CHUNK - LONGEST):
                return
        self.skip(found[0])

    def _more(self) -> bool:
        try:
            chunk = next(self._chunks, b"")
        except PageError as error:
            raise _BrokenError(error) from None
        self._ahead += chunk
        return bool(chunk)

    def _pass(self, size: int) -> int:
        del self._ahead[:size]
        self.position += size
        return size
