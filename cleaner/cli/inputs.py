"""The pages of `clean` and `label`, on their way from the files to what is made of them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import click

from cleaner.cleaner import Cleaner
from cleaner.cli.terminal import say, tell, tell_skipped
from cleaner.document import NO_ARTICLE, OTHER_LANGUAGE, Document, LeftOut
from cleaner.errors import PageError
from cleaner.formats import Format, Record, Records, expand
from cleaner.options import Options
from cleaner.pages import Page
from cleaner.pages.charset import wide_charset
from cleaner.runs.reading import Reading, failure
from cleaner.runs.work import Work

if TYPE_CHECKING:
    from cleaner.runs.pool import Pool

T = TypeVar("T")

LEFT_OUT = {NO_ARTICLE: "no articles", OTHER_LANGUAGE: "of other languages"}
"""What pages are that are left out."""

HINT = "reading from standard input; Ctrl-D ends it, --help tells more"


@dataclass
class Inputs(Generic[T]):
    """The pages that a filter works on, and whether some of them failed."""

    files: tuple[str, ...]
    format: Format
    text_field: str
    html_field: str
    markdown_field: str
    max_page: int
    options: Options
    workers: int
    page_timeout: float | None
    page_memory: int | None
    make: Callable[[Document], T]
    """What comes out of a page; see `Work`."""
    output_field: str | None = None
    keep_html: bool = False
    failed: bool = field(default=False, init=False)
    skipped: list[str] = field(default_factory=list, init=False)
    """The files of folders that are left out."""
    first_format: str | None = field(default=None, init=False)
    """The format of the first file that could be opened."""
    schema: Any = field(default=None, init=False)
    """The schema of the first file that has one: see `Records`."""

    @property
    def reading(self) -> Reading:
        """How the files are read, and what of them comes out."""
        return Reading(
            self.format,
            self.text_field,
            self.html_field,
            self.markdown_field,
            self.max_page,
            self.output_field,
            self.keep_html,
        )

    @property
    def status(self) -> int:
        """The exit status that is due."""
        return int(self.failed)

    def label(self) -> Iterator[list[tuple[Record, T]]]:
        """Return the pages with what is made of them, in order, in batches as they come in.

        The first batch, empty where there is none, has come in by then. What can't be read is told
        on standard error and left out. So is, at the end, which files of folders were skipped, and
        how many pages were left out as was asked for. Where nothing at all came out,
        the command ends here, so that what -o names stays as it is.
        """
        batches = self._label()
        return chain([next(batches, [])], batches)

    def _label(self) -> Iterator[list[tuple[Record, T]]]:
        work = Work(Cleaner.of(self.options), self.make)
        pages = 0
        left_out: Counter[str] = Counter()
        with ExitStack() as stack:
            pool: Work[T] | Pool[T] = work  # one worker is this process, which starts faster
            if self.workers > 1 or self.page_timeout or self.page_memory:
                from cleaner.runs.pool import Pool, make_limits

                limits = make_limits(self.page_timeout, self.page_memory)
                pool = stack.enter_context(Pool(work, self.workers, limits))
            for source, results in pool.map(self._read()):
                if source:
                    self.first_format = self.first_format or source.format
                    self.schema = source.schema if self.schema is None else self.schema
                made: list[tuple[Record, T]] = []
                for record, result in results:
                    if isinstance(result, PageError):
                        self.failed = True
                        tell(record.where, str(result))
                        continue
                    pages += 1
                    if place := _nul_place(record):
                        tell(place, "holds a NUL byte, a sign of damage; check what wrote it")
                    if isinstance(result, LeftOut):
                        left_out[result.reason] += 1
                    else:
                        made.append((record, result))
                if made:
                    yield made
        tell_skipped(self.skipped, every=self.format != "auto")
        if self.failed and not pages:
            raise click.exceptions.Exit(self.status)
        for reason, count in left_out.items():
            say(f"left out {count} of {pages} pages: {LEFT_OUT[reason]}")

    def _read(self) -> Iterator[tuple[Records | None, list[Record]]]:
        """Yield the records of all files in batches, and for each file first an empty one.

        With each comes its file, None for what is none.
        """
        reading = self.reading
        if not self.files and sys.stdin and sys.stdin.isatty():
            say(HINT)
        for given in self.files or ("-",):
            bad: list[Record] = []
            try:
                for found in expand(
                    given,
                    every=self.format != "auto",
                    failed=lambda error: bad.append(failure(error)),  # noqa: B023
                    skipped=self.skipped.append,
                ):
                    source, batches = reading.open(found.path)
                    yield source, []
                    yield from ((source, records) for records in batches)
            except (PageError, OSError) as error:
                bad.append(failure(error, given))
            yield None, bad


def _nul_place(record: Record) -> str | None:
    """Say where the first NUL of a page is: the page is worked on, but likely damaged."""
    source = record.page.source if isinstance(record.page, Page) else ""
    if isinstance(source, str):  # from JSON Lines, whose place has its line already
        return record.where if "\0" in source else None
    if b"\0" not in source or wide_charset(source):
        return None
    line = source.count(b"\n", 0, source.index(b"\0")) + 1
    return f"{record.where}:{line}"
