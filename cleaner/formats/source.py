"""Where records come from: opens a file, finds out its format, and calls that format's reader."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from itertools import chain
from typing import Any, Literal

from cleaner.formats import html, jsonl, text
from cleaner.formats.record import Record
from cleaner.pages import kind_of

Format = Literal["auto", "text", "html", "jsonl"]

CHUNK = 1 << 20
"""Bytes asked for in one read: a batch of a long file. A pipe gives what has arrived."""

ENDINGS = {
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}

_OBJECT = re.compile(rb'(?:\xef\xbb\xbf)?\s*\[?\s*\{\s*["}]')
_UNDECIDED = b"\xef\xbb\xbf \t\r\n[{"


def read_records(
    path: str,
    format: Format = "auto",
    *,
    text_field: str = "text",
    html_field: str = "html",
) -> Iterator[list[Record]]:
    """Yield the pages of a file in batches; "-" is standard input.

    A text or HTML file is one page. JSON Lines come in batches of what one read gives, so a page
    that arrives alone is handed on at once. "auto" goes by the file name's ending, else by the
    first bytes: what begins like a JSON object is JSON Lines. Raises `OSError` for a file that
    can't be opened or read.
    """
    name = "<stdin>" if path == "-" else os.fsencode(path).decode(errors="replace")
    chunks = _read_chunks(path)
    found: str = format
    if format == "auto":
        found = ENDINGS.get(os.path.splitext(path)[1].lower(), "auto")
    if found == "auto":
        head = _read_head(chunks)
        if _OBJECT.match(head):
            found, chunks = "jsonl", chain([head], chunks)
        else:
            page = b"".join([head, *chunks])
            found, chunks = kind_of(page), iter([page])
    if found == "jsonl":
        yield from jsonl.read(chunks, name, text_field=text_field, html_field=html_field)
    else:
        yield from (html.read if found == "html" else text.read)(chunks, name)


def _read_chunks(path: str) -> Iterator[bytes]:
    """Yield a file's bytes as they come: a read returns without waiting for more."""
    if path == "-":
        buffer: Any = sys.stdin.buffer if sys.stdin else io.BytesIO()  # None where it is closed
        while chunk := buffer.read1(CHUNK):
            yield chunk
        return
    with open(path, "rb", buffering=0) as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _read_head(chunks: Iterator[bytes]) -> bytes:
    """Read until the first bytes say what the format is, mostly a single chunk."""
    head = b""
    for chunk in chunks:
        head += chunk
        if head.strip(_UNDECIDED):
            break
    return head
