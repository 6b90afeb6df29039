"""Which of cleaner and its peers does what: each line of the table is a check that is run.

    python benchmarks/features.py            prints the table, and how each line is checked
    python benchmarks/features.py --docs     puts the table into README.md

A check calls a program on small pages that are made up here, and looks at what comes out. A program
that has no check in a line has nothing of the kind in its documented interface: "–", too. What it
needs is in README.md. Nothing outside this machine is asked; two checks that would fetch data look
only whether the thing is there, and say so.
"""

from __future__ import annotations

import functools
import json
import logging
import os
import tempfile
import warnings
from collections.abc import Callable
from contextlib import chdir
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import click
from feature_checks import (
    answers_at_once,
    by_extractor,
    c4_step,
    cleaner_dedupes,
    cleaner_dial,
    cleaner_learns,
    cleaner_metadata,
    cleaner_positions,
    cleaner_step,
    datatrove_cleans,
    datatrove_dedupes,
    datatrove_extracts,
    datatrove_filters,
    datatrove_goes_on,
    datatrove_reads,
    example,
    fetches,
    file,
    goes_on,
    has,
    has_story,
    is_markdown,
    justext,
    justext_dial,
    justext_positions,
    label,
    newspaper,
    newspaper_metadata,
    parquet,
    readability,
    resiliparse,
    resiliparse_language,
    resiliparse_reads_warc,
    run,
    trafilatura,
    trafilatura_compares,
    trafilatura_dedupes,
    trafilatura_dial,
    trafilatura_knows_articles,
    trafilatura_metadata,
    trafilatura_step,
    warc,
)
from feature_pages import COMMENT, MENU, NEAR, PATH, SAME, SHOP, STORY, TEXT, URL
from feature_site import (
    newspaper_fetches,
    newspaper_source,
    trafilatura_crawls,
    trafilatura_feeds,
    trafilatura_fetches,
)
from peers import EXTRACTORS
from tables import ROOT, as_markdown, renew

os.environ |= {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}

PACKAGES = {
    "cleaner": "article-cleaner",
    "trafilatura": "trafilatura",
    "readability-lxml": "readability-lxml",
    "newspaper4k": "newspaper4k",
    "jusText": "jusText",
    "resiliparse": "Resiliparse",
    "datatrove": "datatrove",
}
"""The programs, in the order of the columns."""

Check = Callable[[], object]


class Feature(NamedTuple):
    """A line of the table."""

    name: str
    how: str
    """How it is checked."""
    checks: dict[str, Check]
    """Of the programs that may have it: what is true where they do."""


HTML_READERS = tuple(peer for peer in PACKAGES if peer in EXTRACTORS)
CLEANER_RUN = ("cleaner", "run", "in", "-o", "out", "--workers", "1")
FEATURES = (
    Feature(
        "the story out of HTML", "all of it is there, the menu and the footer are not",
        {peer: functools.partial(by_extractor, peer) for peer in HTML_READERS}
        | {"datatrove": lambda: datatrove_extracts("Trafilatura")},
    ),
    Feature(
        "the story out of plain text", "the same, of the page's text with its menu and teasers",
        {peer: functools.partial(by_extractor, peer, TEXT) for peer in HTML_READERS}
        | {"cleaner": lambda: by_extractor("cleaner, plain text", TEXT)}
        | {"datatrove": lambda: by_extractor("datatrove, C4 filter", TEXT)},
    ),
    Feature(
        "tells captions, teasers, advertisements and the rest apart",
        "the page's paragraphs have all six labels",
        {"cleaner": lambda: len(set(label().labels)) == 6},
    ),
    Feature(
        "a verdict on each paragraph, kept or not", "the menu is there, as dropped",
        {"cleaner": lambda: MENU[3] in label().texts,
         "jusText": lambda: any(p.text == MENU[3] and p.is_boilerplate for p in justext())},
    ),
    Feature(
        "a probability for each paragraph", "it is a number from 0 to 1",
        {"cleaner": lambda: all(0 <= p.probability <= 1 for p in label().paragraphs)},
    ),
    Feature(
        "stricter or milder", "two settings keep more and less, or go by other rules",
        {"cleaner": cleaner_dial, "trafilatura": trafilatura_dial, "jusText": justext_dial},
    ),
    Feature(
        "where each paragraph stands", "its XPath finds it in the page",
        {"cleaner": cleaner_positions, "jusText": justext_positions},
    ),
    Feature(
        "why", "reasons are given for a paragraph",
        {"cleaner": lambda: bool(label().explain(0).reasons)},
    ),
    Feature(
        "learns from corrected pages", "new models are made of a page, and clean it",
        {"cleaner": cleaner_learns},
    ),
    Feature(
        "leaves out what a selector or XPath names", "a paragraph of the story, by its class",
        {"trafilatura": lambda: STORY[4] not in trafilatura(prune_xpath='//p[@class="north"]'),
         "resiliparse": lambda: STORY[4] not in resiliparse(skip_elements=[".north"])},
    ),
    Feature(
        "Markdown", "headings, bold, lists, tables and links are there",
        {"cleaner": lambda: is_markdown(label().markdown()),
         "trafilatura": lambda: is_markdown(
             trafilatura(output_format="markdown", include_links=True))},
    ),
    Feature(
        "HTML or XML of the story", "its heading is in a tag",
        {"trafilatura": lambda: "<h2>" in trafilatura(output_format="html"),
         "readability-lxml": lambda: "<h2>" in readability().summary(),
         "newspaper4k": lambda: "<h2>" in newspaper().article_html,
         "resiliparse": lambda: "<h2>" in resiliparse(preserve_formatting="minimal_html")},
    ),
    Feature(
        "pictures of the story", "the address of the picture is there",
        {"cleaner": lambda: "/ferry.jpg" in label().markdown(
            keep=["article", "caption"], images=True),
         "trafilatura": lambda: "/ferry.jpg" in trafilatura(include_images=True),
         "readability-lxml": lambda: "/ferry.jpg" in readability().summary(keep_all_images=True),
         "newspaper4k": lambda: any("/ferry.jpg" in url for url in newspaper().images)},
    ),
    Feature(
        "title, author and date", "they are those of the page",
        {"cleaner": cleaner_metadata, "trafilatura": trafilatura_metadata,
         "newspaper4k": newspaper_metadata},
    ),
    Feature(
        "the language", "it is English; of datatrove its filter is there, which fetches a model",
        {"cleaner": lambda: label(TEXT).metadata["language"] == "en",
         "trafilatura": lambda: trafilatura(target_language="en")
         and not trafilatura(target_language="de"),
         "newspaper4k": lambda: newspaper().meta_lang == "en",
         "resiliparse": resiliparse_language,
         "datatrove": lambda: has("datatrove.pipeline.filters", "LanguageFilter")},
    ),
    Feature(
        "whether a page is an article at all", "the page is, a list of chairs is not",
        {"cleaner": lambda: label().counts_as_article and not label(SHOP).counts_as_article,
         "trafilatura": trafilatura_knows_articles,
         "newspaper4k": lambda: newspaper().is_valid_body()
         and not newspaper(SHOP).is_valid_body()},
    ),
    Feature(
        "comments as a text of their own", "the comment is there, and no story",
        {"trafilatura": lambda: COMMENT in json.loads(
            trafilatura(output_format="json"))["comments"]},
    ),
    Feature(
        "keywords and a summary", "the method is there; it fetches data of NLTK, and is not run",
        {"newspaper4k": lambda: has("newspaper", "Article") and callable(newspaper().nlp)},
    ),
    Feature(
        "quality filters of C4, FineWeb and Gopher", "they take a document",
        {"datatrove": lambda: datatrove_filters(
            "C4QualityFilter", "FineWebQualityFilter", "GopherQualityFilter")},
    ),
    Feature(
        "a command that cleans a file", "the story is in what it prints",
        {"cleaner": lambda: STORY[0] in run("cleaner", "clean", file("page.html")),
         "trafilatura": lambda: STORY[0] in run(
             "trafilatura.cli", "--input-dir", Path(file("in/page.html")).parent),
         "readability-lxml": lambda: STORY[0] in run("readability.readability", file("page.html")),
         "newspaper4k": lambda: STORY[0] in run(
             "newspaper", "--url", URL, "--html-from-file", file("page.html"), "--skip-nlp",
             "--skip-fetch-images", "--output-format", "text", "--output-file", "out.txt")
         + Path("out.txt").read_text(),
         "jusText": lambda: STORY[0] in run("justext", "-s", "English", file("page.html"))},
    ),
    Feature(
        "JSON Lines through a pipe", "a page comes out before the next one goes in",
        {"cleaner": answers_at_once},
    ),
    Feature(
        "WARC in", "the page is read",
        {"cleaner": lambda: has_story(run("cleaner", "clean", warc(), "--to", "text")),
         "resiliparse": resiliparse_reads_warc,
         "datatrove": lambda: warc() and datatrove_reads("WarcReader", "page.warc")},
    ),
    Feature(
        "Parquet in", "the page is read",
        {"cleaner": lambda: has_story(run("cleaner", "clean", parquet(), "--to", "text")),
         "datatrove": lambda: parquet() and datatrove_reads("ParquetReader", "pages.parquet")},
    ),
    Feature(
        "runs over many files that go on where they stopped", "what is done is not done again",
        {"cleaner": lambda: goes_on(lambda: run(*CLEANER_RUN), "{}-00000.jsonl.gz"),
         "datatrove": datatrove_goes_on},
    ),
    Feature(
        "leaves out duplicates", "a page is left out that was there before, at last the twelfth",
        {"cleaner": lambda: cleaner_dedupes(SAME), "trafilatura": trafilatura_dedupes,
         "datatrove": lambda: datatrove_dedupes(SAME)},
    ),
    Feature(
        "finds near-duplicates", "a page that differs in a word is told from another",
        {"cleaner": lambda: cleaner_dedupes(NEAR, "near"), "trafilatura": trafilatura_compares,
         "datatrove": lambda: datatrove_dedupes(NEAR)},
    ),
    Feature(
        "a step in datatrove", "the story is in what a pipeline writes",
        {"cleaner": lambda: datatrove_cleans(cleaner_step()),
         "trafilatura": lambda: datatrove_cleans(trafilatura_step()),
         "datatrove": lambda: datatrove_cleans(c4_step(), TEXT)},
    ),
    Feature(
        "in Spark, Ray, Scrapy and Hugging Face datasets", "the examples run",
        {"cleaner": lambda: all(map(example, (
            "spark_job.py", "ray_dataset.py", "scrapy_spider.py", "datasets_map.py")))},
    ),
    Feature(
        "fetches a page", "the story is on a site of this machine",
        {"cleaner": lambda: fetches("cleaner", "clean"), "trafilatura": trafilatura_fetches,
         "readability-lxml": lambda: fetches("readability.readability", "-u"),
         "newspaper4k": newspaper_fetches},
    ),
    Feature(
        "crawls a site", "it finds the story from the home page",
        {"trafilatura": trafilatura_crawls,
         "newspaper4k": lambda: any(PATH in one.url for one in newspaper_source().articles)},
    ),
    Feature(
        "feeds and sitemaps", "it finds the story, or the feed",
        {"trafilatura": trafilatura_feeds,
         "newspaper4k": lambda: any("feed" in url for url in newspaper_source().feed_urls())},
    ),
)  # fmt: skip


def is_true(check: Check) -> bool:
    """Run a check in a folder of its own; one that fails is not true."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        try:
            return bool(check())
        except Exception as error:  # a program may fail in any way: it then lacks the feature
            click.echo(f"  {type(error).__name__}: {error}"[:200], err=True)
            return False


@click.command(help=__doc__.partition("\n")[0])
@click.option("--docs", is_flag=True, help="Put the table into README.md.")
@click.option("--only", metavar="WORDS", default="", help="The lines with these words.")
def main(docs: bool, only: str) -> None:
    logging.disable(logging.ERROR)
    warnings.simplefilter("ignore")
    rows = [["", *(f"{name} {version(package)}" for name, package in PACKAGES.items())]]
    hows = []
    for name, how, checks in FEATURES:
        if only not in name:
            continue
        found = []
        for peer in PACKAGES:
            click.echo(f"{name}: {peer}", err=True)
            found.append("yes" if peer in checks and is_true(checks[peer]) else "–")
        rows.append([name, *found])
        hows.append(f"- {name}: {how}")
    click.echo(as_markdown(rows))
    click.echo("\n" + "\n".join(hows))
    if docs:
        renew("features", rows)


if __name__ == "__main__":
    main()
