"""Where the pages of a Parquet file lie, and how large they are before anything is unpacked.

A page of Parquet, the piece in which it packs the values of a column, can hold thousands of rows.
pyarrow unpacks it whole, and does not look at its size before; this module does.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from cleaner.errors import PageError
from cleaner.formats.thrift import Wanted, read_struct

LARGEST_INDEX = 1 << 25
"""Bytes of an index: enough for 200,000 pieces of columns, and in memory ten times as large."""

HEADER_SIZES = (1 << 9, 1 << 14, 1 << 24)
"""Bytes in which the header of a page is looked for; pyarrow, too, reads no longer one."""

REPEATED_VALUE = 8
"""Bytes that a value of a list takes in memory at least; packed, a million equal ones take ten."""

_INDEX: Wanted = {4: {1: {3: {7: None, 9: None, 11: None}}}}
"""Row groups, their columns, their metadata: the size, and where data and dictionary begin."""

_PAGE: Wanted = {2: None, 3: None, 5: {1: None, 2: None}, 7: {}, 8: {1: None, 4: None}}
"""The sizes unpacked and packed; of a data page, which may be of version 1 (5) or 2 (8), the number
of values and their encoding; whether it is a dictionary (7), which values are counted off from."""

DELTA_BYTE_ARRAY = 7
"""The encoding in which a text begins with any part of the one before, which is not stored again:
so each may be as long as the page."""


class Place(NamedTuple):
    """Where the pages of a column in a row group lie."""

    start: int
    end: int


class Bounds(NamedTuple):
    """What reading a row group takes."""

    rows: int
    """How many of its rows can be read, from the first on."""
    row_bytes: float
    """Bytes of a row, as stored, in the pages where it takes most."""
    row_most: float
    """Bytes that any row may take in memory: a text that is stored once can stand in each."""


def find_places(file: BinaryIO) -> list[list[Place]]:
    """Return where the columns of each row group lie, nothing where the index is damaged.

    Raises `PageError` for an index that is too large to read.
    """
    end = file.seek(0, io.SEEK_END)
    file.seek(max(0, end - 8))
    size = int.from_bytes(file.read(4), "little")
    if LARGEST_INDEX < size <= end:
        raise PageError(
            f"its index of Parquet has {size >> 20} MB, and at most {LARGEST_INDEX >> 20} are "
            "read; write it with larger row groups"
        )
    file.seek(max(0, end - 8 - size))
    try:
        index, _ = read_struct(file.read(min(size, end)), 0, _INDEX)
    except (IndexError, ValueError, RecursionError):
        return []
    return [[_place(column) for column in group.get(1, ())] for group in index.get(4, ())]


def _place(column: dict[int, Any]) -> Place:
    about = column.get(3, {})
    start, dictionary = about.get(9, 0), about.get(11, 0)
    if 0 < dictionary < start:
        start = dictionary
    return Place(start, start + about.get(7, 0))


def bounds_of(file: BinaryIO, places: list[Place], schema: Any, rows: int, most: int) -> Bounds:
    """Return what can be read of a row group whose pages may have `most` bytes each, unpacked.

    With a page go all rows that it holds values of, and those behind them: pyarrow passes over
    none. A page with the values of lists does not say of which rows they are, so all rows go.
    """
    readable, row_bytes, row_most = rows, 0.0, 0.0
    for number, place in enumerate(places):
        column = schema.column(number)
        repeated = column.max_repetition_level > 0
        text = column.physical_type == "BYTE_ARRAY"
        longest = column.length if column.physical_type == "FIXED_LEN_BYTE_ARRAY" else 0
        widest = 0.0
        first = total = 0
        for page in _pages(file, place):
            data = page.get(5) or page.get(8) or {}
            values = max(0, data.get(1, 0))
            size = max(page.get(2, 0), values * REPEATED_VALUE if repeated else 0)
            if size > most:
                readable = min(readable, 0 if repeated else first)
                break
            if text and (7 in page or DELTA_BYTE_ARRAY in (data.get(2), data.get(4))):
                longest = max(longest, size)
            first += values
            total += size if values else 0
            if values and not repeated:
                widest = max(widest, size / values)
        widest = max(widest, total / max(1, rows))
        row_bytes += widest
        row_most += max(widest, longest)
    return Bounds(readable, row_bytes, row_most)


def _pages(file: BinaryIO, place: Place) -> Iterator[dict[int, Any]]:
    """Yield the headers of pages; where one is damaged they end, and so will pyarrow."""
    at = place.start
    while 0 <= at < place.end:
        for size in HEADER_SIZES:
            file.seek(at)
            try:
                header, length = read_struct(file.read(size), 0, _PAGE)
                break
            except IndexError:
                continue
            except (ValueError, RecursionError):
                return
        else:
            return
        yield header
        at += length + max(0, header.get(3, 0))
