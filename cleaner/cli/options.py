"""The options that `clean`, `label` and `run` share: what comes in, and how it is labelled."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import wraps
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, get_args

import click

from cleaner.errors import UsageError
from cleaner.formats import MAX_PAGE, Format
from cleaner.labels import LABELS
from cleaner.metadata import FIELDS, FIGURES, NAMES
from cleaner.options import Options

MAX_WORKERS = 1024
MAX_SECONDS, MAX_MEMORY, MAX_SIZE = 10_000_000, 10_000_000, 1_000_000
"""Of a page or a shard: four months, 10 TB, 1 TB. More is a slip of the finger, and overflows the
numbers of the system."""


_NAMES = re.compile(r"[a-z_, ]*", re.I)
"""What looks like names of metadata, none of them for a slip of a shell's variable."""


class Number(click.FloatRange):
    """A number in a range: `nan` and `inf`, which are in none, are refused."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number; fail where it is none, or out of range."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


def keep_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--keep`: the labels whose paragraphs make the clean text."""
    return click.option(
        "--keep",
        metavar="LABEL,...",
        multiple=True,
        default=[",".join(Options.keep)],
        show_default=",".join(Options.keep),
        callback=_names,
        help=f"The labels to keep, out of {', '.join(LABELS)}.",
    )(command)


def structure_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what of a page's structure the clean text shows."""
    for option in (
        click.option(
            "--images", is_flag=True, help="Markdown: with the pictures of kept captions."
        ),
        click.option(
            "--no-links",
            "links",
            flag_value=False,
            default=True,
            help="Markdown: the text of links alone.",
        ),
        click.option(
            "--structure",
            is_flag=True,
            help="Of HTML, show lists by dashes and numbers, and a table's row on a line, its "
            "cells split by tabs.",
        ),
    ):
        command = option(command)
    return command


def written_as(options: Options, to: str | None, *, of_markdown: bool = False) -> Options:
    """Return the options of an output; raise `UsageError` for those that are of another one.

    `of_markdown` says that all pages are of Markdown, which comes out as such by itself.
    """
    if to == "markdown":
        if options.structure:
            raise UsageError("--structure is of text; Markdown has it anyway")
        return replace(options, format="markdown")
    if (options.images or not options.links) and not (of_markdown and to is None):
        name = "--images" if options.images else "--no-links"
        raise UsageError(f"{name} is of Markdown; write it with --to markdown")
    return replace(options, format="text") if to == "text" else options


def no_fields(option: str, output: str, instead: str = "JSON Lines or Parquet") -> UsageError:
    """Return the error that an output has no field for what an option adds."""
    return UsageError(f"{option} is of fields, and {output} has none; write {instead}")


def check_output_fields(
    to: str | None, options: Options, *, keep_html: bool, output_field: str | None
) -> None:
    """Raise `UsageError` for what only fields can hold where the output has none, and where the
    clean text would take the place of metadata."""
    if options.metadata and to == "text":
        raise no_fields("--metadata", "text", "Markdown, JSON Lines or Parquet")
    if keep_html and to in ("text", "markdown"):
        raise no_fields("--keep-html", to)
    if output_field in tuple(options.metadata):
        raise UsageError(f"--output-field {output_field} is the name of metadata; give another one")


def _names(ctx: click.Context, option: click.Parameter, values: Sequence[str]) -> tuple[str, ...]:
    """The names that an option lists, which may be given several times."""
    names: list[str] = []
    for value in values:
        some = [name.strip() for name in value.split(",")]
        if not all(some):
            raise click.BadParameter(
                f"{value!r} lacks a name; give names with a comma between two, and no space.",
                ctx,
                option,
            )
        names += some
    return tuple(names)


def _may_be_names(arg: str) -> bool:
    """Say whether an argument names metadata, or would: a name that is none is to be told."""
    if all(name.strip() in NAMES for name in arg.split(",")):
        return True
    return bool(_NAMES.fullmatch(arg)) and not os.path.exists(arg)


def may_be_word(arg: str) -> bool:
    """Say whether an argument is a word, and no file: a word that is no value is to be told."""
    return arg.isalpha() and not os.path.exists(arg)


class MetadataCommand(click.Command):
    """A command with `--metadata`: names follow it, or none do, for all of them."""

    bare: ClassVar[dict[str, tuple[str, Callable[[str], bool]]]] = {
        "--metadata": (",".join(FIELDS), _may_be_names)
    }
    """Options that may stand without a value: that which it then is, and what may be one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; what follows such an option and can be no value is an input."""
        given: list[str] = []
        for arg, follower in pairwise([*args, "-"]):
            if arg == "--":
                break
            if arg in self.bare:
                value, may_be_value = self.bare[arg]
                arg = arg if may_be_value(follower) else f"{arg}={value}"
            given.append(arg)
        return super().parse_args(ctx, [*given, *args[len(given) :]])


def metadata_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--metadata` to an `MetadataCommand`."""
    return click.option(
        "--metadata",
        metavar="[NAME,...]",
        multiple=True,
        callback=_names,
        help=f"Add what is known of the page, all of it or the named out of {', '.join(FIELDS)}; "
        f"by name also {', '.join(FIGURES)}. Before Markdown it stands as YAML.",
    )(command)


def _bytes(ctx: click.Context, option: click.Parameter, megabytes: float) -> int:
    return max(1, round(megabytes * 1e6))


def field_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of the fields that come out."""
    for option in (
        click.option(
            "--keep-html",
            is_flag=True,
            help="Leave the HTML in its field; that of HTML files and WARC goes there, too.",
        ),
        click.option(
            "--output-field",
            metavar="NAME",
            callback=_named,
            help="The field for the clean text; another than the text field leaves that as it was."
            "  [default: the text field]",
        ),
    ):
        command = option(command)
    return command


def _named(ctx: click.Context, option: click.Parameter, value: str | None) -> str | None:
    if value == "":
        raise click.BadParameter("a field needs a name.", ctx, option)
    return value


def workers_option(default: int, shown: str) -> Callable[..., Any]:
    """Return what adds `--workers`."""
    return click.option(
        "--workers",
        type=click.IntRange(1, MAX_WORKERS),
        metavar="N",
        default=default,
        show_default=shown,
        help="Processes to work with; they share the models, and keep the order.",
    )


def limit_options(where: str = "") -> Callable[..., Any]:
    """Return what adds the limits of a page's work; `where` says where the usual ones hold, which
    are those of `Limits`, if none is given."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in (
            click.option(
                "--page-memory",
                type=click.IntRange(50, MAX_MEMORY),
                metavar="MB",
                show_default=f"2000{where}",
                help="A page that takes more memory is failed (on Linux).",
            ),
            click.option(
                "--page-timeout",
                type=Number(0, MAX_SECONDS, min_open=True),
                metavar="SECONDS",
                show_default=f"60{where}",
                help="A page that takes longer is failed.",
            ),
        ):
            command = option(command)
        return command

    return add


def input_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the arguments of what comes in, and of how it is labelled, to a command; the latter, and
    those of `keep_option`, reach it as `options`."""

    @wraps(command)
    def with_options(**given: Any) -> Any:
        # `format` is that of the input here; that of the output comes from `--to`.
        names = [field.name for field in fields(Options) if field.name in given]
        names.remove("format")
        options = Options(**{name: given.pop(name) for name in names})
        return command(options=options, **given)

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
                help="JSON Lines, CSV, Parquet: the field with a page's text.",
            ),
            click.option(
                "--html-field",
                metavar="NAME",
                default="html",
                show_default=True,
                help="The field with a page's HTML, taken where a page has several.",
            ),
            click.option(
                "--markdown-field",
                metavar="NAME",
                default="markdown",
                show_default=True,
                help="The field with a page's Markdown, taken where it has text, too.",
            ),
            click.option(
                "--max-page-size",
                "max_page",
                type=Number(0, MAX_SIZE, min_open=True),
                metavar="MB",
                default=MAX_PAGE / 1e6,
                show_default=True,
                callback=_bytes,
                help="A larger page, unpacked, is failed.",
            ),
            click.option(
                "--precision",
                type=Number(0, 1),
                metavar="NUMBER",
                default=Options.precision,
                show_default=True,
                help="The dial: higher drops more of what may not be the story, lower keeps more.",
            ),
            click.option(
                "--accurate",
                is_flag=True,
                help="Of text, ask several networks instead of one, at 3/5 of the speed.",
            ),
            click.option(
                "--only-articles",
                is_flag=True,
                help="Leave out pages that are no articles: listings, shops, forums.",
            ),
            click.option(
                "--language",
                "languages",
                metavar="CODE,...",
                multiple=True,
                callback=_names,
                help="Leave out pages of other languages than these, such as en,de.",
            ),
            click.option(
                "--model",
                "models",
                metavar="DIR",
                type=click.Path(path_type=Path),
                help="The folder that `cleaner train` wrote.  [default: the installed models]",
            ),
        )
    ):
        option(with_options)
    return with_options
