"""`cleaner label`: pages in, their paragraphs with labels out."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from cleaner.cli.inputs import Inputs
from cleaner.cli.options import input_options, workers_option
from cleaner.cli.output import choose_format, output_option
from cleaner.document import Document, Paragraph
from cleaner.formats import Record, Row, encode_rows, write_file
from cleaner.labels import LABELS

FORMATS = ("jsonl", "parquet", "table")

DIGITS = 4
"""Of a probability; more than a model's figures could bear out."""


@click.command()
@input_options
@workers_option(1, "this process alone")
@click.option(
    "--probabilities",
    is_flag=True,
    help="Add the probability of each label, and `is_article`, that the page is an article at all.",
)
@click.option(
    "--to",
    type=click.Choice(FORMATS),
    help="What to write; table: a listing to read, coloured in a terminal.  [default: by the "
    "ending of -o, else jsonl]",
)
@output_option
def label(probabilities: bool, to: str | None, output: str, **inputs: Any) -> int:
    """Label each paragraph of each page.

    An INPUT is a file, a folder, a quoted pattern or a URL (s3://..., https://...). A file is a
    page of plain text or HTML, or holds many: JSON Lines, Parquet, WARC, WET. All may be packed
    with gzip or zstd. Without an INPUT, or with -, standard input is read. Pages come out in the
    order in which they went in.

    A page comes out as a JSON object a line, or a row of Parquet: the fields that it came with but
    text and HTML (from a text or HTML file: the file name as `id`), its `title`, and its
    `paragraphs`, each with `text`, `label` and `probability`. The labels are headline, article,
    caption, related-links, sponsored and boilerplate.

    \b
    Examples:
      cleaner label --to table page.html
      cleaner label pages.jsonl -o labelled.jsonl
      cleaner label "crawl/*.warc.gz" -o labelled.parquet
      cleaner label page.txt | jq '.paragraphs[] | select(.label == "sponsored")'

    \b
    Exit status: 0 all went well; 1 some of the input failed, and the rest was
    processed; 2 wrong use, or no usable model.
    """
    pages = Inputs(**inputs, make=partial(_labelled, probabilities=probabilities))
    batches = pages.label()
    to = choose_format(to, output, FORMATS, "jsonl")
    rows = (
        [(record.where, _row(record, labelled)) for record, labelled in batch] for batch in batches
    )
    if to == "table":
        from cleaner.cli.table import write_tables  # rich is slow to import

        write_file(write_tables(rows, output), output)
    else:
        only_rows = ([row for _, row in batch] for batch in rows)
        like = _example(probabilities)
        write_file(encode_rows(only_rows, to, schema=pages.schema, like=like), output)
    return pages.status


def _example(probabilities: bool) -> Row:
    """What is added to the fields, as an example of its types."""
    each = {"probabilities": dict.fromkeys(LABELS, 1.0)} if probabilities else {}
    paragraph = {"text": "", "label": "", "probability": 1.0, **each}
    is_article = {"is_article": 1.0} if probabilities else {}
    return {"title": "", **is_article, "paragraphs": [paragraph]}


def _row(record: Record, labelled: Row) -> Row:
    title = record.fields.get("title")
    return {**record.fields, **labelled, "title": labelled["title"] if title is None else title}


def _labelled(document: Document, probabilities: bool) -> Row:
    """What comes out beside the fields, `title` first."""
    is_article = {"is_article": round(document.is_article, DIGITS)} if probabilities else {}
    return {
        "title": document.title,
        **is_article,
        "paragraphs": [_paragraph(p, probabilities) for p in document.paragraphs],
    }


def _paragraph(paragraph: Paragraph, probabilities: bool) -> Row:
    row: Row = {
        "text": paragraph.text,
        "label": paragraph.label,
        "probability": round(paragraph.probability, DIGITS),
    }
    if probabilities:
        row["probabilities"] = {k: round(p, DIGITS) for k, p in paragraph.probabilities.items()}
    return row
