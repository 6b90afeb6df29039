"""What comes out: a page's paragraphs with their labels, and its clean text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cleaner.labels import LABELS, STORY, check_labels

ARTICLE_FROM = 0.5
"""Probability from which a page counts as an article."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a page with its label."""

    text: str
    label: str
    probabilities: dict[str, float]
    """The probability of each label; they sum to 1."""

    @property
    def probability(self) -> float:
        """The probability of the label that it has."""
        return self.probabilities[self.label]


def choose(scores: NDArray[np.float32], precision: float = 0.5) -> NDArray[np.int64]:
    """Choose a label id for each row of probabilities, in shape (paragraphs, 6).

    `precision`, from 0 to 1, says how much surer than any other label one of the story
    (`STORY`) must be: it is chosen where its probability is at least precision / (1 - precision)
    times the highest other one. 0.5 chooses the most probable label, 0 only the story's labels, 1
    none of them.
    """
    weight = np.full(len(LABELS), precision)
    weight[: len(STORY)] = 1 - precision
    chosen: NDArray[np.int64] = (scores * weight.astype(np.float32)).argmax(axis=1)
    return chosen


class Document:
    """A page with its paragraphs labelled.

    `texts` are the paragraphs in page order, `scores` their probabilities: an array of shape
    (paragraphs, 6), columns as in `LABELS`. `is_article` is the probability that the page is an
    article at all, and not a listing, a shop or a forum. `precision` is the dial of `choose`.
    `source` is the HTML page, kept for the metadata, and `charset` what HTTP says that it is in.
    """

    def __init__(
        self,
        texts: Sequence[str],
        scores: NDArray[np.float32],
        *,
        is_article: float = 1.0,
        precision: float = 0.5,
        title: str | None = None,
        url: str | None = None,
        source: str | bytes | None = None,
        charset: str | None = None,
    ) -> None:
        self.texts = tuple(texts)
        self.scores = scores
        self.is_article = is_article
        self.precision = precision
        self.url = url
        self._title = title
        self._source = source
        self._charset = charset

    def __len__(self) -> int:
        return len(self.texts)

    def __repr__(self) -> str:
        return f"<Document {self.title!r}: {len(self)} paragraphs>"

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The label of each paragraph: its most probable one, as the dial weighs them."""
        return tuple(LABELS[i] for i in choose(self.scores, self.precision).tolist())

    @cached_property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """The paragraphs in page order."""
        return tuple(
            Paragraph(text, label, dict(zip(LABELS, row, strict=True)))
            for text, label, row in zip(self.texts, self.labels, self.scores.tolist(), strict=True)
        )

    @cached_property
    def title(self) -> str | None:
        """The story's title: from the metadata of HTML, else its first headline."""
        if self._title:
            return self._title
        return next(
            (t for t, label in zip(self.texts, self.labels, strict=True) if label == "headline"),
            None,
        )

    @cached_property
    def metadata(self) -> dict[str, str | None]:
        """Author, date and site name as trafilatura reads them from HTML; None where unknown."""
        if self._source is None:
            return {"author": None, "date": None, "site_name": None}
        from cleaner.pages.charset import decode_html
        from cleaner.pages.html import metadata

        source = self._source
        html = source if isinstance(source, str) else decode_html(bytes(source), self._charset)
        return metadata(html, self.url)

    @property
    def author(self) -> str | None:
        """The author, None where the page does not say."""
        return self.metadata["author"]

    @property
    def date(self) -> str | None:
        """The date of publication as YYYY-MM-DD, None where the page does not say."""
        return self.metadata["date"]

    @property
    def site_name(self) -> str | None:
        """The name of the site, None where the page does not say."""
        return self.metadata["site_name"]

    def text(self, keep: Iterable[str] = STORY) -> str:
        """Return the clean text: the kept paragraphs, a blank line between them.

        A headline that stands again is left out. Raises `UsageError` for an unknown label.
        """
        wanted = set(check_labels(keep))
        seen: set[str] = set()
        kept = []
        for text, label in zip(self.texts, self.labels, strict=True):
            if label not in wanted:
                continue
            if label == "headline":
                key = "".join(filter(str.isalnum, text.casefold()))
                if key in seen:
                    continue
                seen.add(key)
            kept.append(text)
        return "\n\n".join(kept)
