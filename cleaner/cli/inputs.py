"""What `clean` and `label` share: the options that say what comes in, and labelling it all."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, get_args

import click

from cleaner.cleaner import Cleaner
from cleaner.document import ARTICLE_FROM, Document
from cleaner.errors import PageError
from cleaner.formats import Format, Record, expand, read_records
from cleaner.pages import Page

Labelled = tuple[Record, Document]

ADVICE = {
    FileNotFoundError: "no such file; give the name of a file, or - for standard input",
    PermissionError: "permission denied; see who may read it with ls -l",
}
"""What to do about a file that can't be read."""

FULL_OF_NULS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)

HINT = "cleaner: reading from standard input; Ctrl-D ends it, --help tells more"


@dataclass
class Inputs:
    """The pages that a command works on, and whether some of them failed."""

    files: tuple[str, ...]
    format: Format
    text_field: str
    html_field: str
    precision: float
    accurate: bool
    only_articles: bool
    model: Path | None
    failed: bool = field(default=False, init=False)
    first_format: str | None = field(default=None, init=False)
    """The format of the first file that could be opened."""
    schema: Any = field(default=None, init=False)
    """The schema of the first file that has one: see `Records`."""

    @property
    def status(self) -> int:
        """The exit status that is due."""
        return int(self.failed)

    def label(self) -> Iterator[list[Labelled]]:
        """Return the pages with their documents, in order, in batches as they come in.

        The first batch, empty where there is none, has come in by then. What can't be read is told
        on standard error and left out, and so is how many pages were no articles, where only these
        are wanted. Where nothing at all came out, the command ends here, so that what -o names
        stays as it is.
        """
        batches = self._label()
        return chain([next(batches, [])], batches)

    def _label(self) -> Iterator[list[Labelled]]:
        cleaner = Cleaner(self.model, precision=self.precision, accurate=self.accurate)
        pages = left_out = 0
        for records in self._read():
            results = cleaner.label_each([r.page for r in records if isinstance(r.page, Page)])
            batch: list[Labelled] = []
            for record in records:
                result = next(results) if isinstance(record.page, Page) else record.page
                if isinstance(result, PageError):
                    self._fail(record.where, str(result))
                else:
                    if place := _nul_place(record):
                        _tell(place, "holds a NUL byte, a sign of damage; check what wrote it")
                    batch.append((record, result))
            pages += len(batch)
            wanted = [x for x in batch if not self.only_articles or x[1].is_article >= ARTICLE_FROM]
            left_out += len(batch) - len(wanted)
            if wanted:
                yield wanted
        if self.failed and not pages:
            raise click.exceptions.Exit(self.status)
        if left_out:
            click.echo(f"cleaner: left out {left_out} of {pages} pages: no articles", err=True)

    def _read(self) -> Iterator[list[Record]]:
        if not self.files and sys.stdin and sys.stdin.isatty():
            click.echo(HINT, err=True)
        for given in self.files or ("-",):
            try:
                for found in expand(given, self._fail_file):
                    yield from self._read_file(found.path)
            except PageError as error:
                self._fail(click.format_filename(given), str(error))
            except OSError as error:
                self._fail_file(error, given)

    def _read_file(self, path: str) -> Iterator[list[Record]]:
        try:
            records = read_records(
                path, self.format, text_field=self.text_field, html_field=self.html_field
            )
            self.first_format = self.first_format or records.format
            self.schema = records.schema if self.schema is None else self.schema
            yield from records
        except OSError as error:
            self._fail_file(error, path)

    def _fail_file(self, error: OSError, path: str = "") -> None:
        where = "<stdin>" if path == "-" else click.format_filename(path or error.filename)
        self._fail(where, ADVICE.get(type(error)) or error.strerror or str(error))

    def _fail(self, where: str, what: str) -> None:
        self.failed = True
        _tell(where, what)


def _tell(where: str, what: str) -> None:
    click.echo(f"cleaner: {where}: {what}", err=True)


def _nul_place(record: Record) -> str | None:
    """Say where the first NUL of a page is: the page is worked on, but likely damaged."""
    source = record.page.source if isinstance(record.page, Page) else ""
    if isinstance(source, str):  # from JSON Lines, whose place has its line already
        return record.where if "\0" in source else None
    if b"\0" not in source or source.startswith(FULL_OF_NULS):
        return None
    line = source.count(b"\n", 0, source.index(b"\0")) + 1
    return f"{record.where}:{line}"


def input_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the arguments and options of `Inputs` to a command."""
    for option in reversed(
        (
            click.argument("files", nargs=-1, metavar="[INPUT]...", type=click.Path()),
            click.option(
                "--from",
                "format",
                type=click.Choice(get_args(Format)),
                default="auto",
                show_default=True,
                help="What the input is; auto: by the file name's ending, else by its beginning.",
            ),
            click.option(
                "--text-field",
                metavar="NAME",
                default="text",
                show_default=True,
                help="JSON Lines, Parquet: the field with a page's text.",
            ),
            click.option(
                "--html-field",
                metavar="NAME",
                default="html",
                show_default=True,
                help="The field with a page's HTML, taken where a page has both.",
            ),
            click.option(
                "--precision",
                type=click.FloatRange(0, 1),
                metavar="NUMBER",
                default=0.5,
                show_default=True,
                help="The dial: higher drops more of what may not be the story, lower keeps more.",
            ),
            click.option(
                "--accurate",
                is_flag=True,
                help="Ask several networks instead of one: fewer errors, a third of the speed.",
            ),
            click.option(
                "--only-articles",
                is_flag=True,
                help="Leave out pages that are no articles: listings, shops, forums.",
            ),
            click.option(
                "--model",
                metavar="DIR",
                type=click.Path(path_type=Path),
                help="The folder that `cleaner train` wrote.  [default: the installed models]",
            ),
        )
    ):
        command = option(command)
    return command
