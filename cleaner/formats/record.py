"""What a reader yields and a writer takes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from cleaner.errors import PageError
from cleaner.metadata.fields import originals
from cleaner.pages import Kind, Page
from cleaner.pages.split import refuse_binary

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


class PageFields(NamedTuple):
    """The names of the fields that may hold a page."""

    text: str = "text"
    html: str = "html"
    markdown: str | None = "markdown"
    """None where no field may hold Markdown."""

    def by_kind(self) -> dict[Kind, str]:
        """Return them by kind of page, what says most of one first."""
        if self.markdown is None:
            return {"html": self.html, "text": self.text}
        return {"html": self.html, "markdown": self.markdown, "text": self.text}

    def of_texts(self, fields: Collection[str], is_text: Callable[[str], bool]) -> PageFields:
        """Return them without Markdown's where that holds no text and another field is there:
        some crawlers have an object in it, with all that they know."""
        if self.markdown is None or self.markdown not in fields or is_text(self.markdown):
            return self
        others = self._replace(markdown=None)
        return others if {self.text, self.html}.intersection(fields) else self


def choose_page(fields: Row, names: PageFields) -> Page:
    """Return the page that is in one of a row's fields; raise `PageError` where none is.

    Of those that are not empty, HTML is taken before Markdown, and this before text: it says more.
    A null is an empty page.
    """
    check_fields(fields, names)
    names = names.of_texts(fields, lambda name: _is_text(fields[name]))
    there = [(kind, name) for kind, name in names.by_kind().items() if name in fields]
    kind, field = next((pair for pair in there if fields[pair[1]]), there[-1])
    source = "" if fields[field] is None else fields[field]
    if not isinstance(source, str | bytes):
        raise PageError(f"the field {field!r} holds {name_type(source)}; give it as a string")
    if isinstance(source, str):  # bytes are looked at when they are decoded
        refuse_binary(source)
    url = fields.get("url")
    return Page(source, kind, url if url and isinstance(url, str) else None)


def page_field(names: Collection[str], of: PageFields) -> str:
    """Return which of a row's fields holds its page, if it is not empty: the others stay, as they
    may be another text."""
    return next((name for name in of.by_kind().values() if name in names), of.text)


def other_fields(fields: Row, page: Page, names: PageFields, keep: Collection[str]) -> Row:
    """Return the fields of a row that stay; one that held the page in place of the one that is left
    out is null."""
    names = names.of_texts(fields, lambda name: _is_text(fields[name]))
    left_out, held = page_field(fields, names), names.by_kind()[page.kind]
    others = {k: v for k, v in fields.items() if k != left_out or k in keep}
    if held != left_out and held not in keep:
        others[held] = None
    return others


def _is_text(value: object) -> bool:
    return isinstance(value, str | bytes | None)


def add_fields(fields: Row, made: Row) -> Row:
    """Return a row's fields with what is made of its page; a field whose name that takes stays
    under the name of `originals`."""
    if not fields.keys().isdisjoint(made):
        names = originals(fields, made)
        fields = {names.get(name, name): value for name, value in fields.items()}
    return {**fields, **made}


def check_fields(names: Iterable[str], of: PageFields) -> None:
    """Raise `PageError` where none of the fields is among the names."""
    names = list(names)
    if not set(of).intersection(names):
        has = ", ".join(names[:8]) or "no field at all"
        raise PageError(
            f"no field {of.text!r}, {of.html!r} or {of.markdown!r} (it has {has}); "
            "name the one to read with --text-field, --html-field or --markdown-field"
        )


def name_type(value: object) -> str:
    """Say in JSON's words what a value is."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")
