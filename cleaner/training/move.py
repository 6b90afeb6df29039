"""Move a model that is fitted towards corrected pages: the weights of its first stage, then the
last layer of each network.

Both are logistic regression on what the model has, with a penalty on how far the weights go. Only
what the model labels wrongly pulls: of all else, and of sample pages beside, its own probabilities
are the targets, so that the weights move where what is wrong differs from what is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from cleaner.features.arrays import F32
from cleaner.features.meaning import MEANING
from cleaner.features.words import NGRAM_BITS
from cleaner.labels import LABELS
from cleaner.model.inputs import MEANING_WEIGHT
from cleaner.model.network import Arrays, run_network, scale_inputs
from cleaner.model.predict import first_stage_probabilities
from cleaner.model.scan import ScanChunks, from_grid
from cleaner.model.store import TABLES, Model
from cleaner.training.data import UNKNOWN
from cleaner.training.fit import Examples, network_inputs, ngram_matrix, read_examples
from cleaner.training.network import forward, side_by_side
from cleaner.training.views import View

FOLDS = 3
"""Parts of the paragraphs: the networks see of each what a first stage moved by the others says, as
it will be on pages that are new."""

ANCHOR = -1
"""The part of anchors."""

FIRST_STAY, LAST_STAY = 1.0, 3.0
"""Penalties on half the square of how far weights of the first stage, and of the last layer, go:
the first as they were fitted with; both chosen on training sites, on models without them."""

MAX_STEPS = 20
"""Steps of a fit, of some forty that it takes to its end: the last ones change little, and time."""

MIN_PROBABILITY = 1e-9
"""Added to a probability before its logarithm."""


def move_model(model: Model, views: Sequence[View], anchors: Sequence[View] = ()) -> Model:
    """Move a model towards the labels of views, those of a page together, the first of them one
    that shows it once. Paragraphs with a label below 0 are to stay as the model has them, and so
    are all those of the `anchors`, views of other pages."""
    anchors = [replace(view, labels=[UNKNOWN] * len(view.labels)) for view in anchors]
    part = np.append(_parts(views), np.full(sum(len(view.texts) for view in anchors), ANCHOR))
    views = [*views, *anchors]
    arrays = {name: a for name, a in model.arrays.items() if not name.endswith("_wide")}
    with threadpool_limits(1):
        examples = read_examples(views, arrays)
        _, chunks = side_by_side(np.arange(len(views)), examples.view_offsets)
        before = _first_stage(examples, arrays)
        inputs = scale_inputs(network_inputs(model.kind, examples, before), arrays)
        said = [run_network(inputs, network, chunks) for network in model.networks]
        predicted = np.mean(said, axis=0).argmax(axis=1)
        wrong = np.where(predicted == examples.labels, UNKNOWN, examples.labels)
        if (wrong < 0).all():
            return replace(model, arrays=arrays)
        moved, seen = _move_first_stage(examples, arrays, before, wrong, part, _shown_once(views))
        inputs = scale_inputs(network_inputs(model.kind, examples, seen), arrays)
        networks = [
            _move_last_layer(network, inputs, _targets(wrong, its_own), chunks)
            for network, its_own in zip(model.networks, said, strict=True)
        ]
    return replace(model, arrays=moved, networks=networks)


def _first_stage(examples: Examples, arrays: Arrays) -> F32:
    return np.concatenate([first_stage_probabilities(b, arrays) for b in examples.batches])


def _targets(labels: NDArray[np.int64], before: F32) -> F32:
    """The probabilities to move to: those of before where the label is below 0."""
    known = np.flatnonzero(labels >= 0)
    targets = before.copy()
    targets[known] = 0
    targets[known, labels[known]] = 1
    return targets


def _move_first_stage(
    examples: Examples,
    arrays: Arrays,
    before: F32,
    labels: NDArray[np.int64],
    part: NDArray[np.int64],
    shown_once: NDArray[np.bool_],
) -> tuple[Arrays, F32]:
    """Move the first stage by paragraphs that are `shown_once`; return all arrays, and what it says
    of each part when it is moved by the others."""
    matrix = sp.vstack([ngram_matrix(batch) for batch in examples.batches]).tocsr()

    def move(chosen: NDArray[np.bool_]) -> Arrays:
        rows = np.flatnonzero(chosen & shown_once)
        if not len(rows):
            return arrays
        return arrays | _move_linear(arrays, matrix[rows], before[rows], labels[rows])

    seen = before.copy()
    for k in np.unique(part):
        held_out = part == k
        seen[held_out] = _first_stage(examples, move(~held_out))[held_out]
    return move(np.ones(len(part), bool)), seen


def _shown_once(views: Sequence[View]) -> NDArray[np.bool_]:
    """Which paragraphs are in the first view of their page."""
    page_before = [None, *(view.page for view in views)]
    is_first = [view.page != page for view, page in zip(views, page_before, strict=False)]
    return np.repeat(is_first, [len(view.texts) for view in views])


def _parts(views: Sequence[View]) -> NDArray[np.int64]:
    """The part that each paragraph is in: by its page, or where there is but one, by its text."""
    pages: dict[str, int] = {}
    texts: dict[str, int] = {}
    for view in views:
        pages.setdefault(view.page, len(pages) % FOLDS)
        for text in view.texts:
            texts.setdefault(text, len(texts) % FOLDS)
    if len(pages) > 1:
        return np.array([pages[view.page] for view in views for _ in view.texts])
    return np.array([texts[text] for view in views for text in view.texts])


def _move_linear(
    arrays: Arrays, matrix: sp.csr_matrix, before: F32, labels: NDArray[np.int64]
) -> Arrays:
    """The weights of the first stage, moved: of what paragraphs say, and where the matrix has
    attribute tokens, of both together."""
    ends = np.cumsum([1 << NGRAM_BITS, MEANING])
    marked, plain = before[:, : len(LABELS)], before[:, -2 * len(LABELS) : -len(LABELS)]
    moved: Arrays = {}

    def move(matrix: sp.csr_matrix, before: F32, *names: str) -> None:
        ways = np.zeros((matrix.shape[1], len(LABELS)), np.float32)
        used = np.flatnonzero(matrix.getnnz(axis=0))
        ways[used] = _fit_move(matrix[:, used], before, _targets(labels, before), FIRST_STAY)
        for name, way in zip(names, np.split(ways, ends[: len(names) - 1]), strict=True):
            factor = MEANING_WEIGHT if name.endswith("meaning") else 1.0
            moved[name] = np.asarray(arrays[name] + factor * way, np.float32)

    move(matrix[:, : ends[-1]], plain, "ngrams", "first_meaning")
    if matrix.shape[1] > ends[-1]:
        move(matrix, marked, "marked_ngrams", "marked_meaning", "attributes")
    # Half precision here, so that networks are moved by what the stored weights say.
    for name in TABLES & moved.keys():
        moved[name] = moved[name].astype(np.float16).astype(np.float32)
    return moved


def _move_last_layer(network: Arrays, inputs: F32, targets: F32, chunks: ScanChunks) -> Arrays:
    trace = forward(inputs, network, chunks)
    grids = (trace.last, trace.units, np.ones_like(trace.last[..., :1]))
    features = from_grid(np.concatenate(grids, axis=2), chunks.rows)
    before = from_grid(trace.probabilities, chunks.rows)
    way = _fit_move(features, before, targets, LAST_STAY)
    moved = {"out": network["out"] + way[:-1], "out_bias": network["out_bias"] + way[-1]}
    return network | moved


def _fit_move(matrix: Any, before: F32, targets: F32, stay: float) -> F32:
    """How the weights of each column of a matrix, sparse or not, are to move for each label from
    those that gave the probabilities `before`, for the least log loss of the `targets`, with a
    penalty of `stay`."""
    matrix = matrix.astype(np.float64)
    columns = matrix.T.tocsr() if sp.issparse(matrix) else matrix.T
    scores_before = np.log(before.astype(np.float64) + MIN_PROBABILITY)
    shape = (matrix.shape[1], len(LABELS))

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        way = flat.reshape(shape)
        scores = scores_before + matrix @ way
        scores -= scores.max(axis=1, keepdims=True)
        logarithms = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        gradient = columns @ (np.exp(logarithms) - targets) + stay * way
        return -(targets * logarithms).sum() + stay / 2 * (way * way).sum(), gradient.ravel()

    options = {"maxiter": MAX_STEPS}
    fitted = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options=options)
    return np.asarray(fitted.x.reshape(shape), np.float32)
