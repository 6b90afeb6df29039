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
    NGRAM_BITS,
    bucket,
    mix,
    paragraph_ngrams,
    read_words,
    token_ngrams,
)
from cleaner.labels import ID, LABELS
from cleaner.model.article import constant
from cleaner.model.network import Arrays, run_network, scale_inputs, sharpen
from cleaner.model.predict import (
    PARAGRAPH_WEIGHT,
    Batch,
    attribute_scale,
    linear_guess,
    network_input,
    read_batch,
    token_scale,
)
from cleaner.model.store import Model
from cleaner.training.network import fit_network, side_by_side
from cleaner.training.parallel import map_parallel
from cleaner.training.views import View, fold_of

# The n-grams' fit ends early on purpose: it fits the training pages better, and others worse.
warnings.filterwarnings("ignore", category=ConvergenceWarning)

FOLDS = 5
"""Parts of the sites for cross-fitting: no network sees a guess made on text trained on."""

VIEW_WEIGHT = {"whole": 1.0, "html": 1.0, "extractor": 0.6, "appended": 0.3, "flat": 0.3}
"""Weight of a view for n-grams, and its chance of being in a pass over the data for networks: a
page has one whole view, but several of the others."""

MEMBERS = 3
"""Networks: the first one alone is fast, all together are more accurate."""

FIRST = {"text": 1, "html": 0}
"""Which of the networks comes first: the best of them, as finished candidates, on other pages."""

VIEWS_AT_ONCE = 256
"""Views in a batch, to bound memory."""

SHARPENING = np.linspace(0.4, 1.6, 25)
"""Powers of the networks' probabilities that calibration tries."""

Progress = Callable[[str], None]


@dataclass(slots=True)
class Examples:
    """All paragraphs of some views, with what fitting needs to know of each."""

    batches: list[Batch]
    """The views, `VIEWS_AT_ONCE` in a batch."""
    offset: NDArray[np.int64]
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
        return np.repeat(self.view_fold, np.diff(self.offset))

    @property
    def weight(self) -> NDArray[np.float64]:
        """The weight of each paragraph."""
        return np.repeat(self.view_weight, np.diff(self.offset))


def fit_model(
    kind: str, views: Sequence[View], *, seed: int, jobs: int, progress: Progress
) -> tuple[Model, list[F32]]:
    """Fit a model on views; return it with each view's cross-fitted probabilities.

    The model takes every page for an article, until `fit_article`.
    """
    progress(f"{kind}: reading {sum(len(v.texts) for v in views)} paragraphs of {len(views)} views")
    idf = fit_idf(views)
    examples = read_examples(views, idf)
    arrays: Arrays = {"idf": idf} | constant(is_article=True)
    progress(f"{kind}: fitting n-grams")
    linear, guess = _fit_linear_folds(examples, jobs)
    arrays |= linear
    progress(f"{kind}: fitting networks")
    scale, networks, guess = _fit_network_folds(_inputs(examples, guess), examples, seed, jobs)
    arrays |= scale
    networks.insert(0, networks.pop(FIRST[kind]))
    progress(f"{kind}: calibrating")
    power = fit_calibration(guess, examples.labels)
    about = {"sharpen_power": power, "seed": seed}
    scores = np.split(sharpen(guess, power), examples.offset[1:-1])
    return Model(kind, _packed(arrays), networks, about), scores


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
        offset=np.concatenate(([0], np.cumsum(sizes, dtype=np.int64))),
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
            _, hashes = context.content_hashes(read_words(view.texts))
            counts[np.unique(bucket(mix(hashes, 21), context.IDF_BITS))] += 1
            pages += 1
    idf: F32 = (np.log((pages + 1) / (counts + 1)) / np.log(pages + 2)).astype(np.float32)
    return idf


def _inputs(examples: Examples, guess: F32) -> F32:
    """What a network sees of all paragraphs."""
    ends = np.cumsum([len(batch.words.counts) for batch in examples.batches])[:-1]
    parts = zip(examples.batches, np.split(guess, ends), strict=True)
    return np.concatenate([network_input(batch, its_guess) for batch, its_guess in parts])


def ngram_matrix(batch: Batch) -> sp.csr_matrix:
    """The sparse matrix whose product with the weights is `linear_guess`'s scores."""
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
    # Half precision here, so that networks are fitted on the guesses of the stored weights.
    weights = weights.astype(np.float16).astype(np.float32)
    ngrams, attributes = np.split(weights, [1 << NGRAM_BITS])
    return {"ngrams": ngrams, "ngrams_bias": bias} | (
        {"attributes": attributes} if len(attributes) else {}
    )


def _fit_linear_folds(examples: Examples, jobs: int) -> tuple[Arrays, F32]:
    """Fit the n-gram weights on all, and guess each paragraph by weights fitted on other sites."""
    matrix = sp.vstack([ngram_matrix(batch) for batch in examples.batches]).tocsr()
    trained = examples.unique & (examples.labels >= 0)
    fold, weight = examples.fold, examples.weight
    rows = [*_other_folds(trained, fold), np.flatnonzero(trained)]
    fitted = map_parallel(partial(fit_linear, matrix, examples.labels, weight), rows, jobs)
    guess = np.zeros((len(examples.labels), 2 * len(LABELS)), np.float32)
    for k, arrays in enumerate(fitted[:FOLDS]):
        held_out = fold == k
        said = np.concatenate([linear_guess(batch, arrays) for batch in examples.batches])
        guess[held_out] = said[held_out]
    return fitted[FOLDS], guess


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
    inputs: F32, examples: Examples, seed: int, jobs: int
) -> tuple[Arrays, list[Arrays], F32]:
    """Fit networks on all, and guess each paragraph by a network fitted on other sites; return the
    scale of the inputs, the networks and the guess."""
    scale = fit_scale(inputs)
    scaled = scale_inputs(inputs, scale)
    labels, offset = examples.labels, examples.offset
    fold, share = examples.view_fold, examples.view_weight
    tasks = [(views, seed) for views in _other_folds(np.diff(offset) > 0, fold)]
    tasks += [(np.arange(len(fold)), seed + n) for n in range(MEMBERS)]
    # Processes, not threads: a network's loop over the steps of lanes holds the interpreter.
    fitted = map_parallel(partial(fit_network, scaled, labels, offset, share), tasks, jobs)
    guess = np.zeros((len(inputs), len(LABELS)), np.float32)
    for k, arrays in enumerate(fitted[:FOLDS]):
        for views in np.array_split(np.flatnonzero(fold == k), 1 + len(fold) // VIEWS_AT_ONCE):
            rows, lanes = side_by_side(views, offset)
            guess[rows] = run_network(scaled[rows], arrays, lanes)
    return scale, fitted[FOLDS:], guess


def fit_calibration(guess: F32, labels: NDArray[np.int64]) -> float:
    """The power of cross-fitted probabilities whose log loss on known labels is least."""
    guess, truth = guess[labels >= 0], labels[labels >= 0]

    def log_loss(power: float) -> float:
        sharpened = sharpen(guess, power)
        return -float(np.log(sharpened[np.arange(len(truth)), truth] + 1e-9).mean())

    return round(float(min(SHARPENING, key=log_loss)), 3)


def _packed(arrays: Arrays) -> dict[str, NDArray[Any]]:
    """Half precision for the large tables."""
    return {
        name: a.astype(np.float16 if name in ("ngrams", "attributes", "idf") else np.float32)
        for name, a in arrays.items()
    }
