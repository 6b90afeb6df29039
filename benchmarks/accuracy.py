"""The story's text from a page: cleaner and its peers on the same pages with the same metrics.

    python benchmarks/accuracy.py DATA...

DATA are labelled pages (.jsonl, .jsonl.gz: the truth is their `article` paragraphs), or folders in
the form of the article extraction benchmark (`ground-truth.json` and `html/ID.html.gz`). Prints a
Markdown table for each, and with `--docs` writes it into README.md and docs/accuracy.md, between
`<!-- peers: NAME -->` and `<!-- end -->`, NAME being that of DATA.

Precision, recall and F1 are that benchmark's: over the multisets of 4-word shingles, means over
pages, and F1 of the two means. Of labelled pages two things more are told. One is the share of
pages that are right: at most 2 % of the words that come out are not the story, and at most 2 % of
the story's words are missing. A word is found where a 4-word shingle around it stands in the other
text, as often as it stands there: what comes out twice is wrong once. The words of headlines, which
most extractors leave out, are neither right nor wrong. The other is how cleaner does on the pages
as plain text: all of their paragraphs, a line each.
"""

from __future__ import annotations

import gzip
import json
import logging
import re
import time
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import click
from peers import EXTRACTORS, TEXT_EXTRACTORS, Extract, shown
from tables import as_markdown, renew

from cleaner.model.junk import RIGHT_WITHIN

SHINGLE = 4

WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
"""A word of a page that is right or not; in Chinese and Japanese a character is one."""

Words = list[str]
Shingles = Counter[tuple[str, ...]]


class Page(NamedTuple):
    """A page, and what is known of it."""

    html: str
    story: str
    headlines: tuple[str, ...] = ()
    text: str = ""
    """All of its paragraphs, where they are labelled."""


def read_labelled(path: Path) -> list[Page]:
    pages = []
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for row in map(json.loads, lines):
            if row.get("html") and row.get("type") == "article":
                labelled = [(p["label"], " ".join(p["text"].split())) for p in row["paragraphs"]]
                story = "\n".join(text for label, text in labelled if label == "article")
                headlines = tuple(text for label, text in labelled if label == "headline")
                whole = "\n".join(text for _, text in labelled)
                pages.append(Page(row["html"], story, headlines, whole))
    return pages


def read_benchmark(folder: Path) -> list[Page]:
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    return [
        Page(gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()).decode(),
             entry["articleBody"])
        for name, entry in truth.items()
    ]  # fmt: skip


def shingles(words: Words) -> Shingles:
    size = min(SHINGLE, len(words))
    return Counter(zip(*(words[i:] for i in range(size)), strict=False))


def score(found: list[str], pages: list[Page]) -> tuple[float, float, float]:
    precision, recall = [], []
    for text, page in zip(found, pages, strict=True):
        said, truth = (shingles(re.findall(r"\w+", words)) for words in (text, page.story))
        hits = (said & truth).total()
        if said:
            precision.append(hits / said.total())
        if truth:
            recall.append(hits / truth.total())
    p, r = sum(precision) / max(len(precision), 1), sum(recall) / max(len(recall), 1)
    return p, r, 2 * p * r / (p + r) if p + r else 0.0


def is_right(text: str, page: Page) -> bool:
    said, story = WORD.findall(text), WORD.findall(page.story)
    of_story, neither = covered(said, shingles(story)), [False] * len(said)
    for headline in map(WORD.findall, page.headlines):
        anywhere = Counter(dict.fromkeys(shingles(headline), len(said)))
        neither = [*map(max, neither, covered(said, anywhere))]
    wrong = sum(not (a or b) for a, b in zip(of_story, neither, strict=True))
    counted = sum(a or not b for a, b in zip(of_story, neither, strict=True))
    missing = covered(story, shingles(said)).count(False)
    return wrong <= RIGHT_WITHIN * counted and missing <= RIGHT_WITHIN * len(story)


def covered(words: Words, known: Shingles) -> list[bool]:
    """Which words stand in one of the known shingles, each taken as often as it is there."""
    left, result = known.copy(), [False] * len(words)
    size = min(map(len, known), default=SHINGLE)
    for i in range(len(words) - size + 1):
        shingle = tuple(words[i : i + size])
        if left[shingle] > 0:
            left[shingle] -= 1
            result[i : i + size] = [True] * size
    return result


@dataclass
class Row:
    """What an extractor reached."""

    name: str
    precision: float
    recall: float
    f1: float
    right: float | None
    """Share of pages, None where they are not labelled."""
    pages_per_second: float
    failed: int


def measure(pages: list[Page]) -> list[Row]:
    """Run every extractor on all pages, the best first."""
    labelled = any(page.text for page in pages)
    sources = [page.html for page in pages]
    rows = [run(shown(name), make(), sources, pages) for name, (_, make) in EXTRACTORS.items()]
    if labelled:
        sources = [page.text for page in pages]
        of_text = TEXT_EXTRACTORS.items()
        rows += [run(shown(name), make(), sources, pages) for name, (_, make) in of_text]
    return sorted(rows, key=lambda row: -row.f1)


def run(name: str, extract: Extract, sources: list[str], pages: list[Page]) -> Row:
    found, failed, start = [], 0, time.perf_counter()
    for source in sources:
        try:
            found.append(extract(source))
        except Exception:  # a peer may fail in any way: it then found nothing
            found.append("")
            failed += 1
    rate = len(pages) / (time.perf_counter() - start)
    right = [is_right(text, page) for text, page in zip(found, pages, strict=True) if page.text]
    share = sum(right) / len(right) if right else None
    return Row(name, *score(found, pages), share, rate, failed)


def table(rows: list[Row]) -> list[list[str]]:
    """The table of the README, with the share of pages that are right where they are labelled."""
    head = ["extractor", "precision", "recall", "F1"]
    lines = [[r.name, f"{r.precision:.3f}", f"{r.recall:.3f}", f"{r.f1:.3f}"] for r in rows]
    if rows[0].right is not None:
        head.append("pages right")
        for line, row in zip(lines, rows, strict=True):
            line.append(f"{100 * row.right:.0f} %")
    return [head, *lines]


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--docs", is_flag=True, help="Write the tables into README.md and docs/accuracy.md.")
def main(data: tuple[Path, ...], docs: bool) -> None:
    """Print a table of precision, recall, F1, pages right and pages a second for each of DATA."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    for path in data:
        pages = read_benchmark(path) if path.is_dir() else read_labelled(path)
        rows = measure(pages)
        click.echo(f"\n{path.name}: {len(pages)} pages\n")
        click.echo(as_markdown(table(rows)))
        click.echo("\nPages a second, and pages on which it failed:\n")
        for row in rows:
            click.echo(f"- {row.name}: {row.pages_per_second:.0f}, {row.failed}")
        if docs:
            renew(f"peers: {path.name.split('.')[0]}", table(rows))


if __name__ == "__main__":
    main()
