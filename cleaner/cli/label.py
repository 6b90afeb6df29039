"""`cleaner label`: pages in, their paragraphs with labels out."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from cleaner.cli.inputs import Inputs
from cleaner.cli.options import (
    MetadataCommand,
    input_options,
    limit_options,
    metadata_option,
    no_fields,
    workers_option,
)
from cleaner.cli.output import choose_format, output_option, refuse_what_is_read, write_output
from cleaner.document import DIGITS, Document
from cleaner.errors import UsageError
from cleaner.formats import Record, Row, add_fields, encode_rows, write_file
from cleaner.labels import LABELS
from cleaner.metadata.fields import example
from cleaner.model.store import hash_models
from cleaner.options import Options
from cleaner.pages import Page
from cleaner.training.corrections import Ids, corrected_page, site_of, with_address

if TYPE_CHECKING:
    from cleaner.pages.places import Place

FORMATS = ("jsonl", "parquet", "table")


@click.command(cls=MetadataCommand, epilog=f"The labels: {', '.join(LABELS)}.")
@input_options
@workers_option(1, "this process alone")
@limit_options(" with several workers, else none")
@click.option(
    "--probabilities",
    is_flag=True,
    help="Add the probability of each label, and `is_article`, that the page is an article at all.",
)
@metadata_option
@click.option(
    "--offsets",
    is_flag=True,
    help="Add where each paragraph stands in the page: `begin` and `end` in a text, `xpath` in "
    "HTML.",
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
    offsets: bool,
    for_training: bool,
    to: str | None,
    output: str,
    options: Options,
    **inputs: Any,
) -> int:
    """Label each paragraph of each page.

    An INPUT is a file, a folder, a quoted pattern or a URL (s3://..., https://...). A file is a
    page of plain text, HTML or Markdown, or holds many: JSON Lines, CSV, TSV, Parquet, WARC, WET.
    All may be packed with gzip or zstd. Without an INPUT, or with -, standard input is read. Pages
    come out in the order in which they went in.

    A page comes out as a JSON object a line, or a row of Parquet: its fields but those that hold a
    page (of a file that is one page: the file name as `id`), its `title`, and its `paragraphs`,
    each with `text`, `label` and `probability`. A text beside HTML stays.

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
    wanted = _Wanted(probabilities, offsets, tuple(options.metadata))
    if for_training and (any(wanted) or to != "jsonl"):
        what = next((f"--{name}" for name, value in wanted._asdict().items() if value), to)
        raise UsageError(f"--for-training writes JSON Lines without {what}; leave out one of them")
    if to == "table" and (offsets or options.metadata):
        raise no_fields("--offsets" if offsets else "--metadata", "a table")
    refuse_what_is_read(output, options, inputs)
    make = partial(_take, wanted=wanted)
    pages = Inputs(options=options, make=make, **inputs)
    batches = pages.label()
    if for_training:
        write_output(encode_rows(_for_training(batches, options), to), to, output)
        return pages.status
    rows = (
        [(record.where, _row(record, found, wanted)) for record, found in batch]
        for batch in batches
    )
    if to == "table":
        from cleaner.cli.table import write_tables  # rich is slow to import

        write_file(write_tables(rows, output), output)
    else:
        only_rows = ([row for _, row in batch] for batch in rows)
        like = _example(wanted)
        schema = pages.schema
        if schema is not None and "title" in schema.names and "title" not in wanted.metadata:
            del like["title"]  # it keeps its type
        if schema is not None and "paragraphs" in schema.names:
            schema = schema.remove(schema.get_field_index("paragraphs"))  # ours take their place
        write_output(encode_rows(only_rows, to, schema=schema, like=like), to, output)
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
            page = with_address(record.page)
            rows.append(
                corrected_page(
                    page,
                    [(text, label, False) for text, label in pairs],
                    record.fields,
                    id=ids.give(record.page.url, record.where),
                    site=site_of(page.url, record.where),
                    title=found.title,
                    is_article=found.counts_as_article,
                    models=models,
                )
            )
        yield rows


class _Wanted(NamedTuple):
    """What is asked for beside the labels."""

    probabilities: bool
    offsets: bool
    metadata: tuple[str, ...]


def _example(wanted: _Wanted) -> Row:
    """What is added to the fields, as an example of its types."""
    paragraph: Row = {"text": "", "label": "", "probability": 1.0}
    about: Row = {"title": ""}
    if wanted.probabilities:
        paragraph["probabilities"] = dict.fromkeys(LABELS, 1.0)
        about["is_article"] = 1.0
    if wanted.offsets:
        paragraph |= {"begin": 0, "end": 0, "xpath": ""}
    about |= example(wanted.metadata)
    return {**about, "paragraphs": [paragraph]}


class _Labelled(NamedTuple):
    """What is wanted of a document, as little to send from a worker as can be."""

    title: str | None
    counts_as_article: bool
    about: Row
    """What is told of the page as a whole beside its title."""
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    probabilities: array[float]
    """Of each paragraph that of its label, and then that of every label where these are wanted."""
    places: tuple[Place, ...]
    """Of each paragraph, where these are wanted."""


def _take(document: Document, wanted: _Wanted) -> _Labelled:
    numbers = array("d")
    for paragraph in document.paragraphs:
        numbers.append(round(paragraph.probability, DIGITS))
        if wanted.probabilities:
            numbers.extend(round(p, DIGITS) for p in paragraph.probabilities.values())
    about: Row = {}
    if wanted.probabilities:
        about["is_article"] = round(document.is_article, DIGITS)
    about |= document.metadata_of(wanted.metadata)
    return _Labelled(
        document.title,
        document.counts_as_article,
        about,
        document.texts,
        document.labels,
        numbers,
        document.places if wanted.offsets else (),
    )


def _row(record: Record, found: _Labelled, wanted: _Wanted) -> Row:
    numbers = found.probabilities
    step = 1 + len(LABELS) if wanted.probabilities else 1
    paragraphs: list[Row] = [
        {"text": text, "label": label, "probability": probability}
        for text, label, probability in zip(found.texts, found.labels, numbers[::step], strict=True)
    ]
    if wanted.probabilities:
        for n, paragraph in enumerate(paragraphs):
            each = numbers[n * step + 1 : (n + 1) * step]
            paragraph["probabilities"] = dict(zip(LABELS, each, strict=True))
    if wanted.offsets:
        for paragraph, place in zip(paragraphs, found.places, strict=True):
            paragraph |= {name: value for name, value in asdict(place).items() if value is not None}
    fields = record.fields
    if "title" not in found.about:
        title = fields.get("title")
        fields = {**fields, "title": found.title if title is None else title}
    return {**add_fields(fields, found.about), "paragraphs": paragraphs}
