"""Which pages are looked at: those whose labels are in doubt."""

from __future__ import annotations

import heapq
import math
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

import numpy as np

from cleaner.document import Document
from cleaner.formats import Row
from cleaner.labels import ID
from cleaner.pages import Page

SLIGHT = 1e-3
"""Words in doubt that a page has at least, for the lot: even one without doubt may be drawn."""


class Suggested(NamedTuple):
    """What the model says of a page, as little to send from a worker as can be."""

    title: str | None
    is_article: float
    counts_as_article: bool
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    probabilities: array[float]
    """Of each paragraph, that of its label."""
    doubt: float
    """Its words in doubt: see `words_in_doubt`."""


def suggest(document: Document) -> Suggested:
    """Return what the model says of a page."""
    return Suggested(
        document.title,
        document.is_article,
        document.counts_as_article,
        document.texts,
        document.labels,
        array("d", _probabilities(document)),
        words_in_doubt(document),
    )


def words_in_doubt(document: Document) -> float:
    """Return how many words of a page have a wrong label, as the probabilities would have it.

    Its words are counted by their spaces: this is asked of every page of a run, and to split them
    took a twelfth of the time of labelling a text.
    """
    pairs = zip(document.texts, _probabilities(document), strict=True)
    return sum((text.count(" ") + 1) * (1 - probability) for text, probability in pairs)


def _probabilities(document: Document) -> list[float]:
    """Return of each paragraph the probability of the label that it has."""
    ids = np.array([ID[label] for label in document.labels], np.int64)
    probabilities: list[float] = document.scores[np.arange(len(ids)), ids].tolist()
    return probabilities


@dataclass(frozen=True, slots=True)
class Candidate:
    """A page that may be looked at."""

    page: Page
    fields: Row
    """What came along with it."""
    where: str
    found: Suggested


def choose(candidates: Iterable[Candidate], number: int | None, seed: int) -> list[Candidate]:
    """Return so many pages, or all of them, the one with most words in doubt first.

    They are drawn by lot, each with a chance in proportion to its words in doubt (Efraimidis and
    Spirakis, 2006): the most doubtful ones alone are often the same page of one site many times.
    """
    lot = Random(seed)

    def luck(candidate: Candidate) -> float:
        return math.log(1 - lot.random()) / max(candidate.found.doubt, SLIGHT)

    drawn = list(candidates) if number is None else heapq.nlargest(number, candidates, key=luck)
    return sorted(drawn, key=lambda candidate: -candidate.found.doubt)
