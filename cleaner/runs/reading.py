"""Files as records, their failures too: one bad file does not end the reading of many."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cleaner.errors import PageError
from cleaner.formats import (
    MAX_PAGE,
    Format,
    Record,
    Records,
    Row,
    add_fields,
    is_url,
    read_records,
)
from cleaner.formats.record import PageFields
from cleaner.pages import Page, decode_page

ADVICE = {
    FileNotFoundError: "no such file; give the name of a file, or - for standard input",
    PermissionError: "permission denied; see who may read it with ls -l",
}
"""What to do about a file that can't be read."""

REMOTE_ADVICE = {
    FileNotFoundError: "no such file or folder; check the name",
    PermissionError: "permission denied; check the credentials, and what they may read",
}
"""The same behind a URL."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: what `read_records` takes."""

    format: Format = "auto"
    text_field: str = "text"
    html_field: str = "html"
    markdown_field: str = "markdown"
    max_page: int = MAX_PAGE
    output_field: str | None = None
    """Where the clean text goes, None for the text field."""
    keep_html: bool = False
    """Whether the HTML stays, or comes into its field where a page did not come in one."""

    @property
    def clean_field(self) -> str:
        """The field of the clean text."""
        return self.output_field or self.text_field

    def row(self, record: Record, made: Row) -> Row:
        """Return the row of a page, with what was made of it last."""
        fields = record.fields
        if self.keep_html and self.html_field not in fields:
            fields = {**fields, self.html_field: _html_of(record.page)}
        return add_fields(fields, made)

    def like(self, schema: Any) -> Row:
        """Return an example of what `row` adds beside what is made, to fields of this schema."""
        known = schema is not None and self.html_field in schema.names
        return {self.html_field: ""} if self.keep_html and not known else {}

    def open(self, path: str) -> tuple[Records | None, Iterator[list[Record]]]:
        """Open a file and return what it holds, None where it can't be opened, and its batches.

        What keeps it from being opened or read is a record with the reason. Raises `UsageError`
        where an extra is missing.
        """
        try:
            records = read_records(
                path,
                self.format,
                text_field=self.text_field,
                html_field=self.html_field,
                markdown_field=self.markdown_field,
                max_page=self.max_page,
                keep=self._kept(),
            )
        except OSError as error:
            return None, iter([[failure(error, path)]])
        return records, _to_the_end(records, path)

    def _kept(self) -> list[str]:
        """The fields that stay though they hold pages."""
        texts = [self.text_field, self.markdown_field]
        kept = [] if self.clean_field in texts else texts
        return [*kept, self.html_field] if self.keep_html else kept

    def field_of(self, page: Page) -> str:
        """The field that a page comes in."""
        names = PageFields(self.text_field, self.html_field, self.markdown_field)
        return names.by_kind().get(page.kind, self.text_field)


def _html_of(page: Page | PageError) -> str | None:
    kind, source = decode_page(page) if isinstance(page, Page) else ("text", "")
    return source if kind == "html" else None


def _to_the_end(records: Records, path: str) -> Iterator[list[Record]]:
    try:
        yield from records
    except OSError as error:
        yield [failure(error, path)]


def reason_of(error: OSError, path: str) -> str:
    """Say why a file or folder can't be read, and what to do about it."""
    advice = REMOTE_ADVICE if is_url(path) else ADVICE
    return advice.get(type(error)) or error.strerror or str(error)


def failure(error: OSError | PageError, path: str = "") -> Record:
    """Return a record that says why a file or folder can't be read."""
    path = path or getattr(error, "filename", None) or ""
    where = "<stdin>" if path == "-" else os.fsencode(path).decode(errors="replace")
    reason = error if isinstance(error, PageError) else PageError(reason_of(error, path))
    return Record(reason, {}, where)
