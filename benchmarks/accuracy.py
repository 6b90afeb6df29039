"""The story's text from HTML: cleaner and its peers on the same pages with the same metric.

    python benchmarks/accuracy.py DATA...

DATA are labelled pages (.jsonl, .jsonl.gz: the truth is their `article` paragraphs), or folders in
the form of the article extraction benchmark (`ground-truth.json` and `html/ID.html.gz`). Prints a
Markdown table for each, and writes the last one into the README where asked. The metric is that
benchmark's: precision and recall over the multisets of 4-word shingles, means over pages, and F1 of
the two means.
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

import click
from peers import EXTRACTORS, shown

START, END = "<!-- peers -->", "<!-- end -->"
SHINGLE = 4
Page = tuple[str, str]
"""A page's HTML and the text of its story."""


def read_labelled(path: Path) -> list[Page]:
    pages = []
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for row in map(json.loads, lines):
            if row.get("html") and row.get("type") == "article":
                story = [p["text"] for p in row["paragraphs"] if p["label"] == "article"]
                pages.append((row["html"], "\n".join(story)))
    return pages


def read_benchmark(folder: Path) -> list[Page]:
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    return [
        (gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()).decode(),
         entry["articleBody"])
        for name, entry in truth.items()
    ]  # fmt: skip


def shingles(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    if len(words) < SHINGLE:
        return Counter([tuple(words)] if words else [])
    return Counter(zip(*(words[i:] for i in range(SHINGLE)), strict=False))


def score(found: list[str], pages: list[Page]) -> tuple[float, float, float]:
    precision, recall = [], []
    for text, (_, story) in zip(found, pages, strict=True):
        said, truth = shingles(text), shingles(story)
        hits = (said & truth).total()
        if said:
            precision.append(hits / said.total())
        if truth:
            recall.append(hits / truth.total())
    p, r = sum(precision) / max(len(precision), 1), sum(recall) / max(len(recall), 1)
    return p, r, 2 * p * r / (p + r) if p + r else 0.0


@dataclass
class Row:
    """What an extractor reached."""

    name: str
    precision: float
    recall: float
    f1: float
    pages_per_second: float
    failed: int


def measure(pages: list[Page]) -> list[Row]:
    """Run every extractor on all pages, the best first."""
    rows = []
    for name, (_, make) in EXTRACTORS.items():
        extract = make()
        found, failed, start = [], 0, time.perf_counter()
        for page, _ in pages:
            try:
                found.append(extract(page))
            except Exception:  # a peer may fail in any way: it then found nothing
                found.append("")
                failed += 1
        rate = len(pages) / (time.perf_counter() - start)
        rows.append(Row(shown(name), *score(found, pages), rate, failed))
    return sorted(rows, key=lambda row: -row.f1)


def table(rows: list[Row]) -> str:
    """The table of the README."""
    lines = ["| extractor | precision | recall | F1 |", "|---|---|---|---|"]
    lines += [f"| {r.name} | {r.precision:.3f} | {r.recall:.3f} | {r.f1:.3f} |" for r in rows]
    return "\n".join(lines)


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--readme",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Write the table between this file's lines <!-- peers --> and <!-- end -->.",
)
def main(data: tuple[Path, ...], readme: Path | None) -> None:
    """Print a table of precision, recall, F1 and pages a second for each of DATA."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    for path in data:
        pages = read_benchmark(path) if path.is_dir() else read_labelled(path)
        rows = measure(pages)
        click.echo(f"\n{path.name}: {len(pages)} pages\n")
        click.echo(table(rows))
        click.echo("\nPages a second, and pages on which it failed:\n")
        for row in rows:
            click.echo(f"- {row.name}: {row.pages_per_second:.0f}, {row.failed}")
    if readme:
        text = readme.read_text(encoding="utf-8")
        before, after = text.split(f"{START}\n", 1)
        _, after = after.split(END, 1)
        readme.write_text(f"{before}{START}\n{table(rows)}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
