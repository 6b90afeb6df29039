"""Failed pages as rows of JSON Lines, whole and with the reason, to be tried again."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import replace
from pathlib import Path

from cleaner.errors import PageError
from cleaner.formats import Record, Row
from cleaner.pages import Page
from cleaner.pages.charset import decode_claimed, known_charset
from cleaner.runs.manifest import NAME as MANIFEST
from cleaner.runs.reading import Reading

NAME = "failed.jsonl"

REASON = ("error", "where")
"""The fields that say why a page failed, and where it was."""

_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w.:-]+)""", re.I)

DECLARED = 4096
"""Bytes of a page in which its charset stands, if anywhere."""


def failed_row(record: Record, error: PageError, reading: Reading) -> Row:
    """Return a failed page as a row: all its fields, its text or HTML, and the reason.

    What had no page, such as a line that is no JSON, is a row of the reason alone.
    """
    page: Row = {}
    if isinstance(record.page, Page):
        field = reading.html_field if record.page.kind == "html" else reading.text_field
        page = {field: _as_text(record.page)}
    return {**record.fields, **page, "error": str(error), "where": record.where}


def _as_text(page: Page) -> str:
    """Decode a page in the simplest way: who knows what it would do to a cleverer one."""
    source = decode_claimed(page.source, page.charset)
    if isinstance(source, str):
        return source
    declared = _CHARSET.search(source[:DECLARED])
    utf_16 = "utf-16" if source.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else None
    for charset in (utf_16, "utf-8", declared and known_charset(declared[1].decode())):
        try:
            if charset:
                return source.decode(charset)
        except ValueError:
            continue
    return source.decode(errors="surrogateescape")  # keeps every byte, if not as a character


def is_of_run(path: Path) -> bool:
    """Say whether a file holds the failed pages of a run."""
    return path.name == NAME and (path.parent / MANIFEST).is_file()


def without_reason(record: Record) -> Record:
    """Return a record that failed before as it was then."""
    fields = {name: value for name, value in record.fields.items() if name not in REASON}
    return replace(record, fields=fields)
