"""What the integrations share: cleaning in batches, and one `Cleaner` a process."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cleaner.cleaner import Cleaner
from cleaner.document import Document, LeftOut
from cleaner.errors import PageError, UsageError, check_option, how_to_install
from cleaner.metadata import FIGURES
from cleaner.metadata.fields import originals
from cleaner.options import Options
from cleaner.pages import Kind, Page, check_kind


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What became of a page: a text, an error, or neither where it is left out."""

    text: str | None
    """The clean text, as text or Markdown, "" where nothing is kept."""
    error: str | None
    """Why the page can't be read."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """What is told of the page: the fields that the options name, each None where it is unknown,
    or where there is no text."""

    left_out: str | None = None
    """Why the page is left out, as was asked for: `NO_ARTICLE` or `OTHER_LANGUAGE`."""


class Cleaning:
    """Cleans pages in batches.

    It holds its options alone, so it is small to send to a worker, which loads the models once,
    from the same path there. Raises `UsageError` or `ModelError` at once, where the job is set up.
    """

    def __init__(self, options: Options = Options(), kind: Kind = "auto") -> None:
        check_kind(kind)
        Cleaner.of(options)  # so that what are no options, or a folder without models, is told here
        self.options = options
        self.kind = kind

    def clean(self, pages: Iterable[object]) -> Iterator[Cleaned]:
        """Yield what becomes of each page of a batch, in order; `pages` as for `label`."""
        for result in self.label(pages):
            if isinstance(result, Document):
                about = result.metadata_of(self.options.metadata, self.options.keep)
                yield Cleaned(result.written(self.options), None, about)
            else:
                about = dict.fromkeys(self.options.metadata)
                if isinstance(result, LeftOut):
                    yield Cleaned(None, None, about, result.reason)
                else:
                    yield Cleaned(None, str(result), about)

    def label(self, pages: Iterable[object]) -> Iterator[Document | PageError | LeftOut]:
        """Yield the document of each page of a batch, in order.

        A page is str, bytes or a `Page`; None is an empty one. One that can't be read gives its
        error in its place, one that is left out the reason.
        """
        read = [read_page(page, self.kind) for page in pages]
        # What is taken of documents, and of which pages, is said here: one `Cleaner` does for all.
        given = self.options
        cleaner = _load(
            Options(precision=given.precision, accurate=given.accurate, models=given.models)
        )
        documents = cleaner.label_each(page for page in read if isinstance(page, Page))
        for page in read:
            result = page if isinstance(page, PageError) else next(documents)
            left_out = isinstance(result, Document) and result.left_out(given)
            yield left_out or result


class ColumnCleaning:
    """Cleans pages that are columns of tables: what comes out are columns of strings, and
    of numbers where figures of pages are asked for.

    No value of these is null, as frameworks take a column's type from what they see of it first.
    """

    def __init__(
        self,
        options: Options = Options(),
        *,
        text_field: str = "text",
        html_field: str = "html",
        markdown_field: str = "markdown",
    ) -> None:
        check_field("text_field", text_field)
        check_field("html_field", html_field)
        check_field("markdown_field", markdown_field)
        self.text_field = text_field
        self.html_field = html_field
        self.markdown_field = markdown_field
        self.cleaning = Cleaning(options)

    def read_columns(self, names: Iterable[str], read: Callable[[str], Any]) -> dict[str, Any]:
        """Return the columns of a batch that tell of its pages: texts, HTML, URLs and Markdown.

        `names` are those of all columns. Raises `UsageError` where there are none but the URLs.
        """
        names = list(names)
        of_pages = (self.text_field, self.html_field, self.markdown_field)
        if not any(name in names for name in of_pages):
            there = ", ".join(map(str, names))
            raise UsageError(
                f"no column {self.text_field!r}, {self.html_field!r} or {self.markdown_field!r} "
                f"(there are {there}); name them with text_field, html_field and markdown_field"
            )
        return {name: read(name) for name in dict.fromkeys((*of_pages, "url")) if name in names}

    def originals(self, names: Iterable[str]) -> dict[str, str]:
        """Return what columns are called from now on whose names the new ones take: a text beside
        the HTML or Markdown of its page is another one."""
        names = list(names)
        taken = [f"{self.text_field}_error", *self.cleaning.options.metadata]
        if {self.html_field, self.markdown_field}.difference([self.text_field]).intersection(names):
            taken.append(self.text_field)
        return originals(names, taken)

    def clean_columns(self, columns: Mapping[str, Any]) -> tuple[dict[str, list[Any]], list[int]]:
        """Return new columns for those of `read_columns`, and the numbers of the rows to keep.

        The new ones have all rows: the text, why a page can't be read, and the metadata.
        """
        nothing = [None] * len(next(iter(columns.values())))
        names = (self.text_field, self.html_field, "url", self.markdown_field)
        given = (columns.get(name, nothing) for name in names)
        pages = [choose_page(*values) for values in zip(*given, strict=True)]
        cleaned = list(self.cleaning.clean(pages))
        made: dict[str, list[Any]] = {
            self.text_field: [result.text or "" for result in cleaned],
            f"{self.text_field}_error": [result.error or "" for result in cleaned],
        }
        for name in self.cleaning.options.metadata:
            made[name] = [_as_value(name, result.metadata[name]) for result in cleaned]
        return made, [n for n, result in enumerate(cleaned) if not result.left_out]


def _as_value(name: str, value: str | float | list[str] | None) -> str | float:
    """A value of metadata as one that is never null, of one type for each name."""
    if isinstance(value, list):
        return ", ".join(value)
    return FIGURES.get(name, "") if value is None else value


def read_page(value: object, kind: Kind, url: object = None) -> Page | PageError:
    """Return what a pipeline holds as a page, or the error that it is none; a `url` that is no text
    is unknown."""
    if isinstance(value, Page | PageError):
        return value
    if _is_null(value):
        value = ""
    if isinstance(value, str | bytes):
        return Page(value, kind, url if isinstance(url, str) else None)
    return PageError(f"of type {type(value).__name__}, so no page; give it as a string")


def choose_page(
    text: object, html: object, url: object = None, markdown: object = None
) -> Page | PageError:
    """Return the page of a record with a field of each: the HTML unless it is empty, else the
    Markdown, where it is a text and not empty."""
    if not (_is_null(html) or (isinstance(html, str | bytes) and not html)):
        return read_page(html, "html", url)
    if isinstance(markdown, str | bytes) and markdown:
        return read_page(markdown, "markdown", url)
    return read_page(text, "text", url)


def put_metadata(fields: MutableMapping[str, Any], found: Mapping[str, Any]) -> None:
    """Put what is known of a page into fields; what is unknown leaves a field as it is."""
    for name, value in found.items():
        if value is not None or name not in fields:
            fields[name] = value


def check_field(name: str, value: object) -> None:
    """Raise `UsageError` where an option that names a field does not."""
    check_option(name, value, isinstance(value, str) and bool(value), "the name of a field")


def _is_null(value: object) -> bool:
    """Say whether it is None or one of pandas' nulls."""
    is_nan = isinstance(value, float) and math.isnan(value)
    return value is None or is_nan or type(value).__name__ == "NAType"


def missing(extra: str) -> UsageError:
    """Return the error that a framework is not installed."""
    return UsageError(f"cleaner.integrations.{extra} needs the extra: {how_to_install(extra)}")


@cache
def _load(options: Options) -> Cleaner:
    return Cleaner.of(options)
