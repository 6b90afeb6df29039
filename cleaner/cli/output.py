"""What `clean` and `label` share of their output: where it goes, and in which format."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from stat import S_ISCHR, S_ISREG
from typing import Any, TextIO

import click

from cleaner.cli.terminal import printable
from cleaner.errors import PageError, UsageError
from cleaner.formats import expand, format_of, is_url, local_path, place_of, write_file
from cleaner.formats.compression import bare_name
from cleaner.options import Options

_COMMANDS = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Of what `printable` escapes, what JSON Lines leave as it is."""

_LINES = re.compile("[^\n\f\t]+")

_PACKED = frozenset("bz2 xz lzma lz4 br zip 7z tar tgz".split())
"""Endings of what nothing here packs: the bytes would not be what the name says."""

_BY_ENDING = {"json": "jsonl"} | {
    ending: ending
    for ending in "xml yaml yml pdf doc docx xls xlsx ods odt arrow feather avro orc".split()
}
"""Endings that are none of an input: JSON is written a page a line, the other formats not at all,
though with --to a file may be called so."""

_UNREADABLE = {"parquet": "Parquet", "html": "HTML"}


def output_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `-o FILE` to a command."""
    return click.option(
        "-o",
        "--output",
        metavar="FILE",
        type=click.Path(allow_dash=True),
        default="-",
        help="Write to FILE or a URL, complete or not at all; with .gz or .zst, packed. No input "
        "is overwritten.  [default: standard output]",
    )(command)


def choose_format(to: str | None, output: str, choices: tuple[str, ...]) -> str | None:
    """Return what to write: what was asked for, else what the ending of the output says, if any.

    Raises `UsageError` for the ending of another format, for a folder, and for Parquet and
    HTML to a terminal.
    """
    if output.endswith(("/", os.sep)) or (output != "-" and os.path.isdir(output)):
        raise UsageError(
            f"{output}: is a folder, and all goes into one file; give -o a file, or write a folder "
            f"with cleaner run INPUT... -o {output}"
        )
    ending = "" if is_url(output) else os.path.splitext(output)[1][1:].lower()
    if ending in _PACKED:
        raise UsageError(f"{output}: nothing is packed as {ending} here; take .gz or .zst, or none")
    inner = "" if is_url(output) else os.path.splitext(bare_name(output))[1][1:].lower()
    chosen = to or format_of(output) or _BY_ENDING.get(inner)
    if chosen not in (None, *choices):
        *others, last = choices
        else_say = f", or say what to write with --to {', '.join(others)} or {last}"
        what = f"another ending{else_say}" if others else f"the ending .{last}"
        raise UsageError(f"{output}: {chosen} can't be written here; give -o {what}")
    if chosen in _UNREADABLE and _is_terminal(output):
        what = _UNREADABLE[chosen]
        raise UsageError(f"{what} is nothing to read in a terminal; give a file with -o FILE")
    return chosen


def refuse_input(output: str, inputs: Iterable[str], *, every: bool = False) -> None:
    """Raise `UsageError` where an output is one of the files that inputs stand for.

    It would be lost, or be read while it grows. Links to it, other names and what standard input
    and output are redirected to count as well. `every` is that of `expand`.
    """
    there = _identity(output, sys.stdout)
    if there is None:  # so there is nothing to lose
        return
    for path in _files(inputs, every):
        if any(_identity(part, sys.stdin) == there for part in path.split("::")):
            shown = "standard output" if output == "-" else output
            raise UsageError(f"{shown}: is one of the files that are read; give another file")


def refuse_what_is_read(output: str, options: Options, inputs: dict[str, Any]) -> None:
    """Raise `UsageError` where an output is an input, as the arguments of `input_options` name
    them, or a file of the models."""
    refuse_input(output, inputs["files"] or ("-",), every=inputs["format"] != "auto")
    if options.models:
        refuse_input(output, [str(options.models)], every=True)


def write_output(chunks: Iterable[bytes], format: str, output: str) -> None:
    """Write what rows were encoded to; on a terminal, nothing of it commands the terminal."""
    write_file(_escaped(chunks, format) if _is_terminal(output) else chunks, output)


def _files(inputs: Iterable[str], every: bool) -> Iterator[str]:
    for given in inputs:
        yield given
        try:
            for found in expand(given, every=every, failed=_ignore, skipped=_ignore):
                yield found.path
        except (PageError, OSError) as error:
            _ignore(error)


def _ignore(_: object) -> None:
    """What is wrong with an input is told when it is read."""


def _identity(path: str, stream: TextIO | None) -> object:
    """Return what tells a file from all others, None where there is none; "-" is the stream."""
    local = local_path(path)
    if is_url(local):
        return place_of(local)
    try:
        about = os.fstat(stream.fileno()) if stream and path == "-" else os.stat(local)
    except (OSError, ValueError):  # ValueError: a stream without a file, or a NUL in a name
        return None
    return (about.st_dev, about.st_ino) if S_ISREG(about.st_mode) else None


def _is_terminal(output: str) -> bool:
    if output == "-":
        return bool(sys.stdout and sys.stdout.isatty())
    try:
        if not S_ISCHR(os.stat(output).st_mode):
            return False
        with open(output, "wb", buffering=0) as device:
            return device.isatty()
    except (OSError, ValueError):
        return False


def _escaped(chunks: Iterable[bytes], format: str) -> Iterator[bytes]:
    """Yield chunks of whole lines with each command as an escape of JSON or, in texts, Python."""
    for chunk in chunks:
        text = chunk.decode(errors="replace")
        if format == "jsonl":
            yield _COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()
        else:
            yield _LINES.sub(lambda found: printable(found[0]), text).encode()
