"""What `clean` and `label` share of their output: where it goes, and in which format."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import click

from cleaner.errors import UsageError
from cleaner.formats import format_of, is_url


def output_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `-o FILE` to a command."""
    return click.option(
        "-o",
        "--output",
        metavar="FILE",
        type=click.Path(dir_okay=False, allow_dash=True),
        default="-",
        help="Write to FILE or a URL, complete or not at all; with .gz or .zst, packed.  "
        "[default: standard output]",
    )(command)


def choose_format(to: str | None, output: str, choices: tuple[str, ...], default: str) -> str:
    """Return what to write: what was asked for, else what the ending of the output says.

    Raises `UsageError` for Parquet to a terminal.
    """
    ending = format_of(output)
    chosen = to or (ending if ending in choices else default)
    if chosen == "parquet" and output == "-" and sys.stdout and sys.stdout.isatty():
        raise UsageError("Parquet is nothing to read in a terminal; give a file with -o FILE")
    return chosen


def refuse_input(output: str, inputs: Iterable[str]) -> None:
    """Raise `UsageError` where an output is a file that is read, by whatever name or link."""
    there = None if is_url(output) or not os.path.exists(output) else os.stat(output)
    for path in inputs:
        same = path == output
        if there and not same and not is_url(path):
            with suppress(OSError):
                same = os.path.samestat(there, os.stat(path))
        if same:
            raise UsageError(f"{output}: is read, and would be written over; give another file")
