"""Train the models: labelled pages in, a models folder with its cards out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from cleaner.errors import UsageError
from cleaner.labels import LABELS
from cleaner.model.store import FILES, KINDS, save_model
from cleaner.training.article import fit_article
from cleaner.training.card import write_card
from cleaner.training.data import OTHER_TYPES, LabelledPage, read_pages
from cleaner.training.evaluate import Judged, judge
from cleaner.training.fit import FOLDS, ProgressCallback, fit_model
from cleaner.training.output import in_place_of
from cleaner.training.views import (
    BOILERPLATE,
    SELLING_TYPES,
    View,
    fold_of,
    html_views,
    small_view,
    text_views,
)

APPENDED = 6
"""Views of each page with other stories appended, each with other pieces."""


def train(
    data: Sequence[Path], output: Path, *, seed: int = 0, jobs: int = 1, progress: ProgressCallback
) -> None:
    """Train a model for text and one for HTML, and write them to `output` as `text` and `html`.

    `data` are files and folders of labelled pages. Pages without a story are for `fit_article`
    alone: paragraphs are labelled as those of an article, and apart from that it is said whether
    the page is one. What is in their places is replaced when all is done. Raises `UsageError` for
    data that can't be trained on, and where something else than models is in their places.
    """
    _check_output(output)
    pages = read_pages(data)
    labelled = [page for page in pages if page.has_story]
    _check(labelled)
    others = _without_story(pages, jobs)
    selling = [p for p in pages if p.body and p.type in SELLING_TYPES and not p.has_story]
    progress(f"data: {len(labelled)} labelled pages with a story, {len(others)} without")
    with in_place_of(output, KINDS) as work:

        def fit(kind: str, views: list[View], other_views: list[View]) -> None:
            model, scores = fit_model(kind, views, seed=seed, jobs=jobs, progress=progress)
            cross_fitted = [
                Judged(view, of_view, 1.0)
                for view, of_view in zip(views, scores, strict=True)
                if view.texts
            ]
            of_others = judge(model, [view for view in other_views if view.texts])
            model, judged = fit_article(model, [*cross_fitted, *of_others])
            model = write_card(model, judged, pages, work / kind)
            save_model(model, work / kind)

        whole = html_views(labelled, jobs=jobs)
        small = [small_view(view, Random(f"{seed} small {view.page}")) for view in whole]
        fit("html", [*whole, *small], html_views(others, jobs=jobs))
        progress(f"text: rendering {len(labelled)} pages")
        views = text_views(
            labelled, selling=selling, seed=seed, appended=APPENDED, folds=FOLDS, jobs=jobs
        )
        fit("text", views, text_views(others, jobs=jobs))
    progress(f"models: written to {output}")


def _without_story(pages: Sequence[LabelledPage], jobs: int) -> list[LabelledPage]:
    """The labelled pages that have no story, and those whose type says that they are no articles,
    with all that stands on them as boilerplate."""
    labelled = [page for page in pages if page.paragraphs and not page.has_story]
    chosen = [p for p in pages if p.type in OTHER_TYPES and p.html and not p.paragraphs]
    return labelled + [
        replace(page, paragraphs=tuple((text, BOILERPLATE) for text in view.texts))
        for page, view in zip(chosen, html_views(chosen, jobs=jobs), strict=True)
        if view.texts
    ]


def _check(labelled: list[LabelledPage]) -> None:
    if not labelled:
        raise UsageError("the data holds no page with labelled paragraphs")
    folds = {fold_of(page.site, FOLDS) for page in labelled}
    found = {label for page in labelled for _, label in page.paragraphs}
    if not any(page.html for page in labelled):
        raise UsageError("the data holds no labelled page with `html`: the HTML model needs some")
    if len(folds) < 2:
        raise UsageError("too few sites to train on: give pages of ten sites or more")
    if len(found) < len(LABELS):
        missing = [name for i, name in enumerate(LABELS) if i not in found]
        raise UsageError(f"no paragraph of the data is labelled {missing[0]}")


def _check_output(output: Path) -> None:
    """Refuse a folder where a model would take the place of something else."""
    for target in (output / kind for kind in KINDS):
        if not os.path.lexists(target):
            continue
        names = os.listdir(target) if target.is_dir() and not target.is_symlink() else ["."]
        other = sorted(set(names) - set(FILES))
        if other or (names and "model.json" not in names):
            what = f"holds {other[0]!r}, which is" if other and names != ["."] else "is"
            raise UsageError(f"{target}: {what} no model; give another folder with -o")
