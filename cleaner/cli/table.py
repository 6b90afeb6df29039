"""Tables to read: of labelled pages, and of figures."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cleaner.cli.terminal import printable, put
from cleaner.labels import COLOURS


def write_tables(
    batches: Iterable[list[tuple[str, dict[str, Any]]]], output: str
) -> Iterator[bytes]:
    """Yield a table for each page, given where it is from and its row as `cleaner label` has it.

    Colours are used where `output` is "-" and standard output a terminal that wants them.
    """
    console = Console(file=sys.stdout, force_terminal=None if output == "-" else False)
    for batch in batches:
        yield _drawn(console, [_table(where, row) for where, row in batch]).encode()


def show_tables(tables: list[Table]) -> None:
    """Write tables to standard output."""
    put(_drawn(Console(file=sys.stdout), tables), end="")


def shown(text: str) -> Text:
    """Foreign text for a cell or a title: no markup, nothing that commands the terminal."""
    return Text(printable(text))


def _drawn(console: Console, tables: list[Table]) -> str:
    with console.capture() as capture:
        for table in tables:
            console.print(table)
    return capture.get()


def _table(where: str, row: dict[str, Any]) -> Table:
    title = shown(f"{where}: {row['title'] or 'no title'}")
    table = Table(title=title, title_justify="left")
    table.add_column("label", no_wrap=True)
    table.add_column("probability", justify="right", no_wrap=True)
    table.add_column("text", ratio=1)
    for p in row["paragraphs"]:
        text = shown(p["text"].replace("\t", " "))
        if "probabilities" in p:
            each = "  ".join(f"{label} {value:.2f}" for label, value in p["probabilities"].items())
            text.append(f"\n{each}", style="dim")
        table.add_row(p["label"], f"{p['probability']:.2f}", text, style=COLOURS[p["label"]])
    return table
