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
    """Yield a table for each page, given where it is from and its row as `cleaner label` has it."""
    console = console_for(output)
    for batch in batches:
        yield drawn(console, [_table(where, row) for where, row in batch]).encode()


def show_tables(tables: list[Table]) -> None:
    """Write tables to standard output."""
    put(drawn(console_for("-"), tables), end="")


def console_for(output: str) -> Console:
    """Return what draws for an output, with colours where it is "-" and standard output a terminal
    that wants them."""
    return Console(file=sys.stdout, force_terminal=None if output == "-" else False)


def drawn(console: Console, parts: Iterable[Table | Text]) -> str:
    """Return what a console makes of tables and lines."""
    with console.capture() as capture:
        for part in parts:
            console.print(part, soft_wrap=isinstance(part, Text))
    return capture.get()


def shown(text: str) -> Text:
    """Foreign text for a cell or a title: no markup, nothing that commands the terminal."""
    return Text(printable(text))


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
