"""Files as records, their failures too: one bad file does not end the reading of many."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from cleaner.errors import PageError
from cleaner.formats import MAX_PAGE, Format, Record, Records, read_records

ADVICE = {
    FileNotFoundError: "no such file; give the name of a file, or - for standard input",
    PermissionError: "permission denied; see who may read it with ls -l",
}
"""What to do about a file that can't be read."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: what `read_records` takes."""

    format: Format = "auto"
    text_field: str = "text"
    html_field: str = "html"
    max_page: int = MAX_PAGE

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
                max_page=self.max_page,
            )
        except OSError as error:
            return None, iter([[failure(error, path)]])
        return records, _to_the_end(records, path)


def _to_the_end(records: Records, path: str) -> Iterator[list[Record]]:
    try:
        yield from records
    except OSError as error:
        yield [failure(error, path)]


def failure(error: OSError | PageError, path: str = "") -> Record:
    """Return a record that says why a file or folder can't be read."""
    where = os.fsencode(path or getattr(error, "filename", None) or "").decode(errors="replace")
    if isinstance(error, OSError):
        error = PageError(ADVICE.get(type(error)) or error.strerror or str(error))
    return Record(error, {}, "<stdin>" if path == "-" else where)
