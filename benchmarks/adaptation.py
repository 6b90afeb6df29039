"""What `cleaner adapt` gains on a site from a few of its pages, and what other sites lose by it.

    python benchmarks/adaptation.py DATA... [--base DIR]

DATA are the labelled pages that the models are trained on. Of their sites, those with four labelled
pages or more are tested on: by a base that has seen none of them, adapted to 1, 3 and 5 pages of a
site (5 where it has six pages or more), on the site's other pages. Without `--base` the base is
trained first, which takes as long as `cleaner train`. Prints a Markdown table for HTML and one for
text (whole pages and what extractors leave of them).

Wrong words are the words that are kept and not of the story, and those of the story that are
dropped, over the words of the story, all pages together. A site is better or worse where they are
fewer or more. What is lost elsewhere is measured on views of the other sites that are tested on.
"""

from __future__ import annotations

import gzip
import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import click
import orjson

from cleaner.model.store import KINDS, Model, load_model
from cleaner.training.adapt import anchor_views, page_views
from cleaner.training.data import LabelledPage, read_pages
from cleaner.training.evaluate import Judged, judge, wrong_words
from cleaner.training.move import move_model
from cleaner.training.train import train
from cleaner.training.views import View

MIN_PAGES = {1: 4, 3: 4, 5: 6}
"""Pages that a site must have, by how many are adapted to."""
OTHERS = 16
"""Views of other sites that each adapted model is tried on."""


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


def table(model: Model, pages: Sequence[LabelledPage], kind: str) -> Iterator[str]:
    """Yield the lines of a table, each as soon as it is known."""
    head = ("pages adapted to", "sites", "wrong words before", "after", "fewer by", "sites better",
            "worse", "other sites before", "after")  # fmt: skip
    yield f"| {' | '.join(head)} |\n{'|---' * len(head)}|"
    views: dict[str, list[list[View]]] = defaultdict(list)
    for page in pages:
        views[page.site].append(page_views([page])[kind])
    every = [(site, view) for site in views for page in views[site] for view in page]
    before = {id(one.view): one for one in judge(model, [view for _, view in every])}
    anchors = anchor_views()[kind]
    for count, least in MIN_PAGES.items():
        sums = [Wrong(0, 0)] * 4
        better = worse = 0
        sites = [site for site in sorted(views) if len(views[site]) >= least]
        for site in sites:
            rng = Random(site)
            order = rng.sample(views[site], len(views[site]))
            adapted = move_model(model, [view for page in order[:count] for view in page], anchors)
            tested = [view for page in order[count:] for view in page]
            others = rng.sample([view for of, view in every if of != site], OTHERS)
            found = [
                Wrong.of(judged)
                for some in (tested, others)
                for judged in ([before[id(view)] for view in some], judge(adapted, some))
            ]
            better += found[1].words < found[0].words
            worse += found[1].words > found[0].words
            sums = [Wrong(a + c, b + d) for (a, b), (c, d) in zip(sums, found, strict=True)]
        shares = [wrong.words / wrong.story for wrong in sums]
        fewer = 1 - shares[1] / shares[0]
        cells = [str(count), str(len(sites)), *(f"{100 * share:.2f} %" for share in shares[:2]),
                 f"{100 * fewer:.0f} %", str(better), str(worse),
                 *(f"{100 * share:.2f} %" for share in shares[2:])]  # fmt: skip
        yield f"| {' | '.join(cells)} |"


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--base",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Models that were trained without the sites; else they are trained first.",
)
@click.option("--kind", type=click.Choice(KINDS), multiple=True, default=("html", "text"))
def main(data: tuple[Path, ...], base: Path | None, kind: tuple[str, ...]) -> None:
    """Print a table for each kind of page."""
    labelled = [page for page in read_pages(data) if page.has_story and page.html]
    sites = {*sites_of(labelled)}
    pages = [page for page in labelled if page.site in sites]
    with tempfile.TemporaryDirectory() as folder:
        if base is None:
            train_base(data, {page.id for page in pages}, Path(folder))
        for each in kind:
            model = load_model((base or Path(folder)) / each, accurate=True)
            click.echo(f"\n{each}:\n")
            for line in table(model, pages, each):
                click.echo(line)


if __name__ == "__main__":
    main()
