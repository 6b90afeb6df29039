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
from cleaner.features.meaning import MEANING
from cleaner.features.words import (
    IDF_SALT,
    NGRAM_BITS,
    bucket,
    mix,
    paragraph_ngrams,
    read_words,
    token_ngrams,
)
from cleaner.labels import LABELS
from cleaner.model.article import PAGE_COLUMNS, constant
from cleaner.model.inputs import (
    MEANING_WEIGHT,
    PARAGRAPH_WEIGHT,
    Batch,
    attribute_scale,
    input_columns,
    network_input,
    read_batch,
    token_scale,
)
from cleaner.model.junk import JUNK_COLUMNS
from cleaner.model.network import Arrays, apply_temperature, run_network, scale_inputs
from cleaner.model.predict import first_stage_probabilities
from cleaner.model.store import HALVES, Model, hash_words
from cleaner.training.network import fit_network, side_by_side
from cleaner.training.parallel import map_parallel
from cleaner.training.views import SPONSORED, View, fold_of

# The n-grams' fit ends early on purpose: it fits the training pages better, and others worse.
warnings.filterwarnings("ignore", category=ConvergenceWarning)

FOLDS = 5
"""Parts of the sites for cross-fitting: no network sees first-stage probabilities by weights that
were fitted on the same text."""

VIEW_SHARE = {
    "whole": 1.0,
    "html": 1.0,
    "extractor": 0.6,
    "markdown": 0.6,
    "small": 0.5,
    "inserted": 0.3,
    "appended": 0.3,
    "endless": 0.3,
    "ahead": 0.3,
    "bare": 0.3,
    "flat": 0.2,
    "written": 0.0,
}
"""Chance of a view of being in a pass over the data for networks: a page has one whole view, but
several of the others. What was written stands in the inserted ones."""

SEEN_ONCE = ("whole", "html", "written")
"""Views that show each block of their page once: what n-grams are fitted on. Blurbs of appended
views, which may come from pages that have no view, are fitted on, too."""

BLURB_WEIGHT, WRITTEN_WEIGHT = 0.3, 2.0
"""Weights for n-grams of those, which stand in several views, and of what was written for training:
few lines beside all paragraphs of pages, most of which are easy to tell."""

NETWORK_SEEDS = {"text": (1, 0, 2), "html": (8, 4, 6)}
"""What the seed of each network is above that of the training: for text the best one first, as
finished candidates on other pages, since it is alone where speed counts."""

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
    view_share: NDArray[np.float64]
    weight: NDArray[np.float64]
    """The weight of each paragraph for n-grams, 0 for one that they are not fitted on."""

    @property
    def fold(self) -> NDArray[np.int64]:
        """The fold of each paragraph."""
        return np.repeat(self.view_fold, np.diff(self.view_offsets))


def fit_model(
    kind: str,
    views: Sequence[View],
    words: Arrays,
    *,
    seed: int,
    jobs: int,
    progress: ProgressCallback,
) -> tuple[Model, list[F32]]:
    """Fit a model on views, with word vectors; return it with each view's cross-fitted
    probabilities.

    The model takes every page for an article that is right, until `fit_pages`.
    """
    progress(f"{kind}: reading {sum(len(v.texts) for v in views)} paragraphs of {len(views)} views")
    idf = fit_idf(views)
    arrays = {"idf": idf} | words | constant("article", len(PAGE_COLUMNS), True)
    arrays |= constant("junk", len(JUNK_COLUMNS), False)
    examples = read_examples(views, arrays)
    progress(f"{kind}: fitting n-grams")
    linear, first_stage = fit_first_stage(examples, words, jobs)
    arrays |= linear
    progress(f"{kind}: fitting networks")
    inputs = network_inputs(kind, examples, first_stage)
    examples.batches.clear()  # as large as the inputs
    seeds = [seed, *(seed + more for more in NETWORK_SEEDS[kind])]
    scale, networks, probabilities = _fit_network_folds(inputs, examples, seeds, jobs)
    arrays |= scale
    progress(f"{kind}: calibrating")
    temperature = fit_temperature(probabilities, examples.labels)
    about = {"temperature": temperature, "seed": seed, "words": hash_words(words)}
    scores = apply_temperature(probabilities, temperature)
    by_view = np.split(scores, examples.view_offsets[1:-1])
    return Model(kind, packed(arrays), networks, about), by_view


def read_examples(views: Sequence[View], arrays: Arrays) -> Examples:
    """Turn views into arrays. Of a model's `arrays` it takes `idf` and those of word vectors."""
    batches = []
    for first in range(0, len(views), VIEWS_AT_ONCE):
        some = views[first : first + VIEWS_AT_ONCE]
        markup = [v.markup for v in some if v.markup is not None]
        batches.append(read_batch([v.texts for v in some], arrays, markup or None))
    sizes = [len(v.texts) for v in views]

    def each(values: list[Any]) -> NDArray[Any]:
        return np.repeat(np.array(values), sizes)

    labels = np.array([label for v in views for label in v.labels], dtype=np.int64)
    return Examples(
        batches=batches,
        view_offsets=np.concatenate(([0], np.cumsum(sizes, dtype=np.int64))),
        labels=labels,
        view_fold=np.array([fold_of(v.site, FOLDS) for v in views], dtype=np.int64),
        view_share=np.array([VIEW_SHARE[v.kind] for v in views]),
        weight=np.where(
            each([v.kind in SEEN_ONCE for v in views]),
            np.where(each([v.kind == "written" for v in views]), WRITTEN_WEIGHT, 1.0),
            BLURB_WEIGHT * (each([v.kind == "appended" for v in views]) & (labels == SPONSORED)),
        ),
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


def network_inputs(kind: str, examples: Examples, first_stage: F32) -> F32:
    """What a network sees of all paragraphs."""
    inputs = np.empty((len(first_stage), len(input_columns(kind))), np.float32)
    end = 0
    for batch in examples.batches:
        rows = slice(end, end + len(batch.words.counts))
        inputs[rows] = network_input(batch, first_stage[rows])
        end = rows.stop
    return inputs


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
    parts = [
        sp.csr_matrix((values, (row, column)), shape=(rows, 1 << NGRAM_BITS)),
        sp.csr_matrix(batch.meaning * np.float32(MEANING_WEIGHT)),
    ]
    if batch.attributes is None:
        return sp.hstack(parts).tocsr()
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
    parts.append(sp.diags(attribute_scale(attributes)) @ of_block @ in_group)
    return sp.hstack(parts).tocsr()


def fit_linear(
    matrix: sp.csr_matrix,
    labels: NDArray[np.int64],
    weight: NDArray[np.float64],
    rows: NDArray[np.int64],
) -> Arrays:
    """Fit the weights of the first stage on some rows: of what paragraphs say, and where the matrix
    has attribute tokens, of both together."""
    matrix, labels, weight = matrix[rows], labels[rows], weight[rows]
    ends = np.cumsum([1 << NGRAM_BITS, MEANING])
    weights, bias = fit_logistic(matrix[:, : ends[-1]], labels, weight)
    ngrams, meaning = np.split(weights, ends[:1])
    arrays = {"ngrams": ngrams, "ngrams_bias": bias, "first_meaning": meaning * MEANING_WEIGHT}
    if matrix.shape[1] == ends[-1]:
        return arrays
    weights, bias = fit_logistic(matrix, labels, weight)
    ngrams, meaning, attributes = np.split(weights, ends)
    return arrays | {
        "marked_ngrams": ngrams,
        "marked_bias": bias,
        "marked_meaning": meaning * MEANING_WEIGHT,
        "attributes": attributes,
    }


def fit_logistic(
    matrix: sp.csr_matrix, labels: NDArray[np.int64], weight: NDArray[np.float64]
) -> tuple[F32, F32]:
    """Fit logistic regression: weights of each column, and a bias, for each label."""
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
    return weights.astype(np.float16).astype(np.float32), bias


def fit_first_stage(examples: Examples, words: Arrays, jobs: int) -> tuple[Arrays, F32]:
    """Fit the first stage's weights on all, beside word vectors; return them, and its probabilities
    of each paragraph by weights fitted on other sites."""
    labels, fold, weight = examples.labels, examples.fold, examples.weight
    trained = (weight > 0) & (labels >= 0)
    ends = np.cumsum([len(batch.words.counts) for batch in examples.batches])[:-1]
    parts = zip(examples.batches, np.split(trained, ends), strict=True)
    matrix = sp.vstack([ngram_matrix(batch)[chosen] for batch, chosen in parts]).tocsr()
    fit = partial(fit_linear, matrix, labels[trained], weight[trained])
    fitted = map_parallel(fit, [*_other_folds(fold[trained]), np.arange(matrix.shape[0])], jobs)
    found = []
    for batch, of_batch in zip(examples.batches, np.split(fold, ends), strict=True):
        said = np.zeros(1, np.float32)
        for k in np.unique(of_batch):
            of_fold = first_stage_probabilities(batch, fitted[k] | words)
            said = np.where((of_batch == k)[:, None], of_fold, said)
        found.append(said)
    return fitted[FOLDS], np.concatenate(found)


def _other_folds(fold: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """For each fold the rows of the others; all rows where the others have none."""
    others = [np.flatnonzero(fold != k) for k in range(FOLDS)]
    return [rows if len(rows) else np.arange(len(fold)) for rows in others]


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
    fold, share = examples.view_fold, examples.view_share
    tasks = [(views, seeds[0]) for views in _other_folds(fold)]
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


def packed(arrays: Arrays) -> dict[str, NDArray[Any]]:
    """Half precision for the large tables."""
    return {name: a.astype(np.float16) if name in HALVES else a for name, a in arrays.items()}
