"""What corrected pages say of paragraphs with the same marks: logistic regression beside a model.

An adapted model has weights for each mark of the pages that it was adapted to. They are added to
the logarithms of the probabilities that the model gives, so a paragraph without such a mark keeps
its probabilities, and a page of another site mostly all of them.
"""

from __future__ import annotations

import numpy as np

from cleaner.features.arrays import F32, I64
from cleaner.features.context import segment_sums
from cleaner.features.marks import Marks
from cleaner.model.network import softmax

MIN_PROBABILITY = 1e-4
"""Added to probabilities before their logarithm: what a model is surer of than this is corrected as
easily."""


def find_marks(marks: Marks, known: I64) -> I64:
    """The place of each mark among those that are `known`, which rise; their number for others."""
    places = np.searchsorted(known, marks.hashes)
    there = known[np.minimum(places, len(known) - 1)] == marks.hashes
    return np.asarray(np.where(there, places, len(known)), np.int64)


def log_scores(probabilities: F32) -> F32:
    """The scores that corrections are added to."""
    return np.asarray(np.log(probabilities + MIN_PROBABILITY), np.float32)


def correct(probabilities: F32, marks: Marks, known: I64, weights: F32) -> F32:
    """The probabilities of paragraphs, shape (paragraphs, labels), corrected by the `weights` of
    the marks that are `known`, shape (known, labels)."""
    places = find_marks(marks, known)
    with_none = np.concatenate([weights, np.zeros_like(weights[:1])])
    ways = segment_sums(with_none[places] * marks.weights[:, None], marks.indptr)
    rows = np.flatnonzero(ways.any(axis=1))
    corrected = probabilities.copy()
    corrected[rows] = softmax(log_scores(probabilities[rows]) + ways[rows])
    return corrected
