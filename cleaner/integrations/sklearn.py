"""scikit-learn: a transformer of pages into clean texts, before a vectorizer."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

from sklearn.base import BaseEstimator, TransformerMixin

from cleaner.errors import UsageError
from cleaner.integrations.cleaning import Cleaning
from cleaner.options import Options, TextFormat
from cleaner.pages import Kind


class NewsCleaner(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Turns pages into their clean texts, one for each page, in order. Learns nothing.

    A page is str or bytes; None is an empty one. Rows are never left out, as they stand beside
    their targets: a page that can't be read gives "", and a warning says how many; one that is no
    article gives "" with `only_articles`, one of another language with `languages`. The fields of
    `Options`, but for the metadata, are parameters of its own, as scikit-learn sets them; wrong
    ones raise `UsageError` from `fit` or `transform`.

    >>> make_pipeline(NewsCleaner(), TfidfVectorizer()).fit(pages)  # doctest: +SKIP
    """

    def __init__(
        self,
        *,
        kind: Kind = "auto",
        keep: Iterable[str] = Options.keep,
        precision: float = Options.precision,
        accurate: bool = Options.accurate,
        only_articles: bool = Options.only_articles,
        languages: Iterable[str] = Options.languages,
        models: str | Path | None = Options.models,
        format: TextFormat = Options.format,
        structure: bool = Options.structure,
        links: bool = Options.links,
        images: bool = Options.images,
    ) -> None:
        self.kind = kind
        self.keep = keep
        self.precision = precision
        self.accurate = accurate
        self.only_articles = only_articles
        self.languages = languages
        self.models = models
        self.format = format
        self.structure = structure
        self.links = links
        self.images = images

    def fit(self, X: object, y: object = None) -> Self:  # noqa: N803
        """Check the options; there is nothing to learn."""
        self._cleaning()
        return self

    def transform(self, X: Iterable[object]) -> list[str]:  # noqa: N803
        """Return the clean text of each page of a list, an array or a Series."""
        is_many = isinstance(X, Iterable) and not isinstance(X, str | bytes)
        if not is_many or getattr(X, "ndim", 1) != 1:
            raise UsageError("give the pages as a list, or as one column: NewsCleaner takes many")
        cleaned = list(self._cleaning().clean(X))
        unreadable = [n for n, result in enumerate(cleaned) if result.error is not None]
        if unreadable:
            first = unreadable[0]
            warnings.warn(
                f"{len(unreadable)} of {len(cleaned)} pages can't be read and give an empty text; "
                f"the first is number {first}: {cleaned[first].error}",
                stacklevel=2,
            )
        return [result.text or "" for result in cleaned]

    def _cleaning(self) -> Cleaning:
        options = self.get_params(deep=False)
        kind = options.pop("kind")
        return Cleaning(Options(**options), kind)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.no_validation = True
        tags.requires_fit = False
        return tags
