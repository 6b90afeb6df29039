"""The options that `clean`, `label` and `run` share: what comes in, and how it is labelled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import click

from cleaner.formats import Format
from cleaner.labels import LABELS, STORY, check_labels


def keep_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--keep`: the labels whose paragraphs make the clean text."""
    return click.option(
        "--keep",
        metavar="LABEL,...",
        default=",".join(STORY),
        show_default=True,
        callback=_labels,
        help=f"The labels to keep, out of {', '.join(LABELS)}.",
    )(command)


def _labels(ctx: click.Context, option: click.Parameter, value: str) -> tuple[str, ...]:
    return check_labels(name.strip() for name in value.split(",") if name.strip())


def workers_option(default: int, shown: str) -> Callable[..., Any]:
    """Return what adds `--workers`."""
    return click.option(
        "--workers",
        type=click.IntRange(1),
        metavar="N",
        default=default,
        show_default=shown,
        help="Processes to work with; they share the models, and keep the order.",
    )


def input_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the arguments of what comes in, and of how it is labelled, to a command."""
    for option in reversed(
        (
            click.argument(
                "files", nargs=-1, metavar="[INPUT]...", type=click.Path(readable=False)
            ),
            click.option(
                "--from",
                "format",
                type=click.Choice(get_args(Format)),
                default="auto",
                show_default=True,
                help="What the input is; auto: by the file name's ending, else by its beginning.",
            ),
            click.option(
                "--text-field",
                metavar="NAME",
                default="text",
                show_default=True,
                help="JSON Lines, Parquet: the field with a page's text.",
            ),
            click.option(
                "--html-field",
                metavar="NAME",
                default="html",
                show_default=True,
                help="The field with a page's HTML, taken where a page has both.",
            ),
            click.option(
                "--precision",
                type=click.FloatRange(0, 1),
                metavar="NUMBER",
                default=0.5,
                show_default=True,
                help="The dial: higher drops more of what may not be the story, lower keeps more.",
            ),
            click.option(
                "--accurate",
                is_flag=True,
                help="Ask several networks instead of one: fewer errors, on text 3/5 of the speed.",
            ),
            click.option(
                "--only-articles",
                is_flag=True,
                help="Leave out pages that are no articles: listings, shops, forums.",
            ),
            click.option(
                "--model",
                metavar="DIR",
                type=click.Path(path_type=Path),
                help="The folder that `cleaner train` wrote.  [default: the installed models]",
            ),
        )
    ):
        command = option(command)
    return command
