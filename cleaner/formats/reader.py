"""Where records come from: opens a file, finds out its format, and calls that format's reader."""

from __future__ import annotations

import io
import os
import re
import tempfile
from collections.abc import Collection, Iterator
from typing import Any, BinaryIO, Literal

from cleaner.errors import CleanerError, PageError
from cleaner.formats import csv, html, jsonl, markdown, parquet, text, warc
from cleaner.formats.compression import is_packed, unpack
from cleaner.formats.files import format_of, open_input, remote_errors
from cleaner.formats.record import CHUNK, MAX_PAGE, Record, Records
from cleaner.pages import kind_of

Format = Literal["auto", "text", "html", "markdown", "jsonl", "csv", "tsv", "parquet", "warc"]

PAGE_FORMATS = ("text", "html", "markdown")
"""Those in which a file is one page."""

ENOUGH = 1 << 13
"""Bytes that tell text from HTML; `kind_of` looks at no more."""

_OBJECT = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{\s*["}]')


def read_records(
    path: str,
    format: Format = "auto",
    *,
    text_field: str = "text",
    html_field: str = "html",
    markdown_field: str = "markdown",
    max_page: int = MAX_PAGE,
    keep: Collection[str] = (),
) -> Records:
    """Open a file and return its pages in batches; "-" is standard input, a URL is for fsspec.

    gzip and zstd are unpacked first, whatever the name. "auto" goes by the name's ending, else by
    the first bytes: what begins like a JSON object is JSON Lines.

    A text, HTML or Markdown file is one page. Batches of the other formats hold about `CHUNK`
    bytes, or what has arrived on a pipe, so a page that arrives alone is handed on at once. What
    can't be read comes as a record with the reason, behind what was read before it, and so does a
    page of over `max_page` bytes, unpacked, which is not held in memory. Raises `OSError` for a
    file that can't be opened or read, `UsageError` where an extra is missing.

    The fields of a record are those that the page came with, but for the one that holds it, or
    would hold it if it were not empty: see `record.choose_page`. What `keep` names stays.
    """
    name = "<stdin>" if path == "-" else os.fsencode(path).decode(errors="replace")
    with remote_errors(path):
        file = open_input(path)
        chunks = unpack(_read_chunks(file))
        found: str | None = format_of(path) if format == "auto" else format
        if found is None:
            found, chunks = _detect(chunks)
        schema: Any = None
        batches: Iterator[list[Record]]
        fields: dict[str, Any] = {
            "text_field": text_field,
            "html_field": html_field,
            "markdown_field": markdown_field,
            "max_page": max_page,
            "keep": keep,
        }
        try:
            _refuse_as_page(path, format)
            if found == "parquet":
                seekable = _seekable(file, chunks)
                schema, batches = parquet.read(seekable, name, **fields)
            elif found == "jsonl":
                batches = jsonl.read(chunks, name, **fields)
            elif delimiter := csv.DELIMITERS.get(found):
                batches = csv.read(chunks, name, delimiter=delimiter, **fields)
            else:
                reader = {"warc": warc, "html": html, "markdown": markdown, "text": text}[found]
                batches = reader.read(chunks, name, max_page=max_page)
        except PageError as error:
            batches = iter([[Record(error, {}, name)]])
    position = lambda: 0 if file.closed else file.tell()  # noqa: E731
    return Records(found, _to_the_end(batches, path, name, file), schema, position)


def _refuse_as_page(path: str, format: str) -> None:
    """Raise `PageError` where a file of many pages is to be read as one."""
    by_ending = format_of(path)
    if format in PAGE_FORMATS and by_ending not in (*PAGE_FORMATS, None):
        raise PageError(
            f"its ending says {by_ending}, and --from {format} takes a whole file for one page; "
            f"leave that out (which field holds the pages, --{format}-field says)"
        )


def _to_the_end(
    batches: Iterator[list[Record]], path: str, name: str, file: BinaryIO
) -> Iterator[list[Record]]:
    """Yield the batches, then what broke them off; close the file."""
    try:
        with remote_errors(path):
            yield from batches
    except PageError as error:
        yield [Record(error, {}, name)]
    except (CleanerError, OSError):
        raise
    except Exception as error:  # damaged data can make a library fail in any way
        reason = PageError(f"can't be read further ({type(error).__name__}: {error})")
        yield [Record(reason, {}, name)]
    finally:
        if path != "-":
            file.close()


def _read_chunks(file: BinaryIO) -> Iterator[bytes]:
    """Yield a file's bytes as they come: a read returns without waiting for more."""
    read = getattr(file, "read1", file.read)
    while chunk := read(CHUNK):
        yield chunk


def _detect(chunks: Iterator[bytes]) -> tuple[str, Iterator[bytes]]:
    """Return the format that the first bytes look like, and all the chunks."""
    head, failed = b"", None
    try:
        for chunk in chunks:
            head += chunk
            if _looks_like(head) or len(head) >= ENOUGH:
                break
    except PageError as error:
        failed = error
    return _looks_like(head) or kind_of(head), _resume(head, chunks, failed)


def _looks_like(head: bytes) -> str | None:
    if _OBJECT.match(head, 0, ENOUGH):
        return "jsonl"
    if head.startswith(parquet.MAGIC):
        return "parquet"
    return "warc" if head.startswith(warc.MAGIC) else None


def _resume(head: bytes, chunks: Iterator[bytes], failed: PageError | None) -> Iterator[bytes]:
    if head:
        yield head
    if failed:
        raise failed
    yield from chunks


def _seekable(file: BinaryIO, chunks: Iterator[bytes]) -> BinaryIO:
    """Return a file to move about in, as Parquet needs it: a copy where this one can't be."""
    if file.seekable():
        file.seek(0)
        packed = is_packed(file.read(len(parquet.MAGIC)))
        file.seek(0)
        if not packed:
            return io.BufferedReader(file) if isinstance(file, io.FileIO) else file
    head = b""
    while len(head) < len(parquet.MAGIC) and (chunk := next(chunks, b"")):
        head += chunk
    if not head.startswith(parquet.MAGIC):
        raise PageError("this is no Parquet: it does not begin with PAR1")
    copy: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the last page
    copy.write(head)
    copy.writelines(chunks)
    return copy
