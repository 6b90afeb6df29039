"""Fit what is told of whole pages: whether one is an article at all (`cleaner.model.article`), and
whether what is kept of it is right (`cleaner.model.junk`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from cleaner.features.arrays import F32, I64
from cleaner.features.meaning import meanings
from cleaner.features.words import read_words
from cleaner.model.article import article_probability, constant, page_features
from cleaner.model.junk import junk_features, junk_probability
from cleaner.model.network import Arrays
from cleaner.model.store import Model
from cleaner.training.evaluate import Judged, is_right
from cleaner.training.fit import FOLDS, fit_scale
from cleaner.training.views import fold_of


def fit_pages(model: Model, judged: Sequence[Judged]) -> tuple[Model, list[Judged]]:
    """Fit the probabilities that a page is an article, and that what is kept of it is not right, on
    labelled views that are not empty.

    An article is a view with a paragraph of a story; what is kept of a page that is none is not
    right. Every page weighs the same. Returns the model with what was fitted, and the views with
    their cross-validated probabilities.
    """
    view_offsets = np.cumsum([0, *(len(one.view.texts) for one in judged)])
    scores = np.concatenate([one.scores for one in judged])
    counts = np.concatenate([one.words for one in judged])
    meaning = np.concatenate([meanings(read_words(one.view.texts), model.arrays) for one in judged])
    features = page_features(scores, counts, meaning, view_offsets)
    is_article = np.array([one.view.has_story for one in judged])

    def say_article(rows: I64, arrays: Arrays) -> F32:
        return article_probability(features[rows], arrays)

    arrays, article = _fit("article", features, is_article, judged, say_article)
    numbers, kept = junk_features(scores, counts, article, view_offsets)
    is_wrong = np.array([not is_right(one) for one in judged])

    def say_junk(rows: I64, arrays: Arrays) -> F32:
        return junk_probability(numbers[rows], kept[rows], arrays)

    more, junk = _fit("junk", numbers, is_wrong, judged, say_junk)
    found = zip(judged, article.tolist(), junk.tolist(), strict=True)
    return replace(model, arrays=model.arrays | arrays | more), [
        replace(one, is_article=article, junk_probability=junk) for one, article, junk in found
    ]


def _fit(
    name: str,
    features: F32,
    y_true: NDArray[np.bool_],
    judged: Sequence[Judged],
    predict: Callable[[I64, Arrays], F32],
) -> tuple[Arrays, F32]:
    """Fit logistic regression on features of views; return its weights and bias, called by a name,
    and what `predict` says of each view with those fitted on other sites."""
    views = Counter(one.view.page for one in judged)
    weight = np.array([1 / views[one.view.page] for one in judged])
    fold = np.array([fold_of(one.view.site, FOLDS) for one in judged])
    probability = np.zeros(len(judged), np.float32)
    for k in np.unique(fold):
        others, held_out = fold != k, np.flatnonzero(fold == k)
        arrays = _fit_once(name, features[others], y_true[others], weight[others])
        probability[held_out] = predict(held_out, arrays)
    return _fit_once(name, features, y_true, weight), probability


def _fit_once(
    name: str, features: F32, y_true: NDArray[np.bool_], weight: NDArray[np.float64]
) -> Arrays:
    if y_true.all() or not y_true.any():
        return constant(name, features.shape[1], bool(y_true.any()))
    scale = fit_scale(features)
    scaled = (features - scale["mean"]) * scale["scale"]
    fitted = LogisticRegression(max_iter=1000).fit(scaled, y_true, sample_weight=weight)
    weights = (fitted.coef_[0] * scale["scale"]).astype(np.float32)
    bias = fitted.intercept_ - weights @ scale["mean"]
    return {name: weights, f"{name}_bias": bias.astype(np.float32)}
