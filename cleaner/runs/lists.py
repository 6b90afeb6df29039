"""Pages listed beside the shards: those that failed or were dropped, and those to be looked at.

Each list is a file of JSON Lines. That of the failed pages has them whole, to be tried again.
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import TypeAlias

from cleaner.document import LeftOut
from cleaner.errors import PageError
from cleaner.formats import Record, Row
from cleaner.formats.arrow import to_json
from cleaner.metadata.fields import free_name
from cleaner.pages import Page
from cleaner.pages.charset import decode_declared, is_binary, mend
from cleaner.runs.manifest import NAME as MANIFEST
from cleaner.runs.reading import Reading
from cleaner.runs.summary import Outcome

FAILED, DROPPED, SUSPICIOUS = LISTS = ("failed", "dropped", "suspicious")
"""The lists: the name of each without its ending."""

ENDING = ".jsonl"

REASON = ("error", "where")
"""The last two fields of a failed page: why it failed, and where it was."""

Id: TypeAlias = str | int | float
"""What a page is called in a list."""

MAX_ID = 200
"""Characters of an id, so that many can be held in memory."""

MAX_INTEGER = 2**63
"""From here on a whole number is none that every reader of JSON takes."""


def failed_row(record: Record, error: PageError, reading: Reading) -> Row:
    """Return a failed page as a row: all its fields, its text or HTML, and last the reason.

    The reason's fields give way to those of the page: where it has a field `error`, they are
    `error_` and `where`. What had no page, such as a line that is no JSON, is a row of the reason
    alone.
    """
    row = dict(record.fields)
    if isinstance(record.page, Page):
        field = reading.field_of(record.page)
        if reading.text_field in record.fields:  # there was a field for each
            row.setdefault(reading.html_field, None)
        row[field] = _as_text(record.page)
    for name, value in zip(REASON, (str(error), record.where), strict=True):
        row[free_name(name, row)] = value
    return row


def is_failed_list(path: Path) -> bool:
    """Say whether a file holds the failed pages of a run."""
    return path.name == FAILED + ENDING and (path.parent / MANIFEST).is_file()


def without_reason(record: Record) -> Record:
    """Return a record that failed before as it was then; where it had no page, with the reason and
    the place of that time."""
    names = list(record.fields)
    if tuple(name.rstrip("_") for name in names[-2:]) != REASON:
        return record
    if len(names) == len(REASON) and isinstance(record.page, PageError):
        error, where = record.fields.values()
        return Record(PageError(str(error)), {}, str(where))
    return replace(record, fields={name: record.fields[name] for name in names[:-2]})


def left_out_row(record: Record, why: LeftOut) -> Row:
    """Return the row of a page that was left out, as was asked for."""
    return {**_named(record), "reason": why.reason, **why.about}


def duplicate_row(record: Record, first: Id, similarity: float | None) -> Row:
    """Return the row of a page that was dropped as a duplicate of the page called `first`, or as
    one that is nearly the same."""
    if similarity is None:
        return {**_named(record), "reason": "duplicate", "first": first}
    about = {"first": first, "similarity": round(similarity, 2)}
    return {**_named(record), "reason": "near duplicate", **about}


def suspicious_row(record: Record, outcome: Outcome) -> Row:
    """Return the row of a page that came out nearly empty: its words, and those that were kept."""
    return {**_named(record), "words": outcome.page_words, "kept": outcome.words}


def _named(record: Record) -> Row:
    return {"id": id_of(record), "where": record.where}


def id_of(record: Record) -> Id:
    """Return what a page is called: its `id` if that is a short text or a number, else its `url`
    if that is, else where it is."""
    for name in ("id", "url"):
        value = record.fields.get(name)
        if not isinstance(value, str | int | float | list | dict | bytes | None):
            value = to_json(value)  # of a type of Parquet's
        if isinstance(value, str) and 0 < len(value) <= MAX_ID:
            return mend(value)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < MAX_INTEGER:
            return value
        if isinstance(value, float) and isfinite(value):
            return value
    return record.where


def _as_text(page: Page) -> str:
    """Decode a page without a guess: who knows what it would do to a cleverer one."""
    source = page.source
    if isinstance(source, str):
        return source
    text = None if is_binary(source) else decode_declared(source, page.charset)
    # Where it would be guessed, every byte is kept, if not as a character.
    return source.decode(errors="surrogateescape") if text is None else text
