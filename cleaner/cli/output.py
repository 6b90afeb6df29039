"""Where results go: standard output as they come, or a file that is there once it is whole."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click

from cleaner.errors import UsageError


def write_all(chunks: Iterable[bytes], output: str) -> None:
    """Write chunks to the file `output`, or to standard output for "-", each at once."""
    with _open(output) as file:
        for chunk in chunks:
            file.write(chunk)
            file.flush()


@contextmanager
def _open(output: str) -> Iterator[BinaryIO]:
    """Open a file beside `output` that takes its place at the end, so it may be an input too."""
    if output == "-":
        if sys.stdout is None:
            raise UsageError("standard output is closed; give a file with -o FILE")
        yield sys.stdout.buffer
        return
    if os.path.exists(output) and not os.path.isfile(output):  # a device or a named pipe
        with open(output, "wb") as file:
            yield file
        return
    if not output:
        raise UsageError("-o has no file name; give one, or - for standard output")
    target = Path(os.path.realpath(output))
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        file = part.open("xb")
    except OSError as error:
        raise UsageError(
            f"{output}: can't be written ({error.strerror}); give -o a file in a folder of yours"
        ) from None
    try:
        with file:
            yield file
        if target.exists():
            shutil.copymode(target, part)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def output_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `-o FILE` to a command."""
    return click.option(
        "-o",
        "--output",
        metavar="FILE",
        type=click.Path(dir_okay=False, allow_dash=True),
        default="-",
        help="Write to FILE, complete or not at all.  [default: standard output]",
    )(command)
