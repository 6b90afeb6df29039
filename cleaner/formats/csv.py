"""CSV and TSV in UTF-8: a page a row; the first row names the columns."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator

from cleaner.errors import CleanerError, PageError
from cleaner.formats import jsonl
from cleaner.formats.csv_rows import NOT_UTF8, Lines, row_too_large, split_rows
from cleaner.formats.record import (
    MAX_PAGE,
    MAX_RECORDS,
    PageFields,
    Record,
    Row,
    check_fields,
    choose_page,
    other_fields,
)
from cleaner.pages.charset import mend

DELIMITERS = {"csv": ",", "tsv": "\t"}
"""What stands between two cells, by format."""


def read(
    chunks: Iterable[bytes],
    name: str,
    *,
    delimiter: str = ",",
    text_field: str = "text",
    html_field: str = "html",
    markdown_field: str = "markdown",
    max_page: int = MAX_PAGE,
    keep: Collection[str] = (),
) -> Iterator[list[Record]]:
    """Yield the pages of the rows that each chunk completes. Blank lines are skipped.

    A row that holds no page, or more than `max_page` bytes, gives a record with the reason. Raises
    `PageError` where the file has no such columns or is not in UTF-8 from its beginning, and where
    the chunks do: a row that was not complete by then is left out.
    """
    lines = Lines(chunks, max_page)
    rows = split_rows(lines, delimiter)
    _, first = next(rows, (1, PageError("no columns; the first row must name them")))
    page_names = PageFields(text_field, html_field, markdown_field)
    names = _columns(first, page_names)
    batch: list[Record] = []
    failed = None
    try:
        for number, found in rows:
            where = f"{name}:{number}"
            if isinstance(found, PageError):
                batch.append(Record(found, {}, where))
            else:
                record = _record(names, found, where, page_names, max_page, keep)
                batch.append(record)
            if lines.drained or len(batch) >= MAX_RECORDS:
                yield batch
                batch = []
    except (PageError, OSError) as error:
        failed = error
    if batch:
        yield batch
    if failed:
        raise failed


def write(
    batches: Iterable[list[Row]], text_field: str = "text", delimiter: str = ","
) -> Iterator[bytes]:
    """Yield rows, first one with the names of the columns: the fields of the first batch.

    The text field is the last. A null is an empty cell; what is no text is shown as in JSON. Raises
    `CleanerError` with the field where a later row has one more.
    """
    sink = _Sink()
    writer = csv.writer(sink, delimiter=delimiter)
    names: list[str] = []
    for rows in batches:
        if not names:
            names = list(dict.fromkeys(name for row in rows for name in row))
            names.sort(key=lambda name: name == text_field)
            if names:
                writer.writerow(names)
        for row in rows:
            if len(row.keys() & names) < len(row):
                raise _misfit(next(name for name in row if name not in names))
            writer.writerow([jsonl.as_text(row.get(name)) or "" for name in names])
        yield sink.take()
    if not names:
        writer.writerow([text_field])
        yield sink.take()


class _Sink(list[str]):
    """The lines that a `csv.writer` has written.

    They end in LF, as on Unix, but only here: asked to end them so, it would write a CR in a cell
    without quotes before Python 3.13.
    """

    write = list.append

    def take(self) -> bytes:
        text = "".join(line[:-2] + "\n" for line in self)
        self.clear()
        try:
            return text.encode()
        except UnicodeEncodeError:  # half an emoji
            return mend(text).encode()


def _misfit(name: str) -> CleanerError:
    return CleanerError(
        f"the pages do not fit the columns of CSV (field {name!r}: it is not in the first pages); "
        "write JSON Lines, with --to"
    )


def _columns(names: list[str] | PageError, page_names: PageFields) -> list[str]:
    """Return the names that the first row holds. Raises `PageError` where they are of no use."""
    if isinstance(names, PageError):
        raise names
    if twice := [n for i, n in enumerate(names) if n in names[:i]]:
        raise PageError(f"two columns have the name {twice[0]!r}; rename one")
    check_fields(names, page_names)
    return names


def _record(
    names: list[str],
    cells: list[str],
    where: str,
    page_names: PageFields,
    max_page: int,
    keep: Collection[str],
) -> Record:
    fields: Row = {}
    try:
        try:
            size = len("".join(cells).encode())
        except UnicodeEncodeError:
            raise PageError(NOT_UTF8) from None
        if size > max_page:
            raise PageError(row_too_large(max_page))
        if len(cells) != len(names):  # what belongs to which column can't be told
            raise PageError(
                f"the row has {len(cells)} cells, and the columns are {len(names)}; a cell with a "
                "delimiter or a line break in it needs quotes"
            )
        fields = dict(zip(names, cells, strict=True))
        page = choose_page(fields, page_names)
    except PageError as error:
        return Record(error, fields, where)
    return Record(page, other_fields(fields, page, page_names, keep), where)
