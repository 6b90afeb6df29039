"""`cleaner adapt`: corrected pages in, models that know them out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table

from cleaner.cli.models import number
from cleaner.cli.table import show_tables
from cleaner.cli.terminal import say
from cleaner.cli.train import MAX_SEED, models_output_option

if TYPE_CHECKING:
    from cleaner.training.adapt import Adapted


@click.command()
@click.argument(
    "corrections",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="CORRECTIONS...",
)
@models_output_option
@click.option(
    "--base",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The folder of the models to begin with.  [default: the installed models]",
)
@click.option(
    "--seed",
    type=click.IntRange(0, MAX_SEED),
    default=0,
    show_default=True,
    help="Which pages are compared together; same pages and seed give the same models.",
)
def adapt(corrections: tuple[Path, ...], output: Path, base: Path | None, seed: int) -> int:
    """Teach the models what was corrected on pages of your sites.

    CORRECTIONS are files of corrected pages (.jsonl or .jsonl.gz), or folders that hold some. The
    new models know the boxes and lines of these pages, and label all else as the old ones do. One
    page is enough for a box; from three on, the table at the end tells what to expect of other
    pages of these sites: each page is labelled by the old models, and by ones that learned from the
    others. A model that got worse by that stays as it was.

    \b
    Examples:
      cleaner adapt corrections.jsonl -o my-models
      cleaner adapt monday.jsonl tuesday.jsonl -o newer-models --base my-models
      cleaner clean --model my-models page.html

    \b
    Exit status: 0 all went well; 2 wrong use, corrections that can't be used, or no
    usable model.
    """
    from cleaner.training import adapt as adapting  # scikit-learn is slow: not for --help

    jobs = os.cpu_count() or 1
    found = adapting.adapt(list(corrections), output, base=base, seed=seed, jobs=jobs, progress=say)
    if any(adapted.before for adapted in found):  # of one page nothing can be compared
        show_tables([_table(found)])
    for adapted in found:
        if adapted.warning:
            say(adapted.warning)
    return 0


def _table(found: Sequence[Adapted]) -> Table:
    """Two rows for each model: before and after."""
    title = "Corrected pages, each labelled by models that did not learn from it"
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for name in ("wrong words", "junk kept", "story lost", "mean F1"):
        table.add_column(name, justify="right")
    for adapted in found:
        for when, figures in (("before", adapted.before), ("after", adapted.after)):
            name = f"{adapted.kind} {when}"
            if figures is None:
                table.add_row(name, *["-"] * 4, end_section=when == "after")
            else:
                counts = (figures.wrong, figures.junk, figures.lost)
                shown = [f"{count:,}" for count in counts]
                table.add_row(name, *shown, number(figures.f1), end_section=when == "after")
    return table
