"""`cleaner label`: pages in, their paragraphs with labels out."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

import click

from cleaner.cli.inputs import Inputs
from cleaner.cli.options import input_options, limit_options, workers_option
from cleaner.cli.output import choose_format, output_option, refuse_what_is_read, write_output
from cleaner.document import Document
from cleaner.errors import UsageError
from cleaner.formats import Record, Row, encode_rows, write_file
from cleaner.labels import LABELS
from cleaner.model.store import hash_models
from cleaner.options import Options
from cleaner.pages import Page
from cleaner.training.corrections import Ids, corrected_page, site_of

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
    "--for-training",
    is_flag=True,
    help="Write pages as `evaluate` and `train` read them, with their source, to correct labels in "
    "an editor; `cleaner review` does it in a browser.",
)
@click.option(
    "--to",
    type=click.Choice(FORMATS),
    help="What to write; table: a listing to read, coloured in a terminal.  [default: by the "
    "ending of -o, else jsonl]",
)
@output_option
def label(
    probabilities: bool,
    for_training: bool,
    to: str | None,
    output: str,
    options: Options,
    **inputs: Any,
) -> int:
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
    if for_training and (probabilities or to != "jsonl"):
        what = "--probabilities" if probabilities else to
        raise UsageError(f"--for-training writes JSON Lines without {what}; leave out one of them")
    refuse_what_is_read(output, options, inputs)
    make = partial(_take, probabilities=probabilities)
    pages = Inputs(options=options, make=make, **inputs)
    batches = pages.label()
    if for_training:
        write_output(encode_rows(_for_training(batches, options), to), to, output)
        return pages.status
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


def _for_training(
    batches: Iterable[list[tuple[Record, _Labelled]]], options: Options
) -> Iterator[list[Row]]:
    """Yield pages in the form of corrected ones, of which nobody has confirmed a label."""
    models, ids = hash_models(options.models), Ids()
    for batch in batches:
        rows = []
        for record, found in batch:
            assert isinstance(record.page, Page)  # one without a page is told, and left out
            pairs = zip(found.texts, found.labels, strict=True)
            rows.append(
                corrected_page(
                    record.page,
                    [(text, label, False) for text, label in pairs],
                    record.fields,
                    id=ids.give(record.page.url, record.where),
                    site=site_of(record.page.url, record.where),
                    title=found.title,
                    is_article=found.counts_as_article,
                    models=models,
                )
            )
        yield rows


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
    counts_as_article: bool
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
    return _Labelled(
        document.title,
        is_article,
        document.counts_as_article,
        document.texts,
        document.labels,
        numbers,
    )


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
