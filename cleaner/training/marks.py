"""Fit what corrected pages say of paragraphs with the same marks (`cleaner.model.corrections`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from cleaner.features.arrays import F32, I64, distinct
from cleaner.features.marks import Marks, paragraph_marks
from cleaner.features.words import read_words
from cleaner.labels import LABELS
from cleaner.model.corrections import find_marks, log_scores
from cleaner.training.views import View

STAY = 0.1
"""Penalty on half the square of how far the weights go: that of C = 10 in scikit-learn's logistic
regression. Chosen with the weights of `features.marks` on training sites, by models without
them."""

MAX_STEPS = 60
"""Steps of the fit: further ones change no label."""


class KnownMarks(NamedTuple):
    """Marks that are known, and their weights."""

    marks: I64
    """Rising."""
    weights: F32
    """Shape (marks, labels)."""


NONE_KNOWN = KnownMarks(np.zeros(0, np.int64), np.zeros((0, len(LABELS)), np.float32))


def marks_of(view: View) -> Marks:
    """The marks of a view's paragraphs."""
    markup = None if view.markup is None else [view.markup]
    return paragraph_marks(read_words(view.texts), markup)


def fit_marks(
    marks: Sequence[Marks], scores: F32, targets: F32, known: KnownMarks = NONE_KNOWN
) -> KnownMarks:
    """Fit weights of all marks of some views, whose paragraphs have the probabilities `scores`,
    shape (paragraphs, labels), and are to have those of `targets`. They stay near the weights that
    are `known`, or near 0."""
    found, _ = distinct(np.concatenate([known.marks, *(some.hashes for some in marks)]))
    before = np.zeros((len(found), len(LABELS)))
    before[np.searchsorted(found, known.marks)] = known.weights
    matrix = sp.vstack([_matrix(some, found) for some in marks]).tocsr()
    return KnownMarks(found, _fit(matrix, log_scores(scores), targets, before))


def _matrix(marks: Marks, known: I64) -> sp.csr_matrix:
    """The weight of each known mark in each paragraph."""
    shape = (len(marks.indptr) - 1, len(known))
    return sp.csr_matrix((marks.weights, find_marks(marks, known), marks.indptr), shape)


def _fit(matrix: sp.csr_matrix, scores: F32, targets: F32, before: NDArray[np.float64]) -> F32:
    """The weights of the columns for the least log loss of the targets, with the penalty."""
    columns, base = matrix.T.tocsr(), scores.astype(np.float64)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(before.shape)
        said = base + matrix @ weights
        said -= said.max(axis=1, keepdims=True)
        logarithms = said - np.log(np.exp(said).sum(axis=1, keepdims=True))
        way = weights - before
        gradient = columns @ (np.exp(logarithms) - targets) + STAY * way
        return -(targets * logarithms).sum() + STAY / 2 * (way * way).sum(), gradient.ravel()

    options = {"maxiter": MAX_STEPS}
    with threadpool_limits(1):
        fitted = minimize(loss, before.ravel(), jac=True, method="L-BFGS-B", options=options)
    return np.asarray(fitted.x.reshape(before.shape), np.float32)
