"""`cleaner clean`: pages in, their clean text out."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from cleaner.cli.inputs import Inputs
from cleaner.cli.options import (
    MetadataCommand,
    check_output_fields,
    field_options,
    input_options,
    keep_option,
    limit_options,
    metadata_option,
    structure_options,
    workers_option,
    written_as,
)
from cleaner.cli.output import choose_format, output_option, refuse_what_is_read, write_output
from cleaner.document import Document
from cleaner.formats import PAGE_FORMATS, Row, encode_rows, format_of
from cleaner.metadata.fields import example
from cleaner.options import Options

FORMATS = ("text", "markdown", "jsonl", "csv", "tsv", "parquet")


@click.command(cls=MetadataCommand)
@input_options
@keep_option
@structure_options
@metadata_option
@field_options
@workers_option(1, "this process alone")
@limit_options(" with several workers, else none")
@click.option(
    "--to",
    type=click.Choice(FORMATS),
    help="What to write.  [default: by the ending of -o; else text if the first page is from a "
    "text, HTML or Markdown file and no fields are asked for, else jsonl]",
)
@output_option
def clean(to: str | None, output: str, options: Options, **inputs: Any) -> int:
    """Put out the clean text of each page: its headline and article, and nothing else.

    An INPUT is a file, a folder, a quoted pattern or a URL (s3://..., https://...). A file is a
    page of plain text, HTML or Markdown, or holds many: JSON Lines, CSV, TSV, Parquet, WARC, WET.
    All may be packed with gzip or zstd. Without an INPUT, or with -, standard input is read. Pages
    come out in the order in which they went in.

    Text: the kept paragraphs, a blank line between two; where there are several pages, a line
    with a form feed stands between two. Markdown: the same with headings, lists, tables, links and
    so on, as HTML has them; a page of Markdown comes out in its own lines, unless --to text is
    given. JSON Lines, CSV and Parquet: the clean text in the text field, the HTML left out, all
    other fields as they were; a text beside HTML stays as `text_original`. A page from a text, HTML
    or Markdown file gets its file name as `id`.

    \b
    Examples:
      cleaner clean page.html
      cleaner clean --keep headline,article,caption --to markdown page.html
      cleaner clean crawl/ "CC-NEWS-*.warc.gz" -o clean.parquet
      zcat crawl.jsonl.gz | cleaner clean --html-field content | gzip > clean.jsonl.gz

    \b
    Exit status: 0 all went well; 1 some of the input failed, and the rest was
    processed; 2 wrong use, or no usable model.
    """
    to = choose_format(to, output, FORMATS)
    options = written_as(options, to, of_markdown=_are_markdown(**inputs))
    fields = {name: inputs[name] for name in ("keep_html", "output_field")}
    check_output_fields(to, options, **fields)
    refuse_what_is_read(output, options, inputs)
    make = partial(_make, options=options)
    pages = Inputs(options=options, make=make, **inputs)
    batches = pages.label()
    if not to:
        is_page = pages.first_format in (*PAGE_FORMATS, None)
        to = "text" if is_page and not (options.metadata or any(fields.values())) else "jsonl"
    reading = pages.reading
    field = reading.clean_field
    rows = (
        [reading.row(record, {**about, field: text}) for record, (about, text) in batch]
        for batch in batches
    )
    encoded = encode_rows(
        rows,
        to,
        text_field=field,
        schema=pages.schema,
        like={**reading.like(pages.schema), **example(options.metadata), field: ""},
        head=options.metadata,
    )
    write_output(encoded, to, output)
    return pages.status


def _are_markdown(files: tuple[str, ...], format: str, **_: Any) -> bool:
    """Say whether all pages are of Markdown, as the inputs are named."""
    if format != "auto":
        return format == "markdown"
    return bool(files) and all(format_of(file) == "markdown" for file in files)


def _make(document: Document, options: Options) -> tuple[Row, str]:
    """Return what is told of a page, and its clean text."""
    return document.metadata_of(options.metadata, options.keep), document.written(options)
