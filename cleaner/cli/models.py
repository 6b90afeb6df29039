"""`cleaner models`: what is installed, with its main figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from cleaner.model.store import describe_models


@click.command()
@click.option(
    "--model",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The folder that `cleaner train` wrote.  [default: the installed models]",
)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON list instead of a table.")
def models(model: Path | None, as_json: bool) -> int:
    """List the models that are installed, with the main figures of their cards.

    For each kind of text: the mean F1 over the four groups of labels, junk (the share of kept
    words that are not the story) and kept (the share of the story's words that are kept). A
    model's whole card is README.md in its folder.

    \b
    Examples:
      cleaner models
      cleaner models --json
      cleaner models --model my-models

    \b
    Exit status: 0 all went well; 2 wrong use, or no usable model.
    """
    found = describe_models(model)
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    table = Table()
    for name in ("model", "kind of text", "mean F1", "junk", "kept", "size"):
        table.add_column(name, justify="left" if name in ("model", "kind of text") else "right")
    for about in found:
        size = f"{about['size'] / 1e6:.1f} MB"
        figures: dict[str, Any] = about["figures"] or {"": {}}
        for i, (kind, of_kind) in enumerate(figures.items()):
            table.add_row(
                about["name"] if i == 0 else "",
                kind.replace("_", " "),
                number(of_kind.get("mean_f1")),
                percent(of_kind.get("junk")),
                percent(of_kind.get("kept")),
                size if i == 0 else "",
                end_section=i == len(figures) - 1,
            )
    console = Console()
    console.print(table)
    for about in found:
        console.print(f"{about['name']}: {about['path']}", markup=False, soft_wrap=True)
    return 0


def number(value: float | None) -> str:
    """Show a figure from 0 to 1."""
    return "-" if value is None else f"{value:.3f}"


def percent(value: float | None) -> str:
    """Show a share."""
    return "-" if value is None else f"{value:.1%}"
