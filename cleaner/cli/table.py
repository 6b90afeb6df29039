"""Labelled pages as a listing to read."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

COLOURS = {
    "headline": "bold green",
    "article": "green",
    "caption": "cyan",
    "related-links": "yellow",
    "sponsored": "magenta",
    "boilerplate": "bright_black",
}

_CONTROL = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)], "\N{REPLACEMENT CHARACTER}")
"""Characters of a page that would command the terminal."""


def write_tables(
    batches: Iterable[list[tuple[str, dict[str, Any]]]], output: str
) -> Iterator[bytes]:
    """Yield a table for each page, given where it is from and its row as `cleaner label` has it.

    Colours are used where `output` is "-" and standard output a terminal that wants them.
    """
    console = Console(file=sys.stdout, force_terminal=None if output == "-" else False)
    for batch in batches:
        with console.capture() as capture:
            for where, row in batch:
                console.print(_table(where, row))
        yield capture.get().encode()


def _table(where: str, row: dict[str, Any]) -> Table:
    title = _shown(f"{where}: {row['title'] or 'no title'}")
    table = Table(title=title, title_justify="left")
    table.add_column("label", no_wrap=True)
    table.add_column("probability", justify="right", no_wrap=True)
    table.add_column("text", ratio=1)
    for p in row["paragraphs"]:
        text = _shown(p["text"])
        if "probabilities" in p:
            each = "  ".join(f"{label} {value:.2f}" for label, value in p["probabilities"].items())
            text.append(f"\n{each}", style="dim")
        table.add_row(p["label"], f"{p['probability']:.2f}", text, style=COLOURS[p["label"]])
    return table


def _shown(text: str) -> Text:
    """Text of a page as it may be shown: no markup, nothing that commands the terminal."""
    return Text(text.translate(_CONTROL))
