"""`cleaner review`: pages in, one HTML file in which a person corrects their labels out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from cleaner.cleaner import Cleaner
from cleaner.cli.inputs import Inputs
from cleaner.cli.options import input_options, keep_option, limit_options, workers_option
from cleaner.cli.output import choose_format, output_option, refuse_input, refuse_what_is_read
from cleaner.cli.terminal import say
from cleaner.errors import PageError, UsageError
from cleaner.formats import write_file
from cleaner.model.store import hash_models
from cleaner.options import Options
from cleaner.pages import Page
from cleaner.review.choose import Candidate, Suggested, choose, suggest
from cleaner.review.entry import entry_of, make_entry
from cleaner.review.render import render
from cleaner.training.corrections import Ids, corrected_page
from cleaner.training.data import LabelledPage, read_pages

PAGES = 50
"""Pages that are looked at in an hour or two."""

MAX_PAGES = 100_000


@click.command()
@input_options
@keep_option
@click.option(
    "--pages",
    "number",
    type=click.IntRange(1, MAX_PAGES),
    metavar="N",
    default=PAGES,
    show_default=True,
    help="How many pages to look at, beside those of --resume.",
)
@click.option("--all", "every", is_flag=True, help="Look at all pages.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the lot: see below.")
@click.option(
    "--resume",
    metavar="FILE",
    type=click.Path(exists=True, path_type=Path),
    help="Corrections that were saved before: their pages come first, as they were left.",
)
@workers_option(1, "this process alone")
@limit_options(" with several workers, else none")
@output_option
def review(
    number: int,
    every: bool,
    seed: int,
    resume: Path | None,
    output: str,
    options: Options,
    **inputs: Any,
) -> int:
    """Make one HTML file in which to look at labelled pages and correct them.

    An INPUT is a file, a folder, a quoted pattern or a URL, as for `cleaner label`. The file needs
    no server, no network and no Python: open it in a browser, or mail it to whoever knows the
    sites. What is corrected there is kept by the browser; its button "Save" downloads
    corrections.jsonl, which `cleaner evaluate` and `cleaner train` read as labelled pages.

    The page with most words in doubt comes first. Where there are more than N, they are drawn by
    lot, each with a chance in proportion to its words in doubt.

    \b
    Examples:
      cleaner review crawl/ -o review.html
      cleaner review "CC-NEWS-*.warc.gz" --pages 100 --workers 4 -o review.html
      cleaner review crawl/ --resume corrections.jsonl -o review.html
      cleaner review --resume corrections.jsonl -o review.html

    \b
    Exit status: 0 all went well; 1 some of the input failed, and the rest was
    processed; 2 wrong use, or no usable model.
    """
    choose_format("html" if output == "-" else None, output, ("html",))
    refuse_what_is_read(output, options, inputs)
    models = hash_models(options.models)
    entries = _resumed(resume, output, options, models) if resume else []
    pages = Inputs(options=options, make=suggest, **inputs)
    ids = Ids(entry["form"]["id"] for entry in entries)
    if inputs["files"] or not resume:
        candidates = _candidates(pages, {entry["form"]["id"] for entry in entries})
        chosen = choose(candidates, None if every else number, seed)
        entries += (entry_of(candidate, ids, models) for candidate in chosen)
    if not entries:
        raise PageError("no page with a paragraph came in, so there is nothing to look at")
    write_file([render(entries, options.keep)], output)
    say(f"{len(entries):,} page{'s' * (len(entries) > 1)} to look at; open the file in a browser")
    return pages.status


def _candidates(pages: Inputs[Suggested], known: set[str]) -> Iterator[Candidate]:
    """Yield the pages that have paragraphs, but for those whose id is known already."""
    for batch in pages.label():
        for record, found in batch:
            assert isinstance(record.page, Page)  # one without a page is told, and left out
            if found.texts and (record.page.url or record.where) not in known:
                yield Candidate(record.page, record.fields, record.where, found)


def _resumed(
    resume: Path, output: str, options: Options, models: dict[str, str]
) -> list[dict[str, Any]]:
    """Return the pages that were saved before, labelled again, as a person left them."""
    refuse_input(output, [str(resume)])
    saved = [page for page in read_pages([resume]) if page.paragraphs and page.kind != "written"]
    cleaner = Cleaner.of(options)
    sources = [_source(page) for page in saved]
    entries = []
    for before, source, document in zip(saved, sources, cleaner.label_each(sources), strict=True):
        if isinstance(document, PageError):
            raise UsageError(f"{resume}: page {before.id!r}: {document}; take it out")
        form = corrected_page(
            source,
            (),
            {"title": before.title, "language": before.language},
            id=before.id,
            site=before.site,
            title=document.title,
            is_article=document.counts_as_article,
            models=models,
        )
        entries.append(make_entry(form, source, suggest(document), before))
    return entries


def _source(page: LabelledPage) -> Page:
    """Return a page as it came in; of other labelled data there is no text but the paragraphs."""
    url = page.url or None
    if page.html:
        return Page(page.html, "html", url)
    if page.markdown:
        return Page(page.markdown, "markdown", url)
    return Page(page.text or "\n".join(text for text, _ in page.paragraphs), "text", url)
