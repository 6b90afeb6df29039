"""Train the models: labelled pages in, a models folder with its cards out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from random import Random

from cleaner.errors import ModelError, UsageError
from cleaner.labels import LABELS
from cleaner.model.network import Arrays
from cleaner.model.store import (
    KINDS,
    WORDS,
    find_models,
    load_words,
    save_model,
    save_words,
)
from cleaner.training.card import write_card, write_words_card
from cleaner.training.compose import composed_views, written_views
from cleaner.training.compose_html import composed_html_views, written_html_views
from cleaner.training.data import (
    OTHER_TYPES,
    UNKNOWN,
    LabelledPage,
    as_confirmed,
    read_pages,
)
from cleaner.training.donors import SELLING_TYPES
from cleaner.training.evaluate import Judged, judge
from cleaner.training.fit import FOLDS, ProgressCallback, fit_model
from cleaner.training.meaning import fit_meaning
from cleaner.training.output import check_models_output, in_place_of
from cleaner.training.pages import fit_pages
from cleaner.training.views import (
    BOILERPLATE,
    FOUND_KINDS,
    View,
    flat_views,
    fold_of,
    html_views,
    markdown_views,
    small_view,
    text_views,
)

COMPOSED = {"appended": 6, "endless": 2, "ahead": 1, "inserted": 4}
"""Text views of each page with pieces of other pages in it, each time others."""


def train(
    data: Sequence[Path],
    output: Path,
    *,
    fit_words: bool = False,
    seed: int = 0,
    jobs: int = 1,
    progress: ProgressCallback,
) -> None:
    """Train a model for text and one for HTML, and write them to `output` as `text` and `html`,
    with the word vectors of both as `words`.

    `data` are files and folders of labelled pages. The word vectors are those of the installed
    models, or with `fit_words` fitted anew to a sentence encoder. Pages without a story are for
    `fit_pages` alone: paragraphs are labelled as those of an article, and apart from that it is
    said whether the page is one. What is in their places is replaced when all is done. Raises
    `UsageError` for data that can't be trained on, where something else than models is in their
    places, and where the encoder is needed and not there.
    """
    check_models_output(output)
    pages = [as_confirmed(page) for page in read_pages(data)]
    written = [page for page in pages if page.kind == "written"]
    pages = [page for page in pages if page.kind != "written"]
    labelled = [page for page in pages if page.has_story]
    _check(labelled)
    without_story = _without_story(pages, jobs)
    selling = [p for p in pages if p.body and p.type in SELLING_TYPES and not p.has_story]
    progress(
        f"data: {len(labelled)} labelled pages with a story, {len(without_story)} without, "
        f"{len(written)} written lines"
    )
    if fit_words:
        texts = [text for page in (*labelled, *without_story) for text, _ in page.paragraphs]
        words = fit_meaning(texts, seed=seed, jobs=jobs, progress=progress)
    else:
        words = _installed_words()
    with in_place_of(output, (*KINDS, WORDS)) as work:
        save_words(words, work)
        write_words_card(work / WORDS)

        def fit(kind: str, views: list[View], other_views: list[View]) -> None:
            # Views of a fold together: each batch is labelled by the weights of few folds.
            views = sorted(
                (view for view in views if view.texts), key=lambda view: fold_of(view.site, FOLDS)
            )
            model, scores = fit_model(kind, views, words, seed=seed, jobs=jobs, progress=progress)
            cross_fitted = [
                Judged(view, of_view, 1.0) for view, of_view in zip(views, scores, strict=True)
            ]
            of_others = judge(model, [view for view in other_views if view.texts])
            found = [one for one in cross_fitted if one.view.kind in FOUND_KINDS]
            model, judged = fit_pages(model, [*found, *of_others])
            composed = [one for one in cross_fitted if one.view.kind not in FOUND_KINDS]
            model = write_card(model, [*judged, *composed], pages, work / kind)
            save_model(model, work / kind)

        progress(f"html: rendering {len(labelled)} pages")
        whole = html_views(labelled, jobs=jobs)
        marked = markdown_views(labelled, jobs=jobs)
        small = [small_view(view, Random(f"{seed} small {view.page}")) for view in whole]
        composed = composed_html_views(
            labelled, others=[*selling, *written], seed=seed, folds=FOLDS, jobs=jobs
        )
        lines = written_html_views(written, seed=seed)
        others = [of(without_story, jobs=jobs) for of in (html_views, markdown_views)]
        fit("html", [*whole, *marked, *small, *composed, *lines], [*chain(*others)])
        progress(f"text: rendering {len(labelled)} pages")
        views = [*text_views(labelled, jobs=jobs), *flat_views(labelled)]
        views += composed_views(
            labelled, COMPOSED, others=[*selling, *written], seed=seed, folds=FOLDS
        )
        views += written_views(written, seed=seed)
        fit("text", views, text_views(without_story, jobs=jobs))
    progress(f"models: written to {output}")


def _installed_words() -> Arrays:
    try:
        words, _ = load_words(find_models())
    except ModelError as error:
        raise ModelError(f"{error}; or give --fit-words, which needs no installed ones") from None
    return words


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
    found = {label for page in labelled for _, label in page.paragraphs} - {UNKNOWN}
    if not any(page.html for page in labelled):
        raise UsageError("the data holds no labelled page with `html`: the HTML model needs some")
    if len(folds) < 2:
        raise UsageError("too few sites to train on: give pages of ten sites or more")
    if len(found) < len(LABELS):
        missing = [name for i, name in enumerate(LABELS) if i not in found]
        raise UsageError(f"no paragraph of the data is labelled {missing[0]}")
