"""`cleaner models`: what is installed, with its main figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from cleaner.cli.table import show_tables, shown
from cleaner.cli.terminal import printable, put
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
        put(json.dumps(found, indent=2))
        return 0
    table = Table()
    for name in ("model", "kind of text", "mean F1", "junk", "kept", "size"):
        table.add_column(name, justify="left" if name in ("model", "kind of text") else "right")
    for about in found:
        size = f"{about['size'] / 1e6:.1f} MB"
        figures = _dict(about["figures"]) or {"": {}}
        for i, (kind, of_kind) in enumerate(figures.items()):
            table.add_row(
                about["name"] if i == 0 else "",
                shown(kind.replace("_", " ")),
                number(_dict(of_kind).get("mean_f1")),
                percent(_dict(of_kind).get("junk")),
                percent(_dict(of_kind).get("kept")),
                size if i == 0 else "",
                end_section=i == len(figures) - 1,
            )
    show_tables([table])
    for about in found:
        put(f"{about['name']}: {printable(about['path'])}")
    return 0


def _dict(value: Any) -> dict[str, Any]:
    """What a model's card says, which is checked by nobody, where it is a dict."""
    return value if isinstance(value, dict) else {}


def number(value: Any) -> str:
    """Show a figure from 0 to 1; "-" stands for what is none."""
    return f"{value:.3f}" if _is_figure(value) else "-"


def percent(value: Any) -> str:
    """Show a share; "-" stands for what is none."""
    return f"{value:.1%}" if _is_figure(value) else "-"


def _is_figure(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1
