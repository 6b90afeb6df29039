"""`cleaner explain`: why paragraphs have their labels."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import click

from cleaner.cli.inputs import Inputs
from cleaner.cli.options import input_options
from cleaner.cli.output import choose_format, output_option, refuse_what_is_read, write_output
from cleaner.cli.terminal import tell
from cleaner.document import DIGITS, Document, Explanation, Paragraph
from cleaner.errors import PageError
from cleaner.formats import Record, Row, encode_rows, write_file
from cleaner.options import Options

FORMATS = {"table": "table", "json": "jsonl", "jsonl": "jsonl"}
"""What can be asked for, and the form in which it is written."""

IN_DOUBT, MOST = 0.9, 10
"""Probability below which a label is in doubt, and how many of these are explained, the least sure
ones, where no paragraph is named."""


@click.command()
@input_options
@click.option(
    "--paragraph",
    "numbers",
    type=click.IntRange(1),
    metavar="N",
    multiple=True,
    help=f"Explain the paragraph N, the first is 1; can be repeated.  [default: the {MOST} least "
    f"sure ones below {IN_DOUBT:g}, among a list of all]",
)
@click.option(
    "--to",
    type=click.Choice(list(FORMATS)),
    help="What to write; table: lines to read, coloured in a terminal; json: an object a line for "
    "each paragraph explained.  [default: by the ending of -o, else table]",
)
@output_option
def explain(
    numbers: tuple[int, ...], to: str | None, output: str, options: Options, **inputs: Any
) -> int:
    """Say why paragraphs have their labels: what spoke for each, and what against.

    An INPUT is a file, a folder, a quoted pattern or a URL, as for `cleaner label`. Where a file
    holds many pages, each is explained.

    The model is asked again for the page without one thing: a word of the paragraph, a class of an
    element around it, its neighbours, all that stands before it or behind, the rest of the story.
    The figure says how far the log-odds of the label fall then: +0.7 means that the thing doubled
    the odds, +2.3 that it made them ten times as high, -0.7 that it halved them. Of many words
    those are left out that matter most by themselves.

    \b
    Examples:
      cleaner explain page.html
      cleaner explain page.txt --paragraph 14
      cleaner explain page.html --paragraph 3 --to json | jq '.reasons[0]'

    \b
    Exit status: 0 all went well; 1 some of the input failed, and the rest was
    processed; 2 wrong use, or no usable model.
    """
    form = choose_format(to and FORMATS[to], output, ("table", "jsonl")) or "table"
    refuse_what_is_read(output, options, inputs)
    make = partial(_explained, numbers=numbers)
    alone = {"workers": 1, "page_timeout": None, "page_memory": None}
    pages = Inputs(options=options, make=make, **(inputs | alone))
    batches = pages.label()
    if form == "table":
        from cleaner.cli.reasons import write_reasons  # rich is slow to import

        write_file(write_reasons(_told(batches), output), output)
    else:
        rows = (
            [_row(record.where, explanation) for explanation in found.explanations]
            for record, found in _told(batches)
        )
        write_output(encode_rows(rows, form), form, output)
    return pages.status


class Explained(NamedTuple):
    """A page with explanations of some of its paragraphs."""

    title: str | None
    paragraphs: tuple[Paragraph, ...]
    """Those that are listed: all, unless some were named."""
    explanations: list[Explanation]
    in_doubt: int
    """How many are, where none was named."""


def _explained(document: Document, numbers: tuple[int, ...]) -> Explained:
    count, paragraphs = len(document), document.paragraphs
    if beyond := [n for n in numbers if n > count]:
        there = f"it has {count}; give --paragraph 1 to {count}" if count else "it is empty"
        raise PageError(f"has no paragraph {beyond[0]}: {there}")
    doubts = [n for n, paragraph in enumerate(paragraphs) if paragraph.probability < IN_DOUBT]
    least_sure = sorted(doubts, key=lambda n: paragraphs[n].probability)[:MOST]
    chosen = {n - 1 for n in numbers} or least_sure
    return Explained(
        document.title,
        () if numbers else paragraphs,
        [document.explain(n) for n in sorted(chosen)],
        len(doubts),
    )


def _told(
    batches: Iterator[list[tuple[Record, Explained]]],
) -> Iterator[tuple[Record, Explained]]:
    """Yield each page, and say what of it is not explained, where no paragraph was named."""
    for record, found in chain.from_iterable(batches):
        yield record, found
        explained, how = len(found.explanations), "--paragraph N explains any other"
        if found.paragraphs and not explained:
            tell(record.where, f"no label is less than {IN_DOUBT:.0%} sure; {how}")
        elif found.paragraphs and found.in_doubt > explained:
            what = f"{explained} of the {found.in_doubt} paragraphs in doubt are explained"
            tell(record.where, f"{what}, the least sure ones; {how}")


def _row(where: str, explanation: Explanation) -> Row:
    paragraph = explanation.paragraph
    return {
        "page": where,
        "paragraph": explanation.n + 1,
        "text": paragraph.text,
        "label": paragraph.label,
        "probability": round(paragraph.probability, DIGITS),
        "others": {label: round(p, DIGITS) for label, p in explanation.others.items()},
        "reasons": [
            {"kind": reason.kind, "what": reason.what, "weight": round(reason.weight, DIGITS)}
            for reason in explanation.reasons
        ],
    }
