"""`cleaner label`: pages in, their paragraphs with labels out."""

from __future__ import annotations

from typing import Any

import click

from cleaner.cli.inputs import Inputs, input_options
from cleaner.cli.output import output_option, write_all
from cleaner.document import Document, Paragraph
from cleaner.formats import Record, Row
from cleaner.formats.jsonl import write as write_jsonl

DIGITS = 4
"""Of a probability; more than a model's figures could bear out."""


@click.command()
@input_options
@click.option(
    "--probabilities",
    is_flag=True,
    help="Add the probability of each label, and `is_article`, that the page is an article at all.",
)
@click.option(
    "--to",
    type=click.Choice(["jsonl", "table"]),
    default="jsonl",
    show_default=True,
    help="What to write; table: a listing to read, coloured in a terminal.",
)
@output_option
def label(probabilities: bool, to: str, output: str, **inputs: Any) -> int:
    """Label each paragraph of each page.

    A FILE is a page of plain text or of HTML, or JSON Lines with a page a line. Without a FILE, or
    with -, standard input is read. Pages come out in the order in which they went in.

    A page comes out as a JSON object a line: the fields that it came with but text and HTML (from
    a text or HTML file: the file name as `id`), its `title`, and its `paragraphs`, each with
    `text`, `label` and `probability`. The labels are headline, article, caption, related-links,
    sponsored and boilerplate.

    \b
    Examples:
      cleaner label --to table page.html
      cleaner label pages.jsonl -o labelled.jsonl
      cleaner label page.txt | jq '.paragraphs[] | select(.label == "sponsored")'

    \b
    Exit status: 0 all went well; 1 some of the input failed, and the rest was
    processed; 2 wrong use, or no usable model.
    """
    pages = Inputs(**inputs)
    rows = (
        [(record.where, _row(record, document, probabilities)) for record, document in batch]
        for batch in pages.label()
    )
    if to == "table":
        from cleaner.cli.table import write_tables  # rich is slow to import

        write_all(write_tables(rows, output), output)
    else:
        write_all(write_jsonl([row for _, row in batch] for batch in rows), output)
    return pages.status


def _row(record: Record, document: Document, probabilities: bool) -> Row:
    title = record.fields.get("title")
    is_article = {"is_article": round(document.is_article, DIGITS)} if probabilities else {}
    return {
        **record.fields,
        "title": document.title if title is None else title,
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
