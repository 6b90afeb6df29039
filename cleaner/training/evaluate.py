"""Measure models on labelled pages: the one definition of each figure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.document import ARTICLE_FROM, predict_labels
from cleaner.errors import UsageError
from cleaner.features.arrays import F32
from cleaner.labels import GROUP_OF, GROUPS, LABELS, STORY_IDS
from cleaner.model.junk import RIGHT_WITHIN
from cleaner.model.predict import label_pages
from cleaner.model.store import Model, find_models, load_model
from cleaner.options import Options
from cleaner.training.compose import composed_views
from cleaner.training.data import UNKNOWN, as_confirmed, read_pages
from cleaner.training.extractors import extractors
from cleaner.training.inserted import INSERTED_KINDS, inserted_views
from cleaner.training.views import (
    View,
    flat_views,
    html_views,
    is_real_appended,
    markdown_views,
    text_views,
    word_counts,
)

VIEW_KINDS = (
    "whole",
    "extractor",
    "appended",
    "real_appended",
    "flat",
    "html",
    "markdown",
    "small",
)

MIN_LANGUAGE_PAGES = 5
"""Pages from which a language has figures of its own."""

BINS = 15
"""Parts from 0 to 1 in which probabilities are compared with how often they are right."""

THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
"""Thresholds of `predict_labels` that figures are given for."""

RIGHT_SHARES = (RIGHT_WITHIN, 0.05)
"""Shares up to which of a page's kept words may be junk, and of its story's words may be missing,
for it to be right: the first by default."""

JUNK_FROM = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
"""Values of `junk_probability` up to which pages are kept, that figures are given for."""

Ints = NDArray[np.int64]
F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """A view with what a model said of it."""

    view: View
    scores: F32
    """Probabilities of the labels, shape (paragraphs, labels)."""
    is_article: float
    junk_probability: float = 0.0

    @cached_property
    def y_true(self) -> Ints:
        """The label id of each paragraph, below 0 where unknown."""
        return np.array(self.view.labels)

    @cached_property
    def words(self) -> Ints:
        """The number of words of each paragraph."""
        return word_counts(self.view.texts)


def judge_pages(
    data: Sequence[Path], model: Path | None = None, *, accurate: bool = False, jobs: int = 1
) -> list[Judged]:
    """Render the labelled pages of type `article` as each kind of page, with sentences put into
    their stories too, and label them.

    `model` is a models folder, the packaged one by default; `accurate` averages its networks.
    Raises `UsageError` for data that can't be used, `ModelError` for models that can't.
    """
    folder = find_models(model)
    pages = [as_confirmed(page) for page in read_pages(data)]
    pages = [
        page
        for page in pages
        if page.type == "article" and any(label != UNKNOWN for _, label in page.paragraphs)
    ]
    if not pages:
        raise UsageError(
            "the data holds no page of type `article` with a label that a person has confirmed"
        )
    texts = [*text_views(pages, jobs=jobs), *composed_views(pages, {"appended": 1})]
    texts += flat_views(pages)
    html = [*html_views(pages, jobs=jobs), *markdown_views(pages, jobs=jobs)]
    for view in inserted_views(pages, jobs=jobs):
        (html if view.markup else texts).append(view)
    return [
        *judge(load_model(folder / "text", accurate=accurate), texts),
        *judge(load_model(folder / "html", accurate=accurate), html),
    ]


def report(judged: Sequence[Judged], data: Sequence[Path], model: Path | None) -> dict[str, Any]:
    """The figures of each kind of page, and what they were measured on."""
    return {
        "model": "packaged" if model is None else str(model),
        "data": ", ".join(map(str, data)),
        "extractors": list(extractors()),
        "kinds": figures(judged),
        "inserted": inserted_figures(judged),
    }


def judge(model: Model, views: Sequence[View]) -> list[Judged]:
    """Label views."""
    markup = [view.markup for view in views if view.markup is not None]
    scores, *of_pages = label_pages(model, [view.texts for view in views], markup or None)
    ends = np.cumsum([len(view.texts) for view in views])
    return list(map(Judged, views, np.split(scores, ends[:-1]), *(p.tolist() for p in of_pages)))


def group_f1(y_true: Ints, y_pred: Ints, weight: NDArray[Any] | None = None) -> dict[str, float]:
    """F1 of each group that the truth contains; label ids in, `weight` of each paragraph 1."""
    groups = np.array(GROUP_OF)
    y_true, y_pred = groups[y_true], groups[y_pred]
    weight = np.ones(len(y_true)) if weight is None else weight
    result = {}
    for g, name in enumerate(GROUPS):
        if (y_true == g).any():
            hit = weight[(y_true == g) & (y_pred == g)].sum()
            both = weight[y_true == g].sum() + weight[y_pred == g].sum()
            result[name] = float(2 * hit / both) if both else 0.0
    return result


def mean_f1(y_true: Ints, y_pred: Ints, weight: NDArray[Any] | None = None) -> float:
    """Mean of `group_f1` over the groups that the truth contains."""
    return float(np.mean(list(group_f1(y_true, y_pred, weight).values())))


def figures(judged: Iterable[Judged]) -> dict[str, dict[str, Any]]:
    """Return the figures of each kind of page that is there, for pages of type `article`.

    Paragraphs without a label are not counted. Shares are from 0 to 1.
    """
    return {kind: _kind_figures(some) for kind, some in by_kind(judged).items()}


def by_kind(judged: Iterable[Judged]) -> dict[str, list[Judged]]:
    """The views of each of `VIEW_KINDS`: of pages of type `article`, with a label at least."""
    found: dict[str, list[Judged]] = {kind: [] for kind in VIEW_KINDS}
    for one in judged:
        known = any(label >= 0 for label in one.view.labels)
        if one.view.kind in found and one.view.type == "article" and known:
            found[one.view.kind].append(one)
            if is_real_appended(one.view):
                found["real_appended"].append(one)
    return {kind: some for kind, some in found.items() if some}


def _kind_figures(judged: Sequence[Judged]) -> dict[str, Any]:
    y_true, scores = known_paragraphs(judged)
    y_pred = predict_labels(scores)
    words = np.concatenate([j.words[j.y_true >= 0] for j in judged])
    confusion = np.zeros((len(LABELS), len(LABELS)), dtype=int)
    np.add.at(confusion, (y_true, y_pred), 1)
    junk, kept = shares(judged)
    return {
        "pages": len({j.view.page for j in judged}),
        "paragraphs": len(y_true),
        "mean_f1": mean_f1(y_true, y_pred),
        "f1": group_f1(y_true, y_pred),
        "mean_f1_words": mean_f1(y_true, y_pred, words),
        "f1_words": group_f1(y_true, y_pred, words),
        "junk": junk,
        "kept": kept,
        "right": pages_right(judged),
        "calibration_error": calibration_error(y_true, scores),
        "junk_probability": junk_figures(judged),
        "confusion": {"labels": list(LABELS), "matrix": confusion.tolist()},
        "languages": _languages(judged),
        "thresholds": by_threshold(judged),
    }


def known_paragraphs(judged: Sequence[Judged]) -> tuple[Ints, F32]:
    """The label ids of all paragraphs that have one, and the probabilities given to them."""
    y_true = np.concatenate([j.y_true for j in judged])
    scores = np.concatenate([j.scores for j in judged])
    return y_true[y_true >= 0], scores[y_true >= 0]


def _languages(judged: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    """Mean F1 of each language that has `MIN_LANGUAGE_PAGES` pages, the most frequent first."""
    by_language: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        by_language[one.view.language].append(one)
    pages = {name: len({j.view.page for j in some}) for name, some in by_language.items()}
    result = {}
    for name in sorted(pages, key=lambda name: (-pages[name], name)):
        if pages[name] >= MIN_LANGUAGE_PAGES:
            y_true, scores = known_paragraphs(by_language[name])
            f1 = mean_f1(y_true, predict_labels(scores))
            result[name] = {"pages": pages[name], "mean_f1": f1}
    return result


def shares(judged: Iterable[Judged], threshold: float = Options.precision) -> tuple[float, float]:
    """Share of kept words that are not the story, and share of the story's words kept.

    `threshold` is that of `predict_labels`. Each page's views are averaged, then the pages, so that
    one endless page does not decide. A view that keeps nothing has no junk; one without a story
    does not count for what is kept.
    """
    junk: dict[str, list[float]] = defaultdict(list)
    kept: dict[str, list[float]] = defaultdict(list)
    for one in judged:
        junk_share, kept_share = _shares(one, threshold)
        junk[one.view.page].append(junk_share)
        if kept_share is not None:
            kept[one.view.page].append(kept_share)
    return _mean_of_means(junk), _mean_of_means(kept)


def _shares(one: Judged, threshold: float = Options.precision) -> tuple[float, float | None]:
    """Junk and kept of a view, the latter None for one without a story."""
    y_true, words = one.y_true, one.words
    story = np.isin(y_true, STORY_IDS)
    keeps = (y_true >= 0) & _keeps(one, threshold)
    total, of_story = words[keeps].sum(), words[story].sum()
    junk = words[keeps & ~story].sum() / total if total else 0.0
    return junk, words[keeps & story].sum() / of_story if of_story else None


def wrong_words(judged: Iterable[Judged]) -> tuple[int, int, int]:
    """Words of views that are kept and not of the story, words of the story that are not kept, and
    words of the story. Paragraphs without a label are not counted."""
    junk = lost = of_story = 0
    for one in judged:
        story, keeps = np.isin(one.y_true, STORY_IDS), _keeps(one)
        junk += int(one.words[(one.y_true >= 0) & keeps & ~story].sum())
        lost += int(one.words[story & ~keeps].sum())
        of_story += int(one.words[story].sum())
    return junk, lost, of_story


def _keeps(one: Judged, threshold: float = Options.precision) -> NDArray[np.bool_]:
    """Which paragraphs of a view are kept."""
    return np.isin(predict_labels(one.scores, threshold), STORY_IDS)


def is_right(one: Judged, within: float = RIGHT_WITHIN) -> bool | None:
    """Whether a view is right: at most a share `within` of the kept words is junk, and as much of
    the story is missing. None for one without a story."""
    junk, kept = _shares(one)
    return None if kept is None else junk <= within and kept >= 1 - within


def pages_right(judged: Iterable[Judged]) -> dict[str, float]:
    """Share of pages that are right, for each of `RIGHT_SHARES`: of whose kept words at most that
    share is junk and of whose story's words at most that share is missing.

    Views are averaged as in `shares`; one without a story does not count.
    """
    right: dict[float, dict[str, list[float]]] = {w: defaultdict(list) for w in RIGHT_SHARES}
    for one in judged:
        for within, pages in right.items():
            if (is_it := is_right(one, within)) is not None:
                pages[one.view.page].append(is_it)
    return {f"{within:g}": _mean_of_means(pages) for within, pages in right.items()}


def inserted_figures(judged: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    """Of each of `INSERTED_KINDS` that is there: the tries, the share of sentences that are kept,
    and the share of a story's words that are kept without the sentence and not with it, a mean
    over tries."""
    as_it_was = {(one.view.kind, *one.view.texts): one for one in judged}
    result = {}
    for kind, before in INSERTED_KINDS.items():
        kept, lost = [], []
        for one in judged:
            if one.view.kind == kind and (row := one.view.sentence) is not None:
                without = as_it_was[before, *one.view.texts[:row], *one.view.texts[row + 1 :]]
                keeps = _keeps(one)
                kept.append(keeps[row])
                story = np.where(np.isin(without.y_true, STORY_IDS), without.words, 0)
                gone = _keeps(without) & ~np.delete(keeps, row)
                lost.append(story[gone].sum() / story.sum())
        if kept:
            result[kind.removeprefix("inserted ")] = {
                "tries": len(kept),
                "kept": float(np.mean(kept)),
                "story_lost": float(np.mean(lost)),
            }
    return result


def by_threshold(judged: Sequence[Judged]) -> list[dict[str, float]]:
    """Junk and kept at each of `THRESHOLDS`, which the command line calls `--precision`."""
    found = [(threshold, *shares(judged, threshold)) for threshold in THRESHOLDS]
    return [dict(zip(("precision", "junk", "kept"), row, strict=True)) for row in found]


def _mean_of_means(values: dict[str, list[float]]) -> float:
    return float(np.mean([np.mean(v) for v in values.values()])) if values else 0.0


def reliability(y_true: Ints, scores: F32) -> tuple[F64, F64, F64]:
    """How often labels are right beside how sure they are: for each of `BINS` parts from 0 to 1
    that holds some paragraph, mean probability of the label, share of right ones, and share of all
    paragraphs."""
    y_pred, sure = scores.argmax(axis=1), scores.max(axis=1).astype(np.float64)
    part = np.minimum((sure * BINS).astype(int), BINS - 1)
    count = np.bincount(part, minlength=BINS)
    held = count > 0
    mean = np.bincount(part, weights=sure, minlength=BINS)[held] / count[held]
    right = np.bincount(part, weights=y_pred == y_true, minlength=BINS)[held] / count[held]
    return mean, right, count[held] / len(y_true)


def calibration_error(y_true: Ints, scores: F32) -> float:
    """Expected calibration error (Naeini et al., 2015): mean distance between how sure labels are
    and how often they are right."""
    mean, right, share = reliability(y_true, scores)
    return float((share * np.abs(mean - right)).sum())


def article_figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """How well articles are told from other pages, by views."""
    y_true = np.array([one.view.has_story for one in judged])
    probability = np.array([one.is_article for one in judged], np.float32)
    y_pred = probability >= ARTICLE_FROM
    scores = np.stack([1 - probability, probability], axis=1)
    return {
        "articles": int(y_true.sum()),
        "others": int((~y_true).sum()),
        "articles_kept": float(y_pred[y_true].mean()) if y_true.any() else None,
        "others_dropped": float((~y_pred[~y_true]).mean()) if (~y_true).any() else None,
        "calibration_error": calibration_error(y_true.astype(np.int64), scores),
    }


def junk_figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """How well pages that are right are told from others, by views; a page without a story is not
    right: for each of `JUNK_FROM`, the share of views whose `junk_probability` is no higher, and
    how many of these are right; the share of all that are; and the calibration error."""
    is_wrong = np.array([not is_right(one) for one in judged])
    probability = np.array([one.junk_probability for one in judged], np.float32)
    curve = []
    for most in JUNK_FROM:
        chosen = probability <= most
        right = float((~is_wrong[chosen]).mean()) if chosen.any() else None
        curve.append({"most": most, "share": float(chosen.mean()), "right": right})
    scores = np.stack([1 - probability, probability], axis=1)
    return {
        "curve": curve,
        "right": float((~is_wrong).mean()),
        "calibration_error": calibration_error(is_wrong.astype(np.int64), scores),
    }


def label_f1(judged: Sequence[Judged]) -> dict[str, float]:
    """F1 by paragraphs of each label that the truth contains, over pages of type `article`."""
    articles = [j for j in judged if j.view.type == "article"]
    if not articles:
        return {}
    y_true, scores = known_paragraphs(articles)
    y_pred = predict_labels(scores)
    return {
        name: float(
            2 * ((y_true == i) & (y_pred == i)).sum() / ((y_true == i).sum() + (y_pred == i).sum())
        )
        for i, name in enumerate(LABELS)
        if (y_true == i).any()
    }
