"""The rows of CSV, as far as they can be told: one that is bad or large is told, and the next read.

A quote that is missing makes a row of all that follows. So where the quotes of a row are bad, the
next one is looked for from its second line on: the first that has a cell for each column.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from cleaner.errors import PageError
from cleaner.formats.record import CHUNK
from cleaner.pages.charset import refuse_wide
from cleaner.pages.split import refuse_binary

TOO_LONG = ('"too long"to read\n', '"too long"to "read\n')
"""Stand for a line that is larger than a page may be, with an even or odd number of quotes: within
quotes or not, they can't be read."""

SAMPLE = 20
"""Lines within a row without an end that tell what is wrong: where each is a row, a quote is not
closed; else the row is large, or the file cut off."""

UNCLOSED = "unexpected end of data"
"""What `csv` says at the end of a file where a quote is not closed."""

NOT_UTF8 = "not UTF-8; convert the file first, e.g. with iconv"

_LINE_END = re.compile("\r\n|\r|\n")
_LINE_ENDS = re.compile("[\r\n]*")


def split_rows(lines: Lines, delimiter: str) -> Iterator[tuple[int, list[str] | PageError]]:
    """Yield the cells of each row, behind the number of the line where it begins.

    A row that can't be read gives the reason, once what is passed over up to the next one has come
    in. Blank lines are skipped. Raises `PageError` where the first row can't be read, and where the
    lines do.
    """
    columns = 0
    bad: tuple[int, str] | None = None
    reader, before = csv.reader(lines, delimiter=delimiter, strict=True), 0
    while True:
        number = before + reader.line_num + 1
        try:
            cells = next(reader, None)
        except (csv.Error, _TooLargeError) as error:
            bad = bad or (number, lines.reason(error))
            if not columns:
                raise PageError(f"line {number} must name the columns: {bad[1]}") from None
            if lines.is_large(error, delimiter, columns):
                before += reader.line_num + lines.pass_over()
                yield _passed(bad, before)
                bad = None
            else:
                lines.back()
                before = number
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            continue
        lines.end_row()
        if bad:
            if cells is not None and len(cells) != columns:
                continue
            yield _passed(bad, number - 1)
            bad = None
        if cells is None:
            return
        if not cells:
            before += lines.pass_blank()
        elif columns < 2 or len(cells) > 1 or not cells[0].isspace():
            columns = columns or len(cells)
            yield number, cells


def row_too_large(max_page: int) -> str:
    """Say that a row is larger than a page may be."""
    return (
        f"a row of more than {max_page / 1e6:g} MB; --max-page-size reads larger ones, if no quote "
        "is missing"
    )


def _passed(bad: tuple[int, str], last: int) -> tuple[int, PageError]:
    """Return a bad row, given where it begins and what is wrong, and the last line without one."""
    first, reason = bad
    return first, PageError(f"no row up to line {last}: {reason}" if last > first else reason)


class _TooLargeError(Exception):
    """The row at work is larger than a page may be."""


class Lines:
    """The lines of a file in UTF-8, for a `csv.reader`, which can go back in the row at work.

    Iterating raises `PageError` where the chunks of the file do, or are in another charset from
    their beginning; further on, bytes that are no UTF-8 come as surrogates.
    """

    def __init__(self, chunks: Iterable[bytes], max_page: int) -> None:
        # This is one for all of the process. A row goes beyond `max_page` by the text around it.
        csv.field_size_limit(max(csv.field_size_limit(), 2 * max_page + CHUNK))
        self._texts = _checked(_texts(chunks, max_page))
        self._max_page = max_page
        self._again: deque[str] = deque()
        """Texts that come before the others, for they come once more."""
        self._row: list[str] = []
        """Texts from the one on in which the row at work begins."""
        self._start = self._size = 0
        """Where it begins there, and how many characters follow."""
        self._buffer = io.StringIO()

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._buffers())

    def _buffers(self) -> Iterator[io.StringIO]:
        yield self._buffer
        while True:
            if self._size > self._max_page:
                raise _TooLargeError
            if not self._next():
                return
            yield self._buffer

    def _next(self) -> bool:
        text = self._again.popleft() if self._again else next(self._texts, "")
        if text:
            self._row.append(text)
            self._size += len(text)
            self._buffer = io.StringIO(text, newline="")
        return bool(text)

    @property
    def drained(self) -> bool:
        """Whether the next row may have to be waited for."""
        return not self._row

    def end_row(self) -> None:
        """Have the next row begin here."""
        del self._row[:-1]
        self._start = self._buffer.tell()
        self._size = len("".join(self._row)) - self._start
        if not self._size:
            self._row, self._start = [], 0

    def back(self) -> None:
        """Have the next row begin at the second line of the one at work."""
        first, *others = self._row
        if others:
            self._again.extendleft(reversed(others))
            self._row = [first]
            self._buffer = io.StringIO(first, newline="")
        self._buffer.seek(self._start)
        self._buffer.readline()
        self.end_row()

    def is_large(self, error: Exception, delimiter: str, columns: int) -> bool:
        """Say whether the row at work, which ends in an error, seems to be one all the same."""
        if self._row[-1] in TOO_LONG:
            return True
        if isinstance(error, csv.Error) and UNCLOSED not in str(error):
            return False
        texts = [self._row[0][self._start :], *self._row[1:]]
        lines = chain.from_iterable(io.StringIO(text, newline="") for text in texts)
        try:
            rows = [next(csv.reader([x], delimiter=delimiter)) for x in islice(lines, 1, SAMPLE)]
        except csv.Error:
            return True
        return any(len(row) != columns for row in rows)

    def pass_over(self) -> int:
        """Have the next row begin behind the line that closes the quote of the one at work.

        Return how many lines come before it that were not read yet.
        """
        last = self._row[-1]
        closed = last in TOO_LONG and (self._size > len(last)) == (last is TOO_LONG[1])
        self.end_row()
        passed = 0
        while not closed and self._next():
            if '"' in self._row[-1]:
                for line in self._buffer:
                    passed += 1
                    if closed := line.count('"') % 2 == 1:
                        break
            else:
                passed += _count_ends(self._row[-1])
                self._buffer.seek(0, io.SEEK_END)
            self.end_row()
        return passed

    def pass_blank(self) -> int:
        """Have the next row begin behind the empty lines that come here; return how many."""
        if self.drained:
            return 0
        blank = _LINE_ENDS.match(self._row[0], self._start)
        ends = blank[0] if blank else ""
        self._buffer.seek(self._start + len(ends))
        self.end_row()
        return _count_ends(ends)

    def reason(self, error: Exception) -> str:
        """Say why the row at work can't be read."""
        if isinstance(error, _TooLargeError) or self._row[-1] in TOO_LONG:
            return row_too_large(self._max_page)
        if UNCLOSED in str(error):
            return "a quote is not closed"
        return f"{error}; a quote within a cell is written twice"


def _count_ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _texts(chunks: Iterable[bytes], max_page: int) -> Iterator[str]:
    """Decode chunks, and yield the lines that each completes together, with their ends."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
    pieces: list[str] = []  # of a line that is not complete
    size = quotes = 0
    too_long = False
    for chunk in chunks:
        text = decoder.decode(chunk)
        if too_long:
            end = _LINE_END.search(text)
            if end is None:
                quotes += text.count('"')
                continue
            yield TOO_LONG[(quotes + text.count('"', 0, end.end())) % 2]
            text, too_long = text[end.end() :], False
        cut = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
        if cut:
            yield "".join([*pieces, text[:cut]])
            pieces, size = [], 0
        pieces.append(text[cut:])
        size += len(text) - cut
        if size > max_page:
            quotes = sum(piece.count('"') for piece in pieces)
            pieces, size, too_long = [], 0, True
    if too_long:
        yield TOO_LONG[quotes % 2]
    elif last := "".join([*pieces, decoder.decode(b"", True)]):
        yield last


def _checked(texts: Iterator[str]) -> Iterator[str]:
    """Yield texts; say once of a whole file that it can't be read."""
    first = next(texts, "")
    data = first.encode(errors="surrogateescape")
    refuse_binary(data.partition(b"\n")[0])
    refuse_wide(data)
    if data.decode(errors="ignore") != first:
        raise PageError(NOT_UTF8)
    yield first
    yield from texts
