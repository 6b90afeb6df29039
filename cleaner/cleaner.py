"""`Cleaner`: pages in, documents out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from cleaner.document import Document
from cleaner.errors import PageError, UsageError
from cleaner.features.words import F32
from cleaner.labels import STORY, check_labels
from cleaner.model.predict import label_pages
from cleaner.model.store import KINDS, Model, find_models, load_model
from cleaner.pages import Kind, Page, PageText, split_page
from cleaner.pages.charset import decode_claimed

BATCH_CHARS = 1_000_000
"""Characters of source that are labelled together."""


class Cleaner:
    """Labels the paragraphs of pages with trained models.

    `models` is a folder that holds the model folders `text` and `html`, as `cleaner train` writes
    it; without it the packaged models are used. `accurate` averages all networks of a model instead
    of the one that is fast. `precision`, from 0 to 1, is the dial of `document.choose`: 0.5 as
    trained, higher drops more. Raises `UsageError` for another number, `ModelError` where there are
    no models. A model is read when the first page of its kind comes, or by `load`; a
    `Cleaner` may be shared between threads, and pickled, which takes its options alone.

    >>> Cleaner().clean("Ferry returns to the island\\n\\nAdvertisement")  # doctest: +SKIP
    'Ferry returns to the island'
    """

    def __init__(
        self,
        models: str | Path | None = None,
        *,
        precision: float = 0.5,
        accurate: bool = False,
    ) -> None:
        if not isinstance(precision, int | float) or not 0 <= precision <= 1:
            raise UsageError(f"precision is {precision}: give a number from 0 to 1")
        self._precision = precision
        self._accurate = accurate
        self._folder = find_models(models)
        self._lock = threading.Lock()
        self._models: dict[str, Model] = {}

    def __reduce__(self) -> tuple[Callable[[], Cleaner], tuple[()]]:
        return partial(
            Cleaner, self._folder, precision=self._precision, accurate=self._accurate
        ), ()

    def load(self) -> None:
        """Read the models now: processes that fork from this one then share them."""
        for kind in KINDS:
            self._model(kind)

    def label(
        self, page: str | bytes | Page, *, kind: Kind = "auto", url: str | None = None
    ) -> Document:
        """Label the paragraphs of one page.

        `kind` says what `page` is: "text", "html", or "auto" to find out. Raises `PageError` for
        data that is no text; an empty page gives an empty document.
        """
        if not isinstance(page, Page):
            page = Page(page, kind, url)
        _check(page)
        return self._label_batch([(page, split_page(page))])[0]

    def label_many(
        self, pages: Iterable[str | bytes | Page], *, kind: Kind = "auto"
    ) -> Iterator[Document]:
        """Label pages in batches and yield their documents in order.

        Raises `PageError` at a page that is no text; `label_each` goes on instead.
        """
        for result in self.label_each(pages, kind=kind):
            if isinstance(result, PageError):
                raise result
            yield result

    def label_each(
        self, pages: Iterable[str | bytes | Page], *, kind: Kind = "auto"
    ) -> Iterator[Document | PageError]:
        """Like `label_many`, but yield the error of a page that can't be read in its place."""
        _check_kind(kind)
        if isinstance(pages, str | bytes):
            raise UsageError("label_many takes many pages, as a list; label takes one")
        batch: list[tuple[Page, PageText | PageError]] = []
        size = 0
        for page in pages:
            if not isinstance(page, Page):
                page = Page(page, kind)
            _check(page)
            try:
                batch.append((page, split_page(page)))
            except PageError as error:
                batch.append((page, error))
            size += len(page.source)
            if size >= BATCH_CHARS:
                yield from self._label_each(batch)
                batch = []
                size = 0
        yield from self._label_each(batch)

    def clean(
        self, page: str | bytes | Page, keep: Iterable[str] = STORY, *, kind: Kind = "auto"
    ) -> str:
        """Return the clean text of one page: its paragraphs with the labels `keep`."""
        keep = check_labels(keep)
        return self.label(page, kind=kind).text(keep)

    def _label_each(
        self, batch: list[tuple[Page, PageText | PageError]]
    ) -> Iterator[Document | PageError]:
        good = [(page, text) for page, text in batch if isinstance(text, PageText)]
        documents = iter(self._label_batch(good))
        for _, text in batch:
            yield text if isinstance(text, PageError) else next(documents)

    def _label_batch(self, batch: list[tuple[Page, PageText]]) -> list[Document]:
        labelled: dict[int, tuple[F32, float]] = {}
        for kind in KINDS:
            chosen = [i for i, (_, text) in enumerate(batch) if text.kind == kind]
            if not chosen:
                continue
            texts = [batch[i][1] for i in chosen]
            markup = [text.markup for text in texts if text.markup is not None]
            found, is_article = label_pages(
                self._model(kind), [text.texts for text in texts], markup or None
            )
            ends = np.cumsum([len(text.texts) for text in texts])
            scores = np.split(found, ends[:-1])
            labelled.update(zip(chosen, zip(scores, is_article.tolist(), strict=True), strict=True))
        return [
            Document(
                text.texts,
                labelled[i][0],
                is_article=labelled[i][1],
                precision=self._precision,
                title=text.title,
                url=page.url,
                source=decode_claimed(page.source, page.charset) if text.kind == "html" else None,
            )
            for i, (page, text) in enumerate(batch)
        ]

    def _model(self, kind: str) -> Model:
        with self._lock:
            if kind not in self._models:
                self._models[kind] = load_model(self._folder / kind, accurate=self._accurate)
            return self._models[kind]


def _check_kind(kind: str) -> None:
    if kind not in ("auto", "text", "html"):
        raise UsageError(f"unknown kind {kind!r}: choose auto, text or html")


def _check(page: Page) -> None:
    _check_kind(page.kind)
    if not isinstance(page.source, str | bytes):
        raise UsageError(f"a page is str or bytes, not {type(page.source).__name__}")
