"""What is said on standard error, and foreign text made safe for a terminal.

Names of files, keys, pages and models come from elsewhere: what would command the terminal, begin a
line of its own or turn its direction is shown as Python escapes it. All that the command line says
goes through here.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import click

from cleaner.errors import UsageError

_COMMANDS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters of both sets (C1 in UTF-8, too), line and paragraph separators, what
turns the direction of all that follows, and halves of a pair, which can't be written."""

NAMED = 3
"""Files that are named where there are many."""


def printable(text: str) -> str:
    """Return a text as one line that may be shown: "\\x1b[2J" becomes "\\\\x1b[2J"."""
    return _COMMANDS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def say(line: str) -> None:
    """Say something on standard error, in a line that is known to be ours."""
    try:
        click.echo(f"cleaner: {printable(line)}", err=True)
    except OSError:  # nobody hears it, and the work goes on
        let_go(sys.stderr)


def tell(where: str, what: str) -> None:
    """Say on standard error what is wrong with an input."""
    say(f"{where}: {what}")


def tell_skipped(paths: Sequence[str], *, every: bool) -> None:
    """Say which files of folders are not read, if any; `every` is that of `expand`."""
    if paths:
        why = "kinds" if every else "endings or kinds; --from FORMAT reads all endings"
        say(f"skipped {name_some(paths, 'file')} of other {why}")


def name_some(paths: Sequence[str | Path], what: str) -> str:
    """Say how many files there are of a kind, and name some."""
    some = ", ".join(click.format_filename(path) for path in paths[:NAMED])
    more = ", …" if len(paths) > NAMED else ""
    return f"{len(paths):,} {what}{'s' * (len(paths) > 1)} ({some}{more})"


def put(text: str, end: str = "\n") -> None:
    """Write a text to standard output. Raises `UsageError` where it is closed."""
    if sys.stdout is None:
        raise UsageError("standard output is closed; open it, or send it to a file")
    try:
        click.echo(text + end, nl=False)
    except OSError as error:
        error.filename = "standard output"
        raise


def let_go(stream: IO[str] | None) -> None:
    """Have nothing left in a standard stream that it can't write: Python would try again when it
    ends, and tell of it."""
    if stream is None:
        return
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
