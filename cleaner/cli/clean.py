"""`cleaner clean`: pages in, their clean text out."""

from __future__ import annotations

from itertools import chain
from typing import Any

import click

from cleaner.cli.inputs import Inputs, input_options
from cleaner.cli.output import output_option, write_all
from cleaner.formats import WRITERS
from cleaner.labels import LABELS, STORY, check_labels


def _labels(ctx: click.Context, option: click.Parameter, value: str) -> tuple[str, ...]:
    return check_labels(name.strip() for name in value.split(",") if name.strip())


@click.command()
@input_options
@click.option(
    "--keep",
    metavar="LABEL,...",
    default=",".join(STORY),
    show_default=True,
    callback=_labels,
    help=f"The labels to keep, out of {', '.join(LABELS)}.",
)
@click.option(
    "--to",
    type=click.Choice(["text", "jsonl"]),
    help="What to write.  [default: jsonl if the first page is from JSON Lines, else text]",
)
@output_option
def clean(keep: tuple[str, ...], to: str | None, output: str, **inputs: Any) -> int:
    """Put out the clean text of each page: its headline and article, and nothing else.

    A FILE is a page of plain text or of HTML, or JSON Lines with a page a line. Without a FILE, or
    with -, standard input is read. Pages come out in the order in which they went in.

    Text: the kept paragraphs, a blank line between two; where there are several pages, a line
    with a form feed stands between two. JSON Lines: the clean text in the text field, the HTML
    left out, all other fields as they were; a page from a text or HTML file gets its file name
    as `id`.

    \b
    Examples:
      cleaner clean page.html
      cleaner clean *.html --to jsonl -o clean.jsonl
      zcat crawl.jsonl.gz | cleaner clean --html-field content | gzip > clean.jsonl.gz
      cleaner clean --keep headline,article,caption page.txt

    \b
    Exit status: 0 all went well; 1 some of the input failed, and the rest was
    processed; 2 wrong use, or no usable model.
    """
    pages = Inputs(**inputs)
    batches = pages.label()
    first = next(batches, [])
    if to is None:
        to = "jsonl" if first and first[0][0].format == "jsonl" else "text"
    rows = (
        [{**r.fields, pages.text_field: document.text(keep)} for r, document in batch]
        for batch in chain([first], batches)
    )
    write_all(WRITERS[to](rows, pages.text_field), output)
    return pages.status
