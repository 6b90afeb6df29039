"""Adapt models to corrected pages: a models folder and corrections in, a models folder out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from shutil import copyfile
from typing import Any

from cleaner.document import predict_labels
from cleaner.errors import UsageError
from cleaner.labels import LABELS
from cleaner.model.store import (
    FAST_NETWORKS,
    FILES,
    KINDS,
    WORDS,
    Model,
    data_folders,
    find_models,
    hash_model,
    load_model,
    save_model,
)
from cleaner.training.card import write_adapted_card
from cleaner.training.data import OTHER_TYPES, UNKNOWN, LabelledPage, read_pages
from cleaner.training.evaluate import Judged, judge, known_paragraphs, mean_f1, wrong_words
from cleaner.training.fit import ProgressCallback, packed
from cleaner.training.move import move_model
from cleaner.training.output import check_models_output, in_place_of
from cleaner.training.parallel import map_parallel
from cleaner.training.views import View, html_views, markdown_views, text_views

FOLDS = 3
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
    moved, compared = _fit(models, views, anchor_views(jobs), jobs)
    found = []
    with in_place_of(output, (*KINDS, WORDS)) as work:
        _copy(folder / WORDS, work / WORDS)
        for kind in KINDS:
            adapted = _sum_up(kind, views[kind], *compared[kind])
            if adapted.moved:
                _save(moved[kind], adapted, views[kind], seed, folder / kind, work / kind)
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


def anchor_views(jobs: int = 1) -> dict[str, list[View]]:
    """The views of the project's sample pages: what models say of these is to stay."""
    installed, checkout = data_folders("seeds")
    return page_views(read_pages([installed if installed.is_dir() else checkout]), jobs)


def _corrected(pages: list[LabelledPage]) -> list[LabelledPage]:
    """The pages with a story, each once."""
    found = {page.id: page for page in pages if page.has_story and page.type not in OTHER_TYPES}
    if not found:
        raise UsageError(
            "the data holds no corrected page with a story; models are adapted to pages of which "
            "a paragraph is labelled article"
        )
    return [*found.values()]


def _coded(page: LabelledPage) -> LabelledPage:
    """A page whose labels say whether they are confirmed, so that views carry both over: from
    `len(LABELS)` on they are not."""
    paragraphs = tuple(
        (text, label if sure else label + len(LABELS)) for text, label, sure in page.told
    )
    return replace(page, paragraphs=paragraphs)


def _to_learn(views: Sequence[View]) -> list[View]:
    """Views with the labels that are confirmed."""
    known = [[x if x < len(LABELS) else UNKNOWN for x in view.labels] for view in views]
    return [replace(view, labels=labels) for view, labels in zip(views, known, strict=True)]


def _to_judge(views: Sequence[View]) -> list[View]:
    """Views with all labels: what nobody confirmed counts as it was suggested."""
    known = [[x if x == UNKNOWN else x % len(LABELS) for x in view.labels] for view in views]
    return [replace(view, labels=labels) for view, labels in zip(views, known, strict=True)]


_Task = tuple[str, frozenset[str]]
"""A kind of model, and the pages that are held out."""


def _fit(
    models: Mapping[str, Model],
    views: Mapping[str, Sequence[View]],
    anchors: Mapping[str, Sequence[View]],
    jobs: int,
) -> tuple[dict[str, Model], dict[str, tuple[list[Judged], list[Judged]]]]:
    """The models moved by all views of their kind, where there are any; and what is said of these
    by the base, and by models that are moved by the others, where there is more than one page."""
    tasks: list[_Task] = [(kind, frozenset()) for kind in KINDS if views[kind]]
    tasks += [(kind, part) for kind in KINDS for part in _parts(views[kind])]
    done = map_parallel(partial(_fit_one, models, views, anchors), tasks, jobs)
    moved: dict[str, Model] = {}
    compared: dict[str, tuple[list[Judged], list[Judged]]] = {kind: ([], []) for kind in KINDS}
    for (kind, held_out), (model, before, after) in zip(tasks, done, strict=True):
        if not held_out:
            moved[kind] = model
        compared[kind][0].extend(before)
        compared[kind][1].extend(after)
    return moved, compared


def _fit_one(
    models: Mapping[str, Model],
    views: Mapping[str, Sequence[View]],
    anchors: Mapping[str, Sequence[View]],
    task: _Task,
) -> tuple[Model, list[Judged], list[Judged]]:
    """Move a model by all pages but those held out; return it, and what the base and it say of
    these."""
    kind, held_out = task
    model = models[kind]
    if held_out:  # by the networks that are asked by default
        model = replace(model, networks=model.networks[: FAST_NETWORKS[kind]])
    learned = _to_learn([view for view in views[kind] if view.page not in held_out])
    moved = move_model(model, learned, anchors[kind])
    if not held_out:
        return moved, [], []
    judged = _to_judge([view for view in views[kind] if view.page in held_out])
    return model, judge(model, judged), judge(moved, judged)


def _parts(views: Sequence[View]) -> list[frozenset[str]]:
    """The pages in parts that are held out by turns; none where there is one page."""
    pages = [*dict.fromkeys(view.page for view in views)]
    return [frozenset(pages[k::FOLDS]) for k in range(min(FOLDS, len(pages)))] * (len(pages) > 1)


def _sum_up(
    kind: str, views: Sequence[View], judged: Sequence[Judged], moved: Sequence[Judged]
) -> Adapted:
    """What became of a model, by what the base and what was moved say of the same views."""
    if not views:
        why = f"no corrected page has HTML or Markdown, so the {kind} model stays that of the base"
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
    save_model(replace(model, arrays=packed(model.arrays), about=about_all), folder)
    write_adapted_card(about, base / "README.md", folder)


def _copy(source: Path, target: Path) -> None:
    """Copy a folder of a models folder: its own files, and nothing else that is there."""
    target.mkdir()
    for name in FILES:
        if (source / name).is_file():
            copyfile(source / name, target / name)
