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
from cleaner.labels import LABELS
from cleaner.model.predict import label_pages
from cleaner.model.store import KINDS, Model, save_model
from cleaner.training.article import fit_article
from cleaner.training.card import write_card
from cleaner.training.data import OTHER_TYPES, STORY_TYPES, LabelledPage, read_pages
from cleaner.training.evaluate import Judged, judge
from cleaner.training.fit import FOLDS, Progress, fit_model
from cleaner.training.views import (
    ARTICLE,
    BOILERPLATE,
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
    by the HTML model within what the body says, and the text model is trained on them too. Pages
    without a story are for `fit_article` alone: paragraphs are labelled as those of an article, and
    apart from that it is said whether the page is one. Raises `UsageError` for data that can't be
    trained on. The folder is replaced when all is done.
    """
    pages = read_pages(data)
    labelled = [page for page in pages if page.has_story]
    known = {page.id for page in pages if page.paragraphs}
    bodies = [p for p in pages if p.html and p.type in STORY_TYPES and p.id not in known]
    _check(labelled)
    progress(f"data: {len(labelled)} labelled pages, {len(bodies)} with a body only")
    others = _without_story(pages, jobs)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}-") as work:

        def fit(kind: str, views: list[View], taught: set[str]) -> Model:
            model, scores = fit_model(kind, views, taught, seed=seed, jobs=jobs, progress=progress)
            cross_fitted = [
                Judged(view, of_view, 1.0)
                for view, of_view in zip(views, scores, strict=True)
                if view.page not in taught and view.texts
            ]
            of_kind = [v for v in others if v.model == kind and v.texts]
            model, judged = fit_article(model, [*cross_fitted, *judge(model, of_kind)])
            model = write_card(model, judged, pages, taught, Path(work) / kind)
            save_model(model, Path(work) / kind)
            return model

        html = fit("html", html_views([p for p in labelled if p.html], jobs=jobs), set())
        bodies = list(teach(bodies, html, jobs))
        progress(f"text: rendering {len(labelled) + len(bodies)} pages")
        selling = [p for p in pages if p.body and p.type in SELLING_TYPES and not p.has_story]
        views = render(
            [*labelled, *bodies],
            selling=selling,
            seed=seed,
            appended=APPENDED,
            folds=FOLDS,
            jobs=jobs,
        )
        fit("text", [v for v in views if v.model == "text"], {page.id for page in bodies})
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
        probabilities, _ = label_pages(model, [view.texts], [view.markup])
        story = np.array(view.labels) == STORY
        probabilities[story, CAPTION:] = 0
        probabilities[~story, ARTICLE] = 0
        labels = probabilities.argmax(axis=1).tolist()
        yield replace(page, paragraphs=tuple(zip(view.texts, labels, strict=True)))


def _without_story(pages: Sequence[LabelledPage], jobs: int) -> list[View]:
    """Views of the pages that are labelled and have no story, and of those whose type says that
    they are no articles."""
    labelled = [page for page in pages if page.paragraphs and not page.has_story]
    chosen = [p for p in pages if p.type in OTHER_TYPES and p.html and not p.paragraphs]
    labelled += [
        replace(page, paragraphs=tuple((text, BOILERPLATE) for text in view.texts))
        for page, view in zip(chosen, html_views(chosen, jobs=jobs), strict=True)
    ]
    return render(labelled, jobs=jobs)


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
