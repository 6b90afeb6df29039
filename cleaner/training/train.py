"""Train the models: labelled pages in, a models folder with its cards out."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from cleaner.errors import UsageError
from cleaner.features.words import F32
from cleaner.labels import LABELS
from cleaner.model.predict import label_probabilities
from cleaner.model.store import KINDS, Model, save_model
from cleaner.training.card import write_card
from cleaner.training.data import STORY_TYPES, LabelledPage, read_pages
from cleaner.training.evaluate import Judged
from cleaner.training.fit import FOLDS, Progress, fit_model
from cleaner.training.views import (
    ARTICLE,
    CAPTION,
    SELLING_TYPES,
    STORY,
    View,
    fold_of,
    html_views,
    render,
)

APPENDED = 6
"""Views of each page with other stories appended, each with other pieces."""


def train(
    data: Sequence[Path], output: Path, *, seed: int = 0, jobs: int = 1, progress: Progress
) -> None:
    """Train a model for text and one for HTML, and write them to `output` as `text` and `html`.

    `data` are files and folders of labelled pages. Pages that have only a `body` are labelled
    by a first HTML model within what the body says. Raises `UsageError` for data that can't be
    trained on. The folder is replaced when all is done.
    """
    pages = read_pages(data)
    labelled = [page for page in pages if page.paragraphs]
    known = {page.id for page in labelled}
    bodies = [p for p in pages if p.html and p.type in STORY_TYPES and p.id not in known]
    _check(labelled)
    progress(f"data: {len(labelled)} labelled pages, {len(bodies)} with a body only")
    if bodies:
        progress("html: a first model, for the pages with a body only")
        first_views = html_views([page for page in labelled if page.html], jobs=jobs)
        first, _ = fit_model("html", first_views, set(), seed=seed, jobs=jobs, progress=progress)
        bodies = list(teach(bodies, first, jobs))
    taught = {page.id for page in bodies}
    progress(f"views: rendering {len(labelled) + len(bodies)} pages")
    selling = [page for page in pages if page.body and page.type in SELLING_TYPES]
    views = render(
        [*labelled, *bodies], selling=selling, seed=seed, appended=APPENDED, folds=FOLDS, jobs=jobs
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}-") as work:
        for kind in KINDS:
            chosen = [v for v in views if (v.kind == "html") == (kind == "html")]
            model, marginals = fit_model(
                kind, chosen, taught, seed=seed, jobs=jobs, progress=progress
            )
            _save(model, chosen, marginals, pages, taught, Path(work) / kind)
        _replace(Path(work), output)
    progress(f"models: written to {output}")


def teach(bodies: list[LabelledPage], model: Model, jobs: int) -> Iterable[LabelledPage]:
    """Label pages of which only the story is known: the model says what the others are.

    A block in the body is headline or article, a block outside is anything but article.
    """
    for page, view in zip(bodies, html_views(bodies, jobs=jobs), strict=True):
        if not view.texts:
            continue
        assert view.markup is not None
        probabilities = label_probabilities(model, [view.texts], [view.markup])
        story = np.array(view.labels) == STORY
        probabilities[story, CAPTION:] = 0
        probabilities[~story, ARTICLE] = 0
        labels = probabilities.argmax(axis=1).tolist()
        yield replace(page, paragraphs=tuple(zip(view.texts, labels, strict=True)))


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


def _save(
    model: Model,
    views: list[View],
    marginals: list[F32],
    pages: list[LabelledPage],
    taught: set[str],
    folder: Path,
) -> None:
    """Write a model with its card: the figures are of cross-fitted labels."""
    judged = [
        Judged(view, probabilities.argmax(axis=1))
        for view, probabilities in zip(views, marginals, strict=True)
        if view.page not in taught
    ]
    model = write_card(model, judged, pages, taught, folder)
    save_model(model, folder)


def _replace(work: Path, output: Path) -> None:
    """Put the finished models in place of those that were there; nothing else there is touched."""
    output.mkdir(exist_ok=True)
    for kind in KINDS:
        target = output / kind
        old = work / f"old-{kind}"
        if target.exists():
            os.replace(target, old)
        os.replace(work / kind, target)
        if old.exists():
            shutil.rmtree(old)
