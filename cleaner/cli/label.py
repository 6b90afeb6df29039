"""`cleaner label`: pages in, their paragraphs with labels out."""

from __future__ import annotations

from array import array
from functools import partial
from typing import Any, NamedTuple

import click

from cleaner.cli.inputs import Inputs
from cleaner.cli.options import input_options, limit_options, workers_option
from cleaner.cli.output import choose_format, output_option, refuse_what_is_read, write_output
from cleaner.document import Document
from cleaner.formats import Record, Row, encode_rows, write_file
from cleaner.labels import LABELS
from cleaner.options import Options

FORMATS = ("jsonl", "parquet", "table")

DIGITS = 4
"""Of a probability; more than a model's figures could bear out."""


@click.command(epilog=f"The labels: {', '.join(LABELS)}.")
@input_options
@workers_option(1, "this process alone")
@limit_options(" with several workers, else none")
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
def label(probabilities: bool, to: str | None, output: str, options: Options, **inputs: Any) -> int:
    """Label each paragraph of each page.

    An INPUT is a file, a folder, a quoted pattern or a URL (s3://..., https://...). A file is a
    page of plain text or HTML, or holds many: JSON Lines, CSV, TSV, Parquet, WARC, WET. All may be
    packed with gzip or zstd. Without an INPUT, or with -, standard input is read. Pages come out in
    the order in which they went in.

    A page comes out as a JSON object a line, or a row of Parquet: the fields that it came with but
    text and HTML (from a text or HTML file: the file name as `id`), its `title`, and its
    `paragraphs`, each with `text`, `label` and `probability`.

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
    to = choose_format(to, output, FORMATS) or "jsonl"
    refuse_what_is_read(output, options, inputs)
    make = partial(_take, probabilities=probabilities)
    pages = Inputs(options=options, make=make, **inputs)
    batches = pages.label()
    rows = (
        [(record.where, _row(record, found, probabilities)) for record, found in batch]
        for batch in batches
    )
    if to == "table":
        from cleaner.cli.table import write_tables  # rich is slow to import

        write_file(write_tables(rows, output), output)
    else:
        only_rows = ([row for _, row in batch] for batch in rows)
        like = _example(probabilities)
        if pages.schema is not None and "title" in pages.schema.names:
            del like["title"]  # it keeps its type
        write_output(encode_rows(only_rows, to, schema=pages.schema, like=like), to, output)
    return pages.status


def _example(probabilities: bool) -> Row:
    """What is added to the fields, as an example of its types."""
    each = {"probabilities": dict.fromkeys(LABELS, 1.0)} if probabilities else {}
    paragraph = {"text": "", "label": "", "probability": 1.0, **each}
    is_article = {"is_article": 1.0} if probabilities else {}
    return {"title": "", **is_article, "paragraphs": [paragraph]}


class _Labelled(NamedTuple):
    """What is wanted of a document, as little to send from a worker as can be."""

    title: str | None
    is_article: float
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    probabilities: array[float]
    """Of each paragraph that of its label, and then that of every label where these are wanted."""


def _take(document: Document, probabilities: bool) -> _Labelled:
    numbers = array("d")
    for paragraph in document.paragraphs:
        numbers.append(round(paragraph.probability, DIGITS))
        if probabilities:
            numbers.extend(round(p, DIGITS) for p in paragraph.probabilities.values())
    is_article = round(document.is_article, DIGITS)
    return _Labelled(document.title, is_article, document.texts, document.labels, numbers)


def _row(record: Record, found: _Labelled, probabilities: bool) -> Row:
    numbers = found.probabilities
    step = 1 + len(LABELS) if probabilities else 1
    paragraphs: list[Row] = [
        {"text": text, "label": label, "probability": probability}
        for text, label, probability in zip(found.texts, found.labels, numbers[::step], strict=True)
    ]
    if probabilities:
        for n, paragraph in enumerate(paragraphs):
            each = numbers[n * step + 1 : (n + 1) * step]
            paragraph["probabilities"] = dict(zip(LABELS, each, strict=True))
    title = record.fields.get("title")
    return {
        **record.fields,
        "title": found.title if title is None else title,
        **({"is_article": found.is_article} if probabilities else {}),
        "paragraphs": paragraphs,
    }
