"""Fit what tells whether a page is an article at all (`cleaner.model.article`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from cleaner.features.arrays import F32
from cleaner.features.meaning import meanings
from cleaner.features.words import read_words
from cleaner.model.article import article_probability, constant, page_features
from cleaner.model.network import Arrays
from cleaner.model.store import Model
from cleaner.training.evaluate import Judged
from cleaner.training.fit import FOLDS, fit_scale
from cleaner.training.views import fold_of


def fit_article(model: Model, judged: Sequence[Judged]) -> tuple[Model, list[Judged]]:
    """Fit the probability that a page is an article on labelled views that are not empty.

    An article is a view with a paragraph of a story. Every page weighs the same. Returns the
    model with what was fitted, and the views with their cross-validated probabilities.
    """
    view_offsets = np.cumsum([0, *(len(one.view.texts) for one in judged)])
    scores = np.concatenate([one.scores for one in judged])
    counts = np.concatenate([one.words for one in judged])
    meaning = np.concatenate([meanings(read_words(one.view.texts), model.arrays) for one in judged])
    features = page_features(scores, counts, meaning, view_offsets)
    y_true = np.array([one.view.has_story for one in judged])
    views = Counter(one.view.page for one in judged)
    weight = np.array([1 / views[one.view.page] for one in judged])
    fold = np.array([fold_of(one.view.site, FOLDS) for one in judged])
    probability = np.zeros(len(judged), np.float32)
    for k in range(FOLDS):
        others, held_out = fold != k, fold == k
        if held_out.any():
            arrays = _fit(features[others], y_true[others], weight[others])
            probability[held_out] = article_probability(features[held_out], arrays)
    arrays = {**model.arrays, **_fit(features, y_true, weight)}
    pairs = zip(judged, probability.tolist(), strict=True)
    return replace(model, arrays=arrays), [replace(one, is_article=p) for one, p in pairs]


def _fit(features: F32, y_true: NDArray[np.bool_], weight: NDArray[np.float64]) -> Arrays:
    if y_true.all() or not y_true.any():
        return constant(bool(y_true.any()))
    scale = fit_scale(features)
    scaled = (features - scale["mean"]) * scale["scale"]
    fitted = LogisticRegression(max_iter=1000).fit(scaled, y_true, sample_weight=weight)
    weights = (fitted.coef_[0] * scale["scale"]).astype(np.float32)
    bias = fitted.intercept_ - weights @ scale["mean"]
    return {"article": weights, "article_bias": bias.astype(np.float32)}
