"""What `cleaner adapt` gains on a site from a few of its pages, and what other sites lose by it.

    python benchmarks/adaptation.py DATA... [--base DIR] [--others DATA]

DATA are the labelled pages that the models are trained on. Of their sites, those with four labelled
pages or more are tested on, by a base that has seen none of them. Without `--base` the base is
trained first, which takes as long as `cleaner train`. Prints Markdown tables for HTML, and for text
(whole pages and what extractors leave of them):

- Wrong words on a site's other pages, before and after the base is adapted to 1, 3 and 5 of its
  pages (5 where it has six pages or more), over several splits of each site. Wrong words are those
  that are kept and not of the story, and those of the story that are dropped, over the words of
  the story, all pages together. "Seen before" is the share of them that a perfect memory of the
  corrected pages would know: those in a box (of text: in a line) that stands on these, too, of the
  story or not as there.
- HTML: boxes that a user decides otherwise than the labels do, what is dropped to be kept or the
  other way round: how many of their words on other pages are as the user wants them, and how many
  other words of these pages are wrong.
- With `--others`, the figures of pages of other sites before and after the base is adapted to 20
  pages.
"""

from __future__ import annotations

import gzip
import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import NamedTuple

import click
import numpy as np
import orjson
from numpy.typing import NDArray

from cleaner.document import predict_labels
from cleaner.labels import ID, STORY_IDS
from cleaner.model.store import KINDS, Model, load_model
from cleaner.training.adapt import learn, page_views
from cleaner.training.data import LabelledPage, read_pages
from cleaner.training.evaluate import Judged, figures, judge, wrong_words
from cleaner.training.train import train
from cleaner.training.views import View

MIN_PAGES = {1: 4, 3: 4, 5: 6}
"""Pages that a site must have, by how many are adapted to."""
SPLITS = 3
"""How often each site's pages are split into corrected and other ones."""
BOXES, BOX_PAGES = 6, (1, 3)
"""Boxes of a site that are decided otherwise, and the pages that this is learned from."""
CORRECTED = 20
"""Pages, of any of the sites, that a model is adapted to before it labels those of others."""


class Wrong(NamedTuple):
    """Words of some views that are wrong, and that are of the story."""

    words: int
    story: int

    @classmethod
    def of(cls, judged: Iterable[Judged]) -> Wrong:
        """Count those of judged views."""
        junk, lost, story = wrong_words(judged)
        return cls(junk + lost, story)


def sites_of(pages: Sequence[LabelledPage]) -> list[str]:
    """The sites that are tested on. A name without a dot is that of no site."""
    count = Counter(page.site for page in pages if "." in page.site)
    return sorted(site for site, pages in count.items() if pages >= min(MIN_PAGES.values()))


def train_base(data: Sequence[Path], left_out: set[str], folder: Path) -> None:
    """Train models on all lines but those of some pages."""
    kept = folder / "data.jsonl"
    with kept.open("wb") as file:
        for path in data:
            files = sorted(path.glob("*.jsonl*")) if path.is_dir() else [path]
            for each in files:
                with gzip.open(each) if each.suffix == ".gz" else each.open("rb") as lines:
                    file.writelines(
                        line for line in lines if orjson.loads(line).get("id") not in left_out
                    )
    train([kept], folder, jobs=os.cpu_count() or 1, progress=click.echo)


def adaptation_table(base: Model, views: dict[str, list[list[View]]]) -> Iterator[str]:
    """Yield the lines of the table of wrong words, each as soon as it is known; views are those of
    each page of each site."""
    yield _row(["pages adapted to", "sites", "wrong words before", "after", "fewer by",
                "seen before", "sites better", "worse"], head=True)  # fmt: skip
    every = [view for pages in views.values() for page in pages for view in page]
    before = {id(one.view): one for one in judge(base, every)}
    known = {id(view): wrong_boxes(before[id(view)]) for view in every}
    for count, least in MIN_PAGES.items():
        sums, told = [Wrong(0, 0)] * 2, 0
        better = worse = 0
        sites = [site for site in sorted(views) if len(views[site]) >= least]
        for site in sites:
            for split in range(SPLITS):
                order = Random(f"{site} {split}").sample(views[site], len(views[site]))
                corrected = [view for page in order[:count] for view in page]
                adapted = learn(base, corrected)
                tested = [view for page in order[count:] for view in page]
                found = [Wrong.of(before[id(v)] for v in tested), Wrong.of(judge(adapted, tested))]
                better += found[1].words < found[0].words
                worse += found[1].words > found[0].words
                sums = [Wrong(a + c, b + d) for (a, b), (c, d) in zip(sums, found, strict=True)]
                boxes = {box for view in corrected for box in boxes_of(view)}
                told += sum(w for view in tested for box, w in known[id(view)] if box in boxes)
        shares = [wrong.words / wrong.story for wrong in sums]
        yield _row([str(count), str(len(sites)), *(f"{100 * share:.2f} %" for share in shares),
                    percent(1 - shares[1] / shares[0]), percent(told / sums[0].words),
                    str(better), str(worse)])  # fmt: skip


def boxes_of(view: View) -> list[tuple[str, bool]]:
    """For each paragraph what it would be known again by, its words or the nearest element around
    it with a class or an id, and whether it is of the story."""
    story = np.isin(view.labels, STORY_IDS).tolist()
    names = view.texts if view.markup is None else nearest_boxes(view)
    return list(zip(names, story, strict=True))


def nearest_boxes(view: View) -> list[str]:
    """The nearest element around each block that has a class or an id; empty where none has."""
    assert view.markup is not None
    elements, found = view.markup.elements, []
    for at in view.markup.blocks.element.tolist():
        while at > 0 and not elements.kinds[elements.kind[at]][1]:
            at = int(elements.parent[at])
        tag, names = elements.kinds[elements.kind[at]]
        found.append(" ".join((tag, *names)) if at > 0 else "")
    return found


def wrong_boxes(one: Judged) -> list[tuple[tuple[str, bool], int]]:
    """What each wrong paragraph would be known by, and its words."""
    boxes = boxes_of(one.view)
    wrong = np.flatnonzero(is_wrong(one)).tolist()
    return [(boxes[n], int(one.words[n])) for n in wrong if boxes[n][0]]


def is_wrong(one: Judged) -> NDArray[np.bool_]:
    """Which paragraphs are kept and not of the story, or of it and dropped."""
    keeps = np.isin(predict_labels(one.scores), STORY_IDS)
    wrong = (keeps != np.isin(one.y_true, STORY_IDS)) & (one.y_true >= 0)
    return np.asarray(wrong, np.bool_)


def box_table(base: Model, views: dict[str, list[list[View]]]) -> Iterator[str]:
    """Yield the lines of the table of boxes that a user decides otherwise than the labels: all that
    stands in one kind of box becomes article where it was none, and boilerplate where it was."""
    yield _row(
        ["pages adapted to", "boxes", "of a box learned", "other words wrong before", "after"],
        head=True,
    )
    boxes = [(site, box) for site in sorted(views) for box in some_boxes(site, views[site])]
    for count in BOX_PAGES:
        learned: list[float] = []
        elsewhere = np.zeros(2, np.int64)
        for site, box in boxes:
            decided = [decide(view, box) for (view,) in views[site] if box in boxes_in(view)]
            order = Random(f"{site} {box}").sample(decided, len(decided))
            adapted = learn(base, order[:count])
            (inside, outside), after = (
                wrong_in_and_out(judge(model, order[count:]), box) for model in (base, adapted)
            )
            if inside:
                learned.append(1 - after[0] / inside)
                elsewhere += outside, after[1]
        others = [f"{words:,}" for words in elsewhere.tolist()]
        yield _row([str(count), str(len(learned)), percent(float(np.mean(learned))), *others])


def wrong_in_and_out(judged: Iterable[Judged], box: str) -> tuple[int, int]:
    """The wrong words in a box, and elsewhere on the same pages."""
    inside = outside = 0
    for one in judged:
        at = np.array([name == box for name in nearest_boxes(one.view)])
        inside += int(one.words[is_wrong(one) & at].sum())
        outside += int(one.words[is_wrong(one) & ~at].sum())
    return inside, outside


def boxes_in(view: View) -> set[str]:
    """The boxes of a page that hold something labelled."""
    pairs = zip(nearest_boxes(view), view.labels, strict=True)
    return {box for box, label in pairs if label >= 0} - {""}


def some_boxes(site: str, pages: Sequence[list[View]]) -> list[str]:
    """Up to `BOXES` boxes of a site, each on four of its pages or more, that hold either story or
    other things, and less than a third of what is on a page."""
    stands, story, large = Counter[str](), Counter[str](), set()
    held: Counter[str] = Counter()
    for (view,) in pages:
        names = nearest_boxes(view)
        here = Counter(names)
        large |= {box for box, count in here.items() if count > len(names) / 3}
        stands.update(boxes_in(view))
        for box, label in zip(names, view.labels, strict=True):
            held[box] += label >= 0
            story[box] += label in STORY_IDS
    found = sorted(
        box for box, count in stands.items()
        if count >= 4 and box not in large and story[box] in (0, held[box])
    )  # fmt: skip
    return Random(site).sample(found, min(BOXES, len(found)))


def decide(view: View, box: str) -> View:
    """A view in which all that stands in a box has the other kind of label."""
    labels = [
        label if name != box or label < 0 else
        ID["boilerplate"] if label in STORY_IDS else ID["article"]
        for name, label in zip(nearest_boxes(view), view.labels, strict=True)
    ]  # fmt: skip
    return replace(view, labels=labels)


def others_table(base: Model, views: Sequence[View], others: Sequence[View]) -> Iterator[str]:
    """Yield the lines of the table of other sites: the figures of a model and of the same adapted
    to views."""
    yield _row(["kind of page", "mean F1 before", "after", "junk before", "after", "kept before",
                "after"], head=True)  # fmt: skip
    before, after = (figures(judge(model, others)) for model in (base, learn(base, views)))
    for kind in before:
        cells = [f"{f[kind]['mean_f1']:.4f}" for f in (before, after)]
        for name in ("junk", "kept"):
            cells += [f"{100 * f[kind][name]:.2f} %" for f in (before, after)]
        yield _row([kind.replace("_", " "), *cells])


def percent(share: float) -> str:
    """A share in whole per cent."""
    return f"{100 * share:.0f} %"


def _row(cells: Sequence[str], head: bool = False) -> str:
    return f"| {' | '.join(cells)} |" + (f"\n{'|---' * len(cells)}|" if head else "")


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--base",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Models that were trained without the sites; else they are trained first.",
)
@click.option(
    "--others",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Labelled pages of other sites, whose figures should stay.",
)
@click.option("--kind", type=click.Choice(KINDS), multiple=True, default=("html", "text"))
def main(
    data: tuple[Path, ...], base: Path | None, others: tuple[Path, ...], kind: tuple[str, ...]
) -> None:
    """Print the tables for each kind of page."""
    labelled = [page for page in read_pages(data) if page.has_story and page.html]
    sites = {*sites_of(labelled)}
    pages = [page for page in labelled if page.site in sites]
    elsewhere = [page for page in read_pages(others) if page.html] if others else []
    with tempfile.TemporaryDirectory() as folder:
        if base is None:
            train_base(data, {page.id for page in pages}, Path(folder))
        for each in kind:
            model = load_model((base or Path(folder)) / each)
            views: dict[str, list[list[View]]] = defaultdict(list)
            for page in pages:
                views[page.site].append(page_views([page])[each])
            tables = [adaptation_table(model, views)]
            if each == "html":
                tables.append(box_table(model, views))
            if elsewhere:
                some = Random(0).sample([page for site in views for page in views[site]], CORRECTED)
                corrected = [view for page in some for view in page]
                tables.append(others_table(model, corrected, page_views(elsewhere)[each]))
            for table in tables:
                click.echo(f"\n{each}:\n")
                for line in table:
                    click.echo(line)


if __name__ == "__main__":
    main()
