"""What a reader yields and a writer takes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from cleaner.errors import PageError
from cleaner.pages import Page

CHUNK = 1 << 20
"""Bytes asked for in one read, and bytes of pages that make a batch."""

MAX_PAGE = 50_000_000
"""Bytes from which a page, unpacked, is failed: a hundred times as large as the largest of 4,361
news pages, and little enough to hold in memory."""

MAX_RECORDS = 1024
"""Records that make a batch, however little they hold: an empty page takes memory too."""

Row = dict[str, object]
"""What a writer takes: the fields of one page, as they come out.

A value is what JSON can hold, or bytes. Parquet's other types come as a pyarrow array of length
1: so they lose nothing on their way to a Parquet file.
"""


@dataclass(frozen=True, slots=True)
class Record:
    """One page of an input, with what came along."""

    page: Page | PageError
    """The page, or why there is none."""
    fields: Row
    """The input's other fields, in order: see `other_fields`; all where these hold no page."""
    where: str
    """FILE, or FILE and the line, row or byte in it, for messages."""


@dataclass(frozen=True, slots=True)
class Records:
    """The pages of one input; iterate it for batches of records."""

    format: str
    """The format that it is read from."""
    batches: Iterator[list[Record]]
    schema: Any = None
    """From Parquet: the `pyarrow.Schema` of the fields of every record. Else None."""
    position: Callable[[], int] = int
    """How many bytes of the file are read by now, for who shows how far it is."""

    def __iter__(self) -> Iterator[list[Record]]:
        return self.batches


def in_batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Yield records in batches of at most `MAX_RECORDS`."""
    waiting = iter(records)
    while batch := list(islice(waiting, MAX_RECORDS)):
        yield batch


def too_large(max_page: int) -> PageError:
    """Return the failure of a page of over `max_page` bytes."""
    return PageError(
        f"larger than {max_page / 10**6:g} MB, unpacked; give --max-page-size to read it"
    )


def choose_page(fields: Row, text_field: str, html_field: str) -> Page:
    """Return the page that is in one of two fields; raise `PageError` where none is.

    The HTML is taken unless it is empty: it says more. A null is an empty page.
    """
    check_fields(fields, text_field, html_field)
    use_html = bool(fields.get(html_field)) or text_field not in fields
    field = html_field if use_html else text_field
    source = "" if fields[field] is None else fields[field]
    if not isinstance(source, str | bytes):
        raise PageError(f"the field {field!r} holds {name_type(source)}; give it as a string")
    url = fields.get("url")
    return Page(source, "html" if use_html else "text", url if isinstance(url, str) else None)


def page_fields(
    names: Collection[str], text_field: str, html_field: str, keep: Collection[str] = ()
) -> set[str]:
    """Return which of a row's fields are left out, as they hold its page: the text and the HTML,
    but for those to `keep`. Where there are both the text stays: it may not be the page."""
    fields = {text_field, html_field}
    if len(fields) > 1 and fields.issubset(names):
        fields.remove(text_field)
    return fields.difference(keep)


def other_fields(
    fields: Row, page: Page, text_field: str, html_field: str, keep: Collection[str]
) -> Row:
    """Return the fields of a row that stay. A text beside HTML is null where it was the page."""
    if not keep and (text_field not in fields or html_field not in fields):  # as most rows
        return {k: v for k, v in fields.items() if k != text_field and k != html_field}
    left_out = page_fields(fields, text_field, html_field, keep)
    others = {name: value for name, value in fields.items() if name not in left_out}
    if page.kind == "text" and text_field in others and text_field not in keep:
        others[text_field] = None
    return others


def add_fields(fields: Row, made: Row) -> Row:
    """Return a row's fields with what is made of its page; a field whose name that takes stays
    under the name of `originals`."""
    if not fields.keys().isdisjoint(made):
        names = originals(fields, made)
        fields = {names.get(name, name): value for name, value in fields.items()}
    return {**fields, **made}


def originals(names: Collection[str], taken: Iterable[str]) -> dict[str, str]:
    """Return what fields are called from now on whose names are taken: NAME_original."""
    return {name: free_name(f"{name}_original", names) for name in taken if name in names}


def free_name(name: str, taken: Collection[str]) -> str:
    """Return a name that is not taken yet: this one, with marks behind it where it is."""
    while name in taken:
        name += "_"
    return name


def check_fields(names: Iterable[str], text_field: str, html_field: str) -> None:
    """Raise `PageError` where neither field is among the names."""
    names = list(names)
    if text_field not in names and html_field not in names:
        has = ", ".join(names[:8]) or "no field at all"
        raise PageError(
            f"no field {text_field!r} or {html_field!r} (it has {has}); "
            "name the one to read with --text-field or --html-field"
        )


def name_type(value: object) -> str:
    """Say in JSON's words what a value is."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")
