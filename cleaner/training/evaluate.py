"""Measure models on labelled pages: the one definition of each figure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.errors import UsageError
from cleaner.labels import GROUP_OF, GROUPS, LABELS, STORY
from cleaner.model.predict import label_probabilities
from cleaner.model.store import KINDS as KINDS_OF_MODEL
from cleaner.model.store import Model, find_models, load_model
from cleaner.training.data import read_pages
from cleaner.training.extractors import extractors
from cleaner.training.views import View, is_real_appended, render, word_counts

VIEWS_AT_ONCE = 64
"""Views labelled in one batch, to bound memory."""

KINDS = ("whole", "extractor", "appended", "real_appended", "html")

Ints = NDArray[np.int64]


@dataclass(slots=True)
class Judged:
    """A view with the label id that was given to each of its paragraphs."""

    view: View
    said: Ints


def evaluate(data: Sequence[Path], model: Path | None = None, *, jobs: int = 1) -> dict[str, Any]:
    """Render labelled pages as each kind of page, label them, and return the figures.

    `model` is a models folder, the packaged one by default. Raises `UsageError` for data that
    can't be used, `ModelError` for models that can't.
    """
    folder = find_models(model)
    pages = [page for page in read_pages(data) if page.paragraphs and page.type == "article"]
    if not pages:
        raise UsageError("the data holds no labelled page of type `article`")
    views = render(pages, jobs=jobs)
    judged: list[Judged] = []
    for kind in KINDS_OF_MODEL:
        chosen = [view for view in views if (view.kind == "html") == (kind == "html")]
        if chosen:
            judged += judge(load_model(folder / kind), chosen)
    return {
        "model": "packaged" if model is None else str(model),
        "data": ", ".join(map(str, data)),
        "extractors": list(extractors()),
        "kinds": figures(judged),
    }


def judge(model: Model, views: Sequence[View]) -> list[Judged]:
    """Label views, some at a time."""
    judged: list[Judged] = []
    for first in range(0, len(views), VIEWS_AT_ONCE):
        some = views[first : first + VIEWS_AT_ONCE]
        markup = [view.markup for view in some if view.markup is not None]
        said = label_probabilities(model, [v.texts for v in some], markup or None).argmax(axis=1)
        ends = np.cumsum([len(view.texts) for view in some])
        judged += map(Judged, some, np.split(said, ends[:-1]))
    return judged


def group_f1(truth: Ints, said: Ints, weight: NDArray[Any] | None = None) -> dict[str, float]:
    """F1 of each group that the truth contains; label ids in, `weight` of each paragraph 1."""
    groups = np.array(GROUP_OF)
    truth, said = groups[truth], groups[said]
    weight = np.ones(len(truth)) if weight is None else weight
    result = {}
    for g, name in enumerate(GROUPS):
        if (truth == g).any():
            hit = weight[(truth == g) & (said == g)].sum()
            both = weight[truth == g].sum() + weight[said == g].sum()
            result[name] = float(2 * hit / both) if both else 0.0
    return result


def mean_f1(truth: Ints, said: Ints, weight: NDArray[Any] | None = None) -> float:
    """Mean of `group_f1` over the groups that the truth contains."""
    return float(np.mean(list(group_f1(truth, said, weight).values())))


def figures(judged: Iterable[Judged]) -> dict[str, dict[str, Any]]:
    """Return the figures of each kind of page that is there, for pages of type `article`.

    Paragraphs without a label are not counted. Shares are from 0 to 1.
    """
    by_kind: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        if one.view.type == "article" and any(label >= 0 for label in one.view.labels):
            by_kind[one.view.kind].append(one)
            if is_real_appended(one.view):
                by_kind["real_appended"].append(one)
    return {kind: _kind_figures(by_kind[kind]) for kind in KINDS if by_kind[kind]}


def _kind_figures(judged: Sequence[Judged]) -> dict[str, Any]:
    truth = np.concatenate([np.array(j.view.labels) for j in judged])
    said = np.concatenate([j.said for j in judged])
    words = np.concatenate([word_counts(j.view.texts) for j in judged])
    known = truth >= 0
    truth, said, words = truth[known], said[known], words[known]
    confusion = np.zeros((len(LABELS), len(LABELS)), dtype=int)
    np.add.at(confusion, (truth, said), 1)
    junk, kept = _shares(judged)
    return {
        "pages": len({j.view.page for j in judged}),
        "paragraphs": len(truth),
        "mean_f1": mean_f1(truth, said),
        "f1": group_f1(truth, said),
        "mean_f1_words": mean_f1(truth, said, words),
        "f1_words": group_f1(truth, said, words),
        "junk": junk,
        "kept": kept,
        "confusion": {"labels": list(LABELS), "matrix": confusion.tolist()},
    }


def _shares(judged: Iterable[Judged]) -> tuple[float, float]:
    """Share of kept words that are not the story, and share of the story's words kept.

    Each page's views are averaged, then the pages, so that one endless page does not decide. A
    view that keeps nothing has no junk; one without a story does not count for what is kept.
    """
    junk: dict[str, list[float]] = defaultdict(list)
    kept: dict[str, list[float]] = defaultdict(list)
    for one in judged:
        truth, words = np.array(one.view.labels), word_counts(one.view.texts)
        story = (truth >= 0) & (truth < len(STORY))
        keeps = (truth >= 0) & (one.said < len(STORY))
        total = words[keeps].sum()
        junk[one.view.page].append(words[keeps & ~story].sum() / total if total else 0.0)
        if words[story].sum():
            kept[one.view.page].append(words[keeps & story].sum() / words[story].sum())
    return _mean_of_means(junk), _mean_of_means(kept)


def _mean_of_means(values: dict[str, list[float]]) -> float:
    return float(np.mean([np.mean(v) for v in values.values()])) if values else 0.0


def label_f1(judged: Sequence[Judged]) -> dict[str, float]:
    """F1 by paragraphs of each label that the truth contains, over pages of type `article`."""
    articles = [j for j in judged if j.view.type == "article"]
    if not articles:
        return {}
    truth = np.concatenate([np.array(j.view.labels) for j in articles])
    said = np.concatenate([j.said for j in articles])[truth >= 0]
    truth = truth[truth >= 0]
    return {
        name: float(
            2 * ((truth == i) & (said == i)).sum() / ((truth == i).sum() + (said == i).sum())
        )
        for i, name in enumerate(LABELS)
        if (truth == i).any()
    }
