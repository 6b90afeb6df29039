"""Adapt models to corrected pages: a models folder and corrections in, a models folder out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from shutil import copyfile
from typing import Any

import numpy as np

from cleaner.document import predict_labels
from cleaner.errors import UsageError
from cleaner.features.arrays import F32
from cleaner.features.marks import Marks
from cleaner.labels import LABELS
from cleaner.model.corrections import correct
from cleaner.model.store import (
    FAST_NETWORKS,
    FILES,
    KINDS,
    MARK_ARRAYS,
    WORDS,
    Model,
    find_models,
    hash_model,
    load_model,
    save_model,
)
from cleaner.training.card import write_adapted_card
from cleaner.training.data import OTHER_TYPES, UNKNOWN, LabelledPage, read_pages
from cleaner.training.evaluate import Judged, judge, known_paragraphs, mean_f1, wrong_words
from cleaner.training.fit import ProgressCallback, packed
from cleaner.training.marks import NONE_KNOWN, KnownMarks, fit_marks, marks_of
from cleaner.training.output import check_models_output, in_place_of
from cleaner.training.parallel import map_parallel
from cleaner.training.views import View, html_views, markdown_views, text_views

FOLDS = 5
"""Parts of the pages; each is labelled by models that are adapted to the others."""

MIN_PAGES = 3
"""Pages from which figures tell something."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How well pages are labelled."""

    junk: int
    """Words that are kept and not of the story, over all views."""
    lost: int
    """Words of the story that are not kept."""
    story: int
    """Words of the story."""
    f1: float
    """Mean F1 over the groups of labels, by paragraphs."""

    @property
    def wrong(self) -> int:
        """Words that are wrongly kept or dropped."""
        return self.junk + self.lost


@dataclass(frozen=True, slots=True)
class Adapted:
    """What became of a model."""

    kind: str
    before: Figures | None = None
    """How well the base labels the corrected pages; None where that can't be compared."""
    after: Figures | None = None
    """The same of models that were adapted to other pages than those they label."""
    warning: str = ""
    """What is to be known, in plain words; empty where all is well."""
    moved: bool = True
    """Whether it is another model than that of the base."""


def adapt(
    data: Sequence[Path],
    output: Path,
    *,
    base: Path | None = None,
    seed: int = 0,
    jobs: int = 1,
    progress: ProgressCallback,
) -> list[Adapted]:
    """Move the models of a folder, the packaged ones by default, towards corrected pages, and write
    them to `output`; return what became of each.

    `data` are files and folders of labelled pages, of which each paragraph may say whether a person
    confirmed its label; what nobody confirmed is to stay as the base has it. A page that comes
    twice counts as it came last. A model that cross-validation finds worse than its base stays
    that of the base. Raises `UsageError` for data that can't be used, and where the output is the
    base or holds something else than models; `ModelError` for a base that can't be used.
    """
    folder = find_models(base)
    if output.exists() and output.samefile(folder):
        raise UsageError(f"{output}: is the base itself; give another folder with -o")
    check_models_output(output)
    pages = _corrected(read_pages(data))
    Random(seed).shuffle(pages)  # into the parts of cross-validation
    models = {kind: load_model(folder / kind, accurate=True) for kind in KINDS}
    progress(f"adapting to {len(pages)} corrected page{'s' * (len(pages) > 1)}")
    coded = [_coded(page) for page in pages]
    views = page_views(coded, jobs)
    _tell_unfound([p for p in pages if p.html or p.markdown], views["html"], progress)
    fit = map_parallel(_fit_kind, [(models[kind], views[kind]) for kind in KINDS], jobs)
    fitted = dict(zip(KINDS, fit, strict=True))
    found = []
    with in_place_of(output, (*KINDS, WORDS)) as work:
        _copy(folder / WORDS, work / WORDS)
        for kind in KINDS:
            model, before, after = fitted[kind]
            adapted = _sum_up(kind, views[kind], before, after)
            if adapted.moved:
                _save(model, adapted, views[kind], seed, folder / kind, work / kind)
            else:
                _copy(folder / kind, work / kind)
            found.append(adapted)
    progress(f"models: written to {output}")
    return found


def page_views(pages: Sequence[LabelledPage], jobs: int = 1) -> dict[str, list[View]]:
    """The views of pages for each kind of model, those of a page together."""
    came_so = [page for page in pages if page.markdown]
    marked = [*html_views(pages, jobs=jobs), *markdown_views(came_so, jobs=jobs)]
    views = {"text": text_views(pages, jobs=jobs), "html": marked}
    return {kind: [view for view in views[kind] if view.texts] for kind in KINDS}


def _corrected(pages: list[LabelledPage]) -> list[LabelledPage]:
    """The pages with a story, each once."""
    found = {page.id: page for page in pages if page.has_story and page.type not in OTHER_TYPES}
    if not found:
        raise UsageError(
            "the data holds no corrected page with a story; models are adapted to pages of which "
            "a paragraph is labelled article"
        )
    if not any(sure for page in found.values() for _, _, sure in page.told):
        raise UsageError(
            "nobody confirmed a label of these pages, so there is nothing to learn: set "
            "`confirmed` to true where a label is right now, or correct them in `cleaner review`"
        )
    return [*found.values()]


def _tell_unfound(
    pages: Sequence[LabelledPage], views: Sequence[View], progress: ProgressCallback
) -> None:
    """Tell of confirmed paragraphs that their pages of HTML or Markdown do not hold; raise
    `UsageError` where these hold none."""
    found = {v.page: sum(0 <= label < len(LABELS) for label in v.labels) for v in views}
    if pages and not any(found.values()):
        raise UsageError(
            "no page holds the paragraphs that are confirmed for it: give the corrections as they "
            "were saved, each with its own page"
        )
    for page in pages:
        confirmed = sum(sure and label != UNKNOWN for _, label, sure in page.told)
        missing = confirmed - found.get(page.id, 0)
        if missing > 0:
            progress(
                f"page {page.id!r} does not hold {missing} of {confirmed} confirmed paragraphs, "
                "which teach nothing"
            )


def _coded(page: LabelledPage) -> LabelledPage:
    """A page whose labels say whether they are confirmed, so that views carry both over: from
    `len(LABELS)` on they are not."""
    paragraphs = tuple(
        (text, label if sure else label + len(LABELS)) for text, label, sure in page.told
    )
    return replace(page, paragraphs=paragraphs)


def _to_judge(view: View) -> View:
    """A view with all labels: what nobody confirmed counts as it was suggested."""
    labels = [x if x == UNKNOWN else x % len(LABELS) for x in view.labels]
    return replace(view, labels=labels)


@dataclass(frozen=True, slots=True)
class _Read:
    """A corrected page's view, as its base sees it."""

    view: View
    scores: F32
    """Its probabilities by the networks alone, without marks that the base knows."""
    marks: Marks
    known: KnownMarks
    """What the base knows."""

    def judged(self, known: KnownMarks) -> Judged:
        """The view with all labels, and what is said of it with some marks."""
        return Judged(_to_judge(self.view), self.corrected(known), 1.0)

    def corrected(self, known: KnownMarks) -> F32:
        """Its probabilities with some marks."""
        return correct(self.scores, self.marks, *known) if len(known.marks) else self.scores

    @property
    def targets(self) -> F32:
        """The probabilities that it is to have: those of its base where nobody confirmed one."""
        targets = self.corrected(self.known).copy()
        for row, label in enumerate(self.view.labels):
            if 0 <= label < len(LABELS):
                targets[row] = np.arange(len(LABELS)) == label
        return targets


def learn(model: Model, views: Sequence[View]) -> Model:
    """Adapt a model to views of corrected pages, whose labels of `len(LABELS)` and more nobody
    confirmed. Returns it as it is where it has none of them wrong."""
    return _adapted(model, _read(model, views))


def _read(model: Model, views: Sequence[View]) -> list[_Read]:
    """Ask a model of views, by the networks that are asked by default."""
    known = NONE_KNOWN
    if "marks" in model.arrays:
        known = KnownMarks(*(model.arrays[name] for name in MARK_ARRAYS))
    arrays = {name: a for name, a in model.arrays.items() if name not in MARK_ARRAYS}
    networks = model.networks[: FAST_NETWORKS[model.kind]]
    found = judge(replace(model, arrays=arrays, networks=networks), views)
    return [_Read(one.view, one.scores, marks_of(one.view), known) for one in found]


def _is_wrong(read: Sequence[_Read]) -> bool:
    """Whether a confirmed label is another than the base's."""
    for one in read:
        labels = np.array(one.view.labels)
        sure = (labels >= 0) & (labels < len(LABELS))
        if (predict_labels(one.corrected(one.known))[sure] != labels[sure]).any():
            return True
    return False


def _learn(read: Sequence[_Read]) -> KnownMarks:
    """The marks of views with their weights."""
    scores = np.concatenate([one.scores for one in read])
    targets = np.concatenate([one.targets for one in read])
    return fit_marks([one.marks for one in read], scores, targets, read[0].known)


def _adapted(model: Model, read: Sequence[_Read]) -> Model:
    """The model with what views teach; as it is where it has nothing of them wrong."""
    if not _is_wrong(read):
        return model
    return replace(model, arrays=model.arrays | dict(zip(MARK_ARRAYS, _learn(read), strict=True)))


def _fit_kind(given: tuple[Model, Sequence[View]]) -> tuple[Model, list[Judged], list[Judged]]:
    """The model adapted to all views; and what is said of these by the base, and by models that
    are adapted to the others, where there is more than one page."""
    model, views = given
    read = _read(model, views)
    before: list[Judged] = []
    after: list[Judged] = []
    for part in _parts(views):
        others = [one for one in read if one.view.page not in part]
        known = _learn(others) if _is_wrong(others) else read[0].known
        held_out = [one for one in read if one.view.page in part]
        before += [one.judged(one.known) for one in held_out]
        after += [one.judged(known) for one in held_out]
    return _adapted(model, read), before, after


def _parts(views: Sequence[View]) -> list[frozenset[str]]:
    """The pages in parts that are held out by turns; none where there is one page."""
    pages = [*dict.fromkeys(view.page for view in views)]
    return [frozenset(pages[k::FOLDS]) for k in range(min(FOLDS, len(pages)))] * (len(pages) > 1)


def _sum_up(
    kind: str, views: Sequence[View], judged: Sequence[Judged], moved: Sequence[Judged]
) -> Adapted:
    """What became of a model, by what the base and what was moved say of the same views."""
    if not views:
        why = f"{kind}: no corrected page is one for this model, so it stays that of the base"
        return Adapted(kind, warning=why, moved=False)
    if not judged:
        why = f"{kind}: one page is too few to tell whether it got better; correct more of them"
        return Adapted(kind, warning=why)
    before, after = _figures(judged), _figures(moved)
    if after.wrong > before.wrong:
        why = (
            f"{kind}: cross-validation says that it would get worse ({before.wrong} words wrong "
            f"before, {after.wrong} after), so it stays that of the base; correct more pages"
        )
        return Adapted(kind, before, after, why, moved=False)
    if after.f1 < before.f1:
        why = (
            f"{kind}: no more words are wrong than before, but by all labels it got worse (mean F1)"
        )
        return Adapted(kind, before, after, why)
    pages = len({view.page for view in views})
    few = pages < MIN_PAGES or not before.wrong
    why = f"{kind}: {pages} pages are too few to tell how much better it got" if few else ""
    return Adapted(kind, before, after, why)


def _figures(judged: Sequence[Judged]) -> Figures:
    y_true, scores = known_paragraphs(judged)
    return Figures(*wrong_words(judged), mean_f1(y_true, predict_labels(scores)))


def _save(
    model: Model, adapted: Adapted, views: Sequence[View], seed: int, base: Path, folder: Path
) -> None:
    """Write an adapted model's folder."""
    about: dict[str, Any] = {
        "base": hash_model(base),
        "pages": len({view.page for view in views}),
        "sites": sorted({view.site for view in views}),
        "seed": seed,
        "before": adapted.before and asdict(adapted.before),
        "after": adapted.after and asdict(adapted.after),
    }
    about_all = {**model.about, "adapted": about}
    arrays = {name: a for name, a in model.arrays.items() if not name.endswith("_wide")}
    save_model(replace(model, arrays=packed(arrays), about=about_all), folder)
    write_adapted_card(about, base / "README.md", folder)


def _copy(source: Path, target: Path) -> None:
    """Copy a folder of a models folder: its own files, and nothing else that is there."""
    target.mkdir()
    for name in FILES:
        if (source / name).is_file():
            copyfile(source / name, target / name)
