"""`Cleaner`: pages in, documents out."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self, TypeGuard

import numpy as np

from cleaner.document import Document, Reason
from cleaner.errors import (
    CleanerError,
    PageError,
    UnexpectedError,
    UsageError,
    check_option,
    encodable,
)
from cleaner.features.arrays import F32
from cleaner.model.predict import label_pages
from cleaner.model.store import KINDS, Model, find_models, load_model
from cleaner.options import Options, TextFormat
from cleaner.pages import Kind, Page, PageText, check_kind, split_page
from cleaner.pages.page import MODEL_OF
from cleaner.pages.split import MARKDOWN_ENDINGS

READ_AHEAD_CHARS = 1_000_000
"""Characters of source that are read before they are labelled together."""

READ_AHEAD_PAGES = 1024
"""Pages that are read before they are labelled together, however little they hold: the first
document comes early, and memory stays flat, also where all of them are empty."""

MAX_NAME = 255
"""Characters that the name of a file has at most."""

Source = str | bytes | os.PathLike[str]
"""What a page is given as: its text or HTML, or the path of its file."""

Split = tuple[Page, PageText | PageError]
"""A page with its paragraphs, or with why it has none."""


class Cleaner:
    """Labels the paragraphs of pages with trained models.

    What it is given are its `Options`: `models` is a folder that holds the model folders `text` and
    `html`, as `cleaner train` writes it; without it the packaged models are used. Raises
    `UsageError` for options that are none, `ModelError` where there are no models. A model is read
    when the first page of its kind comes, or by `load`; a `Cleaner` may be shared between threads,
    and pickled, which takes its options alone.

    A page is a str, bytes, a `Path`, which is read as a file, or a `Page` of one of them. A str
    that is the name of a file is refused, so that no name is labelled in place of what it names;
    that of a `Page` is always text.

    >>> Cleaner().clean("Ferry returns to the island\\n\\nAdvertisement")  # doctest: +SKIP
    'Ferry returns to the island'
    """

    def __init__(
        self,
        models: str | Path | None = Options.models,
        *,
        keep: Iterable[str] = Options.keep,
        precision: float = Options.precision,
        accurate: bool = Options.accurate,
        only_articles: bool = Options.only_articles,
        languages: Iterable[str] = Options.languages,
        format: TextFormat = Options.format,
        structure: bool = Options.structure,
        links: bool = Options.links,
        images: bool = Options.images,
        metadata: Iterable[str] = Options.metadata,
    ) -> None:
        self.options = Options(
            keep=keep,
            precision=precision,
            accurate=accurate,
            only_articles=only_articles,
            languages=languages,
            models=models,
            format=format,
            structure=structure,
            links=links,
            images=images,
            metadata=metadata,
        )
        self._folder = find_models(self.options.models)
        self._lock = threading.Lock()
        self._models: dict[str, Model] = {}

    @classmethod
    def of(cls, options: Options) -> Self:
        """Return one with these options."""
        check_option("options", options, isinstance(options, Options), "cleaner.Options(...)")
        return cls(**vars(options))

    def __reduce__(self) -> tuple[Callable[[Options], Cleaner], tuple[Options]]:
        return Cleaner.of, (self.options,)

    def load(self) -> None:
        """Read the models now: processes that fork from this one then share them."""
        for kind in KINDS:
            self._model(kind)
        if self.options.languages or "language" in self.options.metadata:
            from cleaner.metadata.language import load  # slow to import

            load()

    def label(
        self, page: Source | Page, *, kind: Kind = "auto", url: str | None = None
    ) -> Document:
        """Label the paragraphs of one page.

        `kind` says what `page` is: "text", "html", "markdown", or "auto" to find out. Raises
        `PageError` for data that is no text, a file that can't be read, and a page that ends in an
        error of a library, which is its cause; an empty page gives an empty document.
        """
        if _names_file(page):
            raise UsageError(_about_name(page))
        if not isinstance(page, Page):
            page = Page(page, kind, url)  # type: ignore[arg-type]  # a path: `split` reads it
        (result,) = self.label_split([self.split(page)])
        return _raise_error(result)

    def label_many(
        self, pages: Iterable[Source | Page], *, kind: Kind = "auto"
    ) -> Iterator[Document]:
        """Label pages in batches and yield their documents in order.

        Raises `PageError` at a page that can't be read; `label_each` goes on instead.
        """
        return map(_raise_error, self.label_each(pages, kind=kind))

    def label_each(
        self, pages: Iterable[Source | Page], *, kind: Kind = "auto"
    ) -> Iterator[Document | PageError]:
        """Like `label_many`, but yield the error of a page that can't be read in its place."""
        check_kind(kind)
        if isinstance(pages, str | bytes | os.PathLike | Page):
            raise UsageError("label_many takes many pages, as a list; label takes one")
        check_option("pages", pages, isinstance(pages, Iterable), "a list of pages")
        return self.label_split(self._split_given(page, kind) for page in pages)

    def clean(
        self, page: Source | Page, keep: Iterable[str] | None = None, *, kind: Kind = "auto"
    ) -> str:
        """Return the clean text of one page, as text or Markdown: its paragraphs with the labels
        `keep`, by default those of the options. A page that is no article gives "" with
        `only_articles`, and so does one of another language with `languages`."""
        options = self.options if keep is None else replace(self.options, keep=keep)
        document = self.label(page, kind=kind)
        return "" if document.left_out(options) else document.written(options)

    def split(self, page: Page) -> Split:
        """Split one page, the first half of `label_each`; whatever goes wrong is the page's."""
        try:
            if isinstance(page.source, os.PathLike):
                kind = _kind_by_name(page.source) if page.kind == "auto" else page.kind
                page = replace(page, source=_read(page.source), kind=kind)
            return page, split_page(page)
        except PageError as error:
            return page, error
        except CleanerError:
            raise
        except Exception as error:
            return page, UnexpectedError.of(error)

    def label_split(self, splits: Iterable[Split]) -> Iterator[Document | PageError]:
        """Label split pages in batches, the second half of `label_each`."""
        batch: list[Split] = []
        size = 0
        for page, text in splits:
            batch.append((page, text))
            size += len(page.source) if isinstance(text, PageText) else 0
            if size >= READ_AHEAD_CHARS or len(batch) >= READ_AHEAD_PAGES:
                yield from self._label_batch(batch)
                batch = []
                size = 0
        yield from self._label_batch(batch)

    def _split_given(self, page: Source | Page, kind: Kind) -> Split:
        if isinstance(page, Page):
            return self.split(page)
        if _names_file(page):
            return Page(page, kind), PageError(_about_name(page))
        return self.split(Page(page, kind))  # type: ignore[arg-type]  # a path: `split` reads it

    def _label_batch(self, batch: list[Split]) -> Iterator[Document | PageError]:
        good = [(page, text) for page, text in batch if isinstance(text, PageText)]
        labelled = iter(self._label_good(good))
        for _, text in batch:
            yield text if isinstance(text, PageError) else next(labelled)

    def _label_good(self, good: list[tuple[Page, PageText]]) -> list[Document | PageError]:
        """Label pages together. If that fails, see which of them fail alone, and leave them out."""
        try:
            return [*self._documents(good)]
        except CleanerError:
            raise
        except Exception as error:
            if len(good) == 1:
                return [UnexpectedError.of(error)]
        alone = [self._label_good([one])[0] for one in good]
        fine = [
            one for one, result in zip(good, alone, strict=True) if isinstance(result, Document)
        ]
        if len(fine) == len(good):
            return alone
        together = iter(self._label_good(fine))
        return [next(together) if isinstance(result, Document) else result for result in alone]

    def _documents(self, batch: list[tuple[Page, PageText]]) -> list[Document]:
        labelled: dict[int, tuple[F32, float, float]] = {}
        for kind in KINDS:
            chosen = [i for i, (_, text) in enumerate(batch) if MODEL_OF[text.kind] == kind]
            if not chosen:
                continue
            texts = [batch[i][1] for i in chosen]
            markup = [text.markup for text in texts if text.markup is not None]
            found, *of_pages = label_pages(
                self._model(kind), [text.texts for text in texts], markup or None
            )
            ends = np.cumsum([len(text.texts) for text in texts])
            each = zip(np.split(found, ends[:-1]), *(p.tolist() for p in of_pages), strict=True)
            labelled.update(zip(chosen, each, strict=True))
        return [
            Document(
                text.texts,
                labelled[i][0],
                is_article=labelled[i][1],
                junk_probability=labelled[i][2],
                precision=self.options.precision,
                title=text.title,
                url=page.url,
                source=page.source if text.kind == "html" else None,
                charset=page.charset,
                plain=page.source if text.kind == "text" else None,
                lines=text.lines,
                find_reasons=self._find_reasons,
            )
            for i, (page, text) in enumerate(batch)
        ]

    def _find_reasons(self, page: PageText, labels: Sequence[str], n: int) -> tuple[Reason, ...]:
        from cleaner.explain.reasons import find_reasons  # seldom asked for

        return find_reasons(self._model(MODEL_OF[page.kind]), page, labels, n)

    def _model(self, kind: str) -> Model:
        with self._lock:
            if kind not in self._models:
                accurate = self.options.accurate
                self._models[kind] = load_model(self._folder / kind, accurate=accurate)
            return self._models[kind]


def _raise_error(result: Document | PageError) -> Document:
    if isinstance(result, PageError):
        raise result
    return result


def _names_file(page: object) -> TypeGuard[str]:
    """Say whether a str is the name of a file; one look at it, and none at what can't be a name."""
    return (
        isinstance(page, str)
        and 0 < len(page) <= MAX_NAME
        and "\n" not in page
        and "<" not in page
        and os.path.isfile(page)
    )


def _about_name(name: str) -> str:
    return f"{name!r} is the name of a file: pass Path({name!r}) to read it, Page({name!r}) if not"


def _kind_by_name(path: os.PathLike[str]) -> Kind:
    """What a file is by its name; the rest of files say it by their first characters."""
    is_markdown = os.fspath(path).lower().endswith(MARKDOWN_ENDINGS)
    return "markdown" if is_markdown else "auto"


def _read(path: os.PathLike[str]) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError) as error:  # a name with a NUL, or half an emoji
        reason = getattr(error, "strerror", None) or error
        raise PageError(encodable(f"{os.fspath(path)}: can't be read ({reason})")) from None
