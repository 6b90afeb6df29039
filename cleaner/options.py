"""How pages are labelled and what is kept of them: one set of options, whoever asks for it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Literal, get_args

from cleaner.errors import check_option
from cleaner.labels import STORY, check_labels
from cleaner.metadata import check_fields
from cleaner.metadata.language import check_languages

TextFormat = Literal["auto", "text", "markdown"]
"""What the clean text can be written as; auto: text, and of a page of Markdown its own."""


@dataclass(frozen=True)
class Options:
    """The options of the command line, of `Cleaner`, of runs and of integrations.

    Raises `UsageError` for a value of a wrong type or out of range, and for an unknown label. Equal
    options are equal and have one hash, however they were given: `keep`, `languages` and
    `metadata` are tuples afterwards, `precision` a float, `models` a str.
    """

    keep: Iterable[str] = STORY
    """The labels whose paragraphs make the clean text."""
    precision: float = 0.5
    """The threshold of `document.predict_labels`, from 0 to 1: 0.5 takes the most probable label,
    as trained; higher drops more of what may not be the story."""
    accurate: bool = False
    """Average all networks of a model, instead of asking the one that is fast."""
    only_articles: bool = False
    """Leave out pages that are no articles (`Document.counts_as_article`)."""
    models: str | Path | None = None
    """The folder that `cleaner train` wrote, None for the packaged models."""
    format: TextFormat = "auto"
    """What the clean text is written as."""
    structure: bool = False
    """Of text: a row of a table on one line, items of lists with their dash or number."""
    links: bool = True
    """Of Markdown: whether links are there."""
    images: bool = False
    """Of Markdown: whether the pictures of kept captions are."""
    metadata: Iterable[str] = ()
    """What is told of a page beside its text: names of `metadata.NAMES`."""
    languages: Iterable[str] = ()
    """Leave out pages of other languages than these (`Document.language`): codes as py3langid has
    them; none keep all."""

    def __post_init__(self) -> None:
        a_number = isinstance(self.precision, Real) and not isinstance(self.precision, bool)
        in_range = a_number and 0 <= self.precision <= 1
        check_option("precision", self.precision, in_range, "a number from 0 to 1")
        check_option(
            "format", self.format, self.format in get_args(TextFormat), "auto, text or markdown"
        )
        for name in ("accurate", "only_articles", "structure", "links", "images"):
            value = getattr(self, name)
            check_option(name, value, isinstance(value, bool), "True or False")
        a_path = isinstance(self.models, str | os.PathLike | None)
        check_option("models", self.models, a_path, "the path of a folder")
        as_kept = {
            "keep": check_labels(self.keep),
            "precision": float(self.precision),
            "languages": check_languages(self.languages),
            "metadata": check_fields(self.metadata),
            "models": None if self.models is None else os.fspath(self.models),
        }
        for name, value in as_kept.items():
            object.__setattr__(self, name, value)  # the way of a frozen dataclass to do so
