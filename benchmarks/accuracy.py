"""The story's text from HTML: cleaner and its peers on the same pages with the same metric.

    python benchmarks/accuracy.py DATA...

DATA are labelled pages (.jsonl, .jsonl.gz: the truth is their `article` paragraphs), or folders in
the form of the article extraction benchmark (`ground-truth.json` and `html/ID.html.gz`). Prints a
Markdown table for each. The metric is that benchmark's: precision and recall over the multisets of
4-word shingles, means over pages, and F1 of the two means.
"""

from __future__ import annotations

import gzip
import json
import logging
import re
import time
import warnings
from collections import Counter
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import click
import justext
import trafilatura
from lxml import html as lxml_html

from cleaner import Cleaner

SHINGLE = 4
PEERS = {
    "trafilatura": "trafilatura",
    "trafilatura, precision": "trafilatura",
    "trafilatura, recall": "trafilatura",
    "readability-lxml": "readability-lxml",
    "resiliparse": "Resiliparse",
    "jusText": "jusText",
    "newspaper4k": "newspaper4k",
    "boilerpy3": "boilerpy3",
}
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


def extractors() -> dict[str, Callable[[str], str]]:
    from boilerpy3.extractors import ArticleExtractor
    from newspaper import Article
    from readability import Document
    from resiliparse.extract.html2text import extract_plain_text

    cleaner = Cleaner()

    def newspaper(page: str) -> str:
        article = Article("https://example.com/", fetch_images=False)
        article.download(input_html=page)
        article.parse()
        return str(article.text)

    def just(page: str) -> str:
        language = re.search(r"<html[^>]*\blang=[\"']?(\w\w)", page[:2000], re.I)
        names = {"de": "German", "fr": "French", "es": "Spanish"}
        stoplist = justext.get_stoplist(names.get(language[1] if language else "", "English"))
        found = justext.justext(page, stoplist)
        return "\n".join(p.text for p in found if not p.is_boilerplate)

    return {
        "cleaner": lambda page: cleaner.clean(page, keep=["article"], kind="html"),
        "trafilatura": lambda page: trafilatura.extract(page) or "",
        "trafilatura, precision": lambda page: (
            trafilatura.extract(page, favor_precision=True) or ""
        ),
        "trafilatura, recall": lambda page: trafilatura.extract(page, favor_recall=True) or "",
        "readability-lxml": lambda page: lxml_html.fromstring(
            Document(page).summary()
        ).text_content(),
        "resiliparse": lambda page: extract_plain_text(page, main_content=True, alt_texts=False),
        "jusText": just,
        "newspaper4k": newspaper,
        "boilerpy3": ArticleExtractor().get_content,
    }


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def main(data: tuple[Path, ...]) -> None:
    """Print a table of precision, recall, F1 and pages a second for each of DATA."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    for path in data:
        pages = read_benchmark(path) if path.is_dir() else read_labelled(path)
        click.echo(f"\n{path.name}: {len(pages)} pages\n")
        click.echo("| extractor | version | precision | recall | F1 | pages/s | failed |")
        click.echo("|---|---|---|---|---|---|---|")
        for name, extract in extractors().items():
            found, failed, start = [], 0, time.perf_counter()
            for page, _ in pages:
                try:
                    found.append(extract(page))
                except Exception:  # a peer may fail in any way: it then found nothing
                    found.append("")
                    failed += 1
            rate = len(pages) / (time.perf_counter() - start)
            p, r, f1 = score(found, pages)
            release = version(PEERS.get(name, name))
            click.echo(
                f"| {name} | {release} | {p:.3f} | {r:.3f} | {f1:.3f} | {rate:.0f} | {failed} |"
            )


if __name__ == "__main__":
    main()
