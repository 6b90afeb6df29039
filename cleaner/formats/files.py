"""Files, wherever they are: opening one to read, and finding those of a folder or a pattern."""

from __future__ import annotations

import glob
import io
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import urlsplit

from cleaner.errors import CleanerError, PageError, UsageError, missing_extra
from cleaner.formats.compression import CODECS, bare_name

ENDINGS = {
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".warc": "warc",
    ".wet": "warc",
}
"""The format that an ending stands for; that of a compression may follow."""

_URL = re.compile(r"[a-z][a-z0-9+.-]+(?:://|::.*://)", re.I)


class Found(NamedTuple):
    """A file to read."""

    path: str
    """As `read_records` takes it."""
    relative: str
    """Where it lies below the folder, or the pattern's fixed part, that was given: with /, so that
    an output can have the same layout. Of a file that was given itself: its name."""


def is_url(path: str) -> bool:
    """Say whether a path is for fsspec: `s3://…`, `zip://…::s3://…`."""
    return bool(_URL.match(path))


def format_of(path: str) -> str | None:
    """Return the format that the ending of a path stands for, None where it stands for none."""
    path = urlsplit(path).path if _is_web(path) else path
    return ENDINGS.get(os.path.splitext(bare_name(path))[1].lower())


def stem_of(path: str) -> str:
    """Return a path without the endings of a format and a compression."""
    bare = bare_name(path)
    stem, ending = os.path.splitext(bare)
    return stem if ending.lower() in ENDINGS else bare


def _is_web(path: str) -> bool:
    return path.lower().startswith(("http://", "https://"))


def open_input(path: str) -> BinaryIO:
    """Open a file to read; "-" is standard input. What has arrived on a pipe is read at once.

    Raises `OSError` where it can't be opened.
    """
    if path == "-":
        buffer: Any = sys.stdin.buffer if sys.stdin else io.BytesIO()  # None where closed
        # Without a buffer there is no lock, which a process that forks meanwhile would wait for.
        unbuffered: BinaryIO = getattr(buffer, "raw", buffer)
        return unbuffered
    if is_url(path):
        system, name = file_system(path)
        remote: Any = system.open(name, "rb")
        remote.system = system  # an archive closes its files when it is forgotten
        file: BinaryIO = remote
        return file
    return open(path, "rb", buffering=0)


def file_system(url: str) -> tuple[Any, str]:
    """Return the fsspec file system of a URL, and the path there."""
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise missing_extra(url, "fsspec", "remote") from None
    try:
        system, path = url_to_fs(url)
    except (ImportError, ValueError) as error:  # the package for this kind of URL, or no such kind
        raise UsageError(f"{url}: {error}") from None
    return system, path


@contextmanager
def remote_errors(path: str) -> Iterator[None]:
    """Turn what a file system behind a URL raises in ways of its own into `OSError`."""
    try:
        yield
    except (CleanerError, OSError):
        raise
    except Exception as error:
        if not is_url(path):
            raise
        raise OSError(f"{type(error).__name__}: {error}") from error


def expand(
    given: str,
    *,
    every: bool,
    failed: Callable[[OSError], None],
    skipped: Callable[[str], None],
) -> Iterator[Found]:
    """Yield the files that a path stands for, sorted by path.

    A folder stands for all files below it with an ending of `ENDINGS`, with `every` whatever their
    endings, hidden ones left out; a pattern with `*`, `?` or `[…]` (in a URL, `*` only) and `**`
    for any number of folders, for the files that match. What else is given stands for itself. A
    folder below that can't be listed is told to `failed`, the path of each file that is left out to
    `skipped`. Raises `PageError` where nothing is found.
    """
    if given == "-":
        yield Found("-", "stdin")
    elif is_url(given):
        with remote_errors(given):
            yield from _expand_url(given)
    elif os.path.isdir(given):
        yield from _listed(given, given, _walk(given, failed))
    elif glob.has_magic(given) and not os.path.lexists(given):
        matches = glob.iglob(given, recursive=True)
        yield from _listed(given, _fixed_part(given), filter(os.path.isfile, matches))
    else:
        yield Found(given, os.path.basename(given))


def _listed(given: str, root: str, paths: Iterator[str]) -> Iterator[Found]:
    none = True
    for path in sorted(paths):
        none = False
        yield Found(path, PurePath(os.path.relpath(path, root or ".")).as_posix())
    if none:
        raise _nothing(root == given)


def _walk(folder: str, failed: Callable[[OSError], None]) -> Iterator[str]:
    for place, folders, files in os.walk(folder, onerror=failed):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (os.path.join(place, name) for name in files if _is_wanted(name))


def _is_wanted(name: str) -> bool:
    return format_of(name) is not None and not name.startswith(".")


def _fixed_part(pattern: str) -> str:
    """The folder of a pattern above the first part that varies."""
    while glob.has_magic(pattern):
        pattern = os.path.dirname(pattern)
    return pattern


def _nothing(folder: bool) -> PageError:
    if not folder:
        return PageError("no file matches; check the pattern and its quotes")
    endings, packed = ", ".join(ENDINGS), " or ".join(CODECS)
    return PageError(
        f"no file in this folder ends in {endings}, or in these with {packed}; "
        "give the files themselves, with --from"
    )


def _expand_url(url: str) -> Iterator[Found]:
    """The same for a URL; a page of the web is no folder, though it links to others."""
    if _is_web(url) and "*" not in url:
        yield Found(url, urlsplit(url).path.rpartition("/")[2] or "index")
        return
    system, path = file_system(url)
    if "*" in path:
        root = path[: path.index("*")].rpartition("/")[0]
        paths = [p for p in system.glob(path) if not system.isdir(p)]
    elif system.isdir(path):
        root = path.rstrip("/")
        below = (p.removeprefix(root).lstrip("/") for p in system.find(path))
        paths = [
            f"{root}/{p}"
            for p in below
            if _is_wanted(p.rpartition("/")[2]) and not any(x[:1] == "." for x in p.split("/"))
        ]
    else:
        yield Found(url, path.rpartition("/")[2])
        return
    if not paths:
        raise _nothing("*" not in path)
    outer, _, inner = url.partition("::")
    archive = f"::{inner}" if inner and is_url(outer) else ""  # as in zip://*.txt::s3://a/b.zip
    for p in sorted(paths):
        yield Found(f"{system.unstrip_protocol(p)}{archive}", p.removeprefix(root).lstrip("/"))
