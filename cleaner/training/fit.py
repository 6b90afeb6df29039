"""Fit a model's parts with scikit-learn: n-gram weights, networks, calibration.

What is fitted here is computed by `cleaner.model` at run time; a test holds the two together.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from cleaner.features import context
from cleaner.features.arrays import F32
from cleaner.features.attributes import TOKEN_BITS
from cleaner.features.words import (
    IDF_SALT,
    NGRAM_BITS,
    bucket,
    mix,
    paragraph_ngrams,
    read_words,
    token_ngrams,
)
from cleaner.labels import ID, LABELS
from cleaner.model.article import constant
from cleaner.model.inputs import (
    PARAGRAPH_WEIGHT,
    Batch,
    attribute_scale,
    network_input,
    read_batch,
    token_scale,
)
from cleaner.model.network import Arrays, apply_temperature, run_network, scale_inputs
from cleaner.model.predict import first_stage_probabilities
from cleaner.model.store import HALVES, Model
from cleaner.training.network import fit_network, side_by_side
from cleaner.training.parallel import map_parallel
from cleaner.training.views import View, fold_of

# The n-grams' fit ends early on purpose: it fits the training pages better, and others worse.
warnings.filterwarnings("ignore", category=ConvergenceWarning)

FOLDS = 5
"""Parts of the sites for cross-fitting: no network sees first-stage probabilities by weights that
were fitted on the same text."""

VIEW_WEIGHT = {
    "whole": 1.0,
    "html": 1.0,
    "extractor": 0.6,
    "small": 0.5,
    "appended": 0.3,
    "flat": 0.3,
}
"""Weight of a view for n-grams, and its chance of being in a pass over the data for networks: a
page has one whole view, but several of the others."""

NETWORK_SEEDS = {"text": (1, 0, 2), "html": (8, 4, 6)}
"""What the seed of each network is above that of the training. The first one alone is fast: the
best of several, as finished candidates, on other pages. All together are more accurate."""

VIEWS_AT_ONCE = 256
"""Views in a batch, to bound memory."""

TEMPERATURES = 20 / np.arange(8, 33)
"""Those that calibration tries: powers of the probabilities from 0.4 to 1.6, in steps of 0.05."""

ProgressCallback = Callable[[str], None]


@dataclass(slots=True)
class Examples:
    """All paragraphs of some views, with what fitting needs to know of each."""

    batches: list[Batch]
    """The views, `VIEWS_AT_ONCE` in a batch."""
    view_offsets: NDArray[np.int64]
    """Where each view's paragraphs begin, views + 1 entries."""
    labels: NDArray[np.int64]
    view_fold: NDArray[np.int64]
    view_weight: NDArray[np.float64]
    unique: NDArray[np.bool_]
    """Whether the n-gram weights are fitted on it: a view that shows each block of its page once,
    or a blurb, which may come from a page that has no view."""

    @property
    def fold(self) -> NDArray[np.int64]:
        """The fold of each paragraph."""
        return np.repeat(self.view_fold, np.diff(self.view_offsets))

    @property
    def weight(self) -> NDArray[np.float64]:
        """The weight of each paragraph."""
        return np.repeat(self.view_weight, np.diff(self.view_offsets))


def fit_model(
    kind: str, views: Sequence[View], *, seed: int, jobs: int, progress: ProgressCallback
) -> tuple[Model, list[F32]]:
    """Fit a model on views; return it with each view's cross-fitted probabilities.

    The model takes every page for an article, until `fit_article`.
    """
    progress(f"{kind}: reading {sum(len(v.texts) for v in views)} paragraphs of {len(views)} views")
    idf = fit_idf(views)
    examples = read_examples(views, idf)
    arrays: Arrays = {"idf": idf} | constant(is_article=True)
    progress(f"{kind}: fitting n-grams")
    linear, first_stage = fit_first_stage(examples, jobs)
    arrays |= linear
    progress(f"{kind}: fitting networks")
    inputs = _inputs(examples, first_stage)
    seeds = [seed, *(seed + more for more in NETWORK_SEEDS[kind])]
    scale, networks, probabilities = _fit_network_folds(inputs, examples, seeds, jobs)
    arrays |= scale
    progress(f"{kind}: calibrating")
    temperature = fit_temperature(probabilities, examples.labels)
    about = {"temperature": temperature, "seed": seed}
    scores = apply_temperature(probabilities, temperature)
    by_view = np.split(scores, examples.view_offsets[1:-1])
    return Model(kind, _packed(arrays), networks, about), by_view


def read_examples(views: Sequence[View], idf: F32) -> Examples:
    """Turn views into arrays."""
    batches = []
    for first in range(0, len(views), VIEWS_AT_ONCE):
        some = views[first : first + VIEWS_AT_ONCE]
        markup = [v.markup for v in some if v.markup is not None]
        batches.append(read_batch([v.texts for v in some], idf, markup or None))
    sizes = [len(v.texts) for v in views]

    def each(values: list[Any]) -> NDArray[Any]:
        return np.repeat(np.array(values), sizes)

    labels = np.array([label for v in views for label in v.labels], dtype=np.int64)
    return Examples(
        batches=batches,
        view_offsets=np.concatenate(([0], np.cumsum(sizes, dtype=np.int64))),
        labels=labels,
        view_fold=np.array([fold_of(v.site, FOLDS) for v in views], dtype=np.int64),
        view_weight=np.array([VIEW_WEIGHT[v.kind] for v in views]),
        unique=each([v.kind in ("whole", "html") for v in views])
        | (each([v.kind == "appended" for v in views]) & (labels == ID["sponsored"])),
    )


def fit_idf(views: Sequence[View]) -> F32:
    """Inverse document frequencies of hashed content words, from 0 to 1, over pages."""
    counts = np.zeros(1 << context.IDF_BITS)
    pages = 0
    for view in views:
        if view.kind in ("whole", "html"):
            _, hashes = context.term_hashes(read_words(view.texts))
            counts[np.unique(bucket(mix(hashes, IDF_SALT), context.IDF_BITS))] += 1
            pages += 1
    idf: F32 = (np.log((pages + 1) / (counts + 1)) / np.log(pages + 2)).astype(np.float32)
    return idf


def _inputs(examples: Examples, first_stage: F32) -> F32:
    """What a network sees of all paragraphs."""
    ends = np.cumsum([len(batch.words.counts) for batch in examples.batches])[:-1]
    parts = zip(examples.batches, np.split(first_stage, ends), strict=True)
    return np.concatenate([network_input(batch, of_batch) for batch, of_batch in parts])


def ngram_matrix(batch: Batch) -> sp.csr_matrix:
    """The sparse matrix whose product with the weights is the scores of the first stage."""
    words = batch.words
    rows = len(words.counts)
    tokens, paragraphs = token_ngrams(words), paragraph_ngrams(words)
    row = np.repeat(np.arange(rows), words.counts)
    values = np.concatenate(
        [
            np.tile(token_scale(words)[row], len(tokens)),
            np.full(paragraphs.size, PARAGRAPH_WEIGHT, np.float32),
        ]
    )
    row = np.concatenate([np.tile(row, len(tokens)), np.tile(np.arange(rows), len(paragraphs))])
    column = np.concatenate([tokens.ravel(), paragraphs.ravel()])
    matrix = sp.csr_matrix((values, (row, column)), shape=(rows, 1 << NGRAM_BITS))
    if batch.attributes is None:
        return matrix
    attributes = batch.attributes
    in_group = sp.csr_matrix(
        (
            np.ones(len(attributes.buckets), np.float32),
            attributes.buckets,
            attributes.bucket_indptr,
        ),
        (len(attributes.bucket_indptr) - 1, 1 << TOKEN_BITS),
    )
    of_block = sp.csr_matrix(
        (np.ones(len(attributes.groups), np.float32), attributes.groups, attributes.group_indptr),
        (rows, in_group.shape[0]),
    )
    return sp.hstack([matrix, sp.diags(attribute_scale(attributes)) @ of_block @ in_group]).tocsr()


def fit_linear(
    matrix: sp.csr_matrix,
    labels: NDArray[np.int64],
    weight: NDArray[np.float64],
    rows: NDArray[np.int64],
) -> Arrays:
    """Fit the n-gram weights by logistic regression on some rows."""
    matrix, labels, weight = matrix[rows], labels[rows], weight[rows]
    used = np.flatnonzero(matrix.getnnz(axis=0))
    with threadpool_limits(1):
        fitted = LogisticRegression(C=1.0, max_iter=40, tol=1e-3)
        fitted.fit(matrix[:, used], labels, sample_weight=weight)
    weights = np.zeros((matrix.shape[1], len(LABELS)), np.float32)
    bias = np.full(len(LABELS), -20, np.float32)  # a label that the data lacks
    bias[fitted.classes_] = 0
    if len(fitted.classes_) == 2:
        weights[np.ix_(used, fitted.classes_)] = np.concatenate([-fitted.coef_, fitted.coef_]).T / 2
        bias[fitted.classes_] = np.array([-0.5, 0.5]) * fitted.intercept_
    else:
        weights[np.ix_(used, fitted.classes_)] = fitted.coef_.T
        bias[fitted.classes_] = fitted.intercept_
    # Half precision here, so that networks are fitted on what the stored weights say.
    weights = weights.astype(np.float16).astype(np.float32)
    ngrams, attributes = np.split(weights, [1 << NGRAM_BITS])
    return {"ngrams": ngrams, "ngrams_bias": bias} | (
        {"attributes": attributes} if len(attributes) else {}
    )


def fit_first_stage(examples: Examples, jobs: int) -> tuple[Arrays, F32]:
    """Fit the n-gram weights on all; return them, and the first stage's probabilities of each
    paragraph by weights fitted on other sites."""
    matrix = sp.vstack([ngram_matrix(batch) for batch in examples.batches]).tocsr()
    trained = examples.unique & (examples.labels >= 0)
    fold, weight = examples.fold, examples.weight
    rows = [*_other_folds(trained, fold), np.flatnonzero(trained)]
    fitted = map_parallel(partial(fit_linear, matrix, examples.labels, weight), rows, jobs)
    first_stage = np.zeros((len(examples.labels), 2 * len(LABELS)), np.float32)
    for k, arrays in enumerate(fitted[:FOLDS]):
        held_out = fold == k
        said = [first_stage_probabilities(batch, arrays) for batch in examples.batches]
        first_stage[held_out] = np.concatenate(said)[held_out]
    return fitted[FOLDS], first_stage


def _other_folds(chosen: NDArray[np.bool_], fold: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """For each fold the chosen rows of the others; all of them where the others have none."""
    others = [np.flatnonzero(chosen & (fold != k)) for k in range(FOLDS)]
    return [rows if len(rows) else np.flatnonzero(chosen) for rows in others]


def fit_scale(inputs: F32) -> Arrays:
    """The mean and the inverse of the deviation of each input, 0 for one that never changes."""
    deviation = inputs.std(axis=0)
    return {
        "mean": inputs.mean(axis=0),
        "scale": np.where(deviation > 1e-6, 1 / np.maximum(deviation, 1e-6), 0).astype(np.float32),
    }


def _fit_network_folds(
    inputs: F32, examples: Examples, seeds: Sequence[int], jobs: int
) -> tuple[Arrays, list[Arrays], F32]:
    """Fit networks, given the seed of those that are fitted on other sites and then of each that is
    fitted on all; return the scale of the inputs, the latter, and the probabilities of each
    paragraph by one of the former."""
    scale = fit_scale(inputs)
    scaled = scale_inputs(inputs, scale)
    labels, view_offsets = examples.labels, examples.view_offsets
    fold, share = examples.view_fold, examples.view_weight
    tasks = [(views, seeds[0]) for views in _other_folds(np.diff(view_offsets) > 0, fold)]
    tasks += [(np.arange(len(fold)), seed) for seed in seeds[1:]]
    # Processes, not threads: a network's loop over the steps of chunks holds the interpreter.
    fitted = map_parallel(partial(fit_network, scaled, labels, view_offsets, share), tasks, jobs)
    probabilities = np.zeros((len(inputs), len(LABELS)), np.float32)
    for k, arrays in enumerate(fitted[:FOLDS]):
        for views in np.array_split(np.flatnonzero(fold == k), 1 + len(fold) // VIEWS_AT_ONCE):
            rows, chunks = side_by_side(views, view_offsets)
            probabilities[rows] = run_network(scaled[rows], arrays, chunks)
    return scale, fitted[FOLDS:], probabilities


def fit_temperature(probabilities: F32, labels: NDArray[np.int64]) -> float:
    """The temperature of cross-fitted probabilities whose log loss on known labels is least."""
    known = labels >= 0
    y_true, probabilities = labels[known], probabilities[known]

    def log_loss(temperature: float) -> float:
        calibrated = apply_temperature(probabilities, temperature)
        return -float(np.log(calibrated[np.arange(len(y_true)), y_true] + 1e-9).mean())

    return float(min(TEMPERATURES, key=log_loss))


def _packed(arrays: Arrays) -> dict[str, NDArray[Any]]:
    """Half precision for the large tables."""
    return {
        name: a.astype(np.float16 if name in HALVES else np.float32) for name, a in arrays.items()
    }
