"""Files, wherever they are: opening one to read, and finding those of a folder or a pattern."""

from __future__ import annotations

import glob
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import PurePath
from stat import S_ISREG
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import urlsplit

from cleaner.errors import CleanerError, PageError, UsageError, missing_extra
from cleaner.formats.compression import CODECS, bare_name
from cleaner.pages.split import MARKDOWN_ENDINGS

ENDINGS = {
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".shtml": "html",
    **dict.fromkeys(MARKDOWN_ENDINGS, "markdown"),
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".warc": "warc",
    ".wet": "warc",
}
"""The format that an ending stands for; that of a compression may follow."""

PROGRAMS = (".php", ".asp", ".aspx")
"""Endings of pages that say who made them, not what they are: as of a file without an ending, its
beginning tells the format."""

_URL = re.compile(r"[a-z][a-z0-9+.-]+(?:://|::.*://)", re.I)

_LOCAL = re.compile(r"\A(?:file|local)://", re.I)

_ANY_DEPTH = re.compile(r"(?:^|(?<=/))(?:\*\*(?:/+|$))+")
"""`**` in a pattern, where it is a whole name."""


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


def local_path(path: str) -> str:
    """Return a path without the `file://` that says that it is of this machine."""
    return _LOCAL.sub("", path)


def place_of(url: str) -> object:
    """Return what tells the place of a URL from all others: `s3a://a/b` and `s3://a/b` are one."""
    try:
        from fsspec import get_filesystem_class

        system = get_filesystem_class(url.partition("://")[0])
    except (ImportError, ValueError):  # nothing opens it, which is told when it is opened
        return url
    return system, system._strip_protocol(url)


def is_web(path: str) -> bool:
    """Say whether a path is a page of the web."""
    return path.lower().startswith(("http://", "https://"))


def format_of(path: str) -> str | None:
    """Return the format that the ending of a path stands for, None where it stands for none."""
    return ENDINGS.get(_ending(path))


def stem_of(path: str) -> str:
    """Return a path without the endings of a format and a compression."""
    bare = bare_name(path)
    stem, ending = os.path.splitext(bare)
    return stem if ending.lower() in ENDINGS else bare


def _ending(path: str) -> str:
    """The ending of a path in small letters: before that of a compression, and before a query, for
    wget calls a page `a.html?id=3`."""
    if is_url(path):
        outer = path.partition("::")[0]  # as in zip://a.txt::s3://b.zip
        path = outer if is_url(outer) else path
        path = urlsplit(path).path if is_web(path) else path
    name = os.path.basename(path)
    before, whole = (
        os.path.splitext(bare_name(n))[1].lower() for n in (name.partition("?")[0], name)
    )
    return whole if whole in ENDINGS and before not in {*ENDINGS, *PROGRAMS} else before


def open_input(path: str) -> BinaryIO:
    """Open a file to read; "-" is standard input. What has arrived on a pipe is read at once.

    Raises `OSError` where it can't be opened, `UsageError` where standard input is closed.
    """
    if path == "-":
        if sys.stdin is None:
            raise UsageError("standard input is closed; give a file")
        buffer: Any = sys.stdin.buffer
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
        if "s3fs" in str(error):
            raise missing_extra(url, "s3fs", "s3") from None
        raise UsageError(f"{url}: {error}") from None
    return system, path


@contextmanager
def remote_errors(path: str) -> Iterator[None]:
    """Turn what a file system behind a URL raises in ways of its own into `OSError`."""
    try:
        yield
    except FileNotFoundError as error:
        cause = error.__cause__  # of a page of the web, which is said to be missing whatever failed
        if not is_web(path) or isinstance(cause, FileNotFoundError | None):
            raise
        raise OSError(f"{type(cause).__name__}: {cause}") from error
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

    A folder stands for all files below it that are not hidden: with `every` whatever their
    endings, else those with an ending of `ENDINGS` or `PROGRAMS`, or with none and no `_` before
    it. A pattern with `*`, `?` or `[…]` (in a URL, `*` only) and `**` for any number of folders
    stands for the files that match. What else is given stands for itself. No link to a folder is
    followed on the way down.

    What can't be listed or looked at is told to `failed`; the path of what is left out, a file of
    another ending, a link to a folder, a pipe or a device, to `skipped`. Raises `PageError` where
    nothing is found.
    """
    left_out = 0

    def skip(path: str) -> None:
        nonlocal left_out
        left_out += 1
        skipped(path)

    def chosen(paths: Iterable[str], root: str, every: bool) -> Iterator[Found]:
        for path in sorted(set(paths)):
            if not (every or _is_wanted(path)):
                skip(path)
            elif _is_regular(path, failed, skip):
                yield Found(path, PurePath(os.path.relpath(path, root or ".")).as_posix())

    folder = "*" not in given if is_url(given) else os.path.isdir(given)
    if given == "-":
        found: Iterator[Found] = iter([Found("-", "stdin")])
    elif is_url(given):
        found = _expand_url(given, every, failed, skip)
    elif folder:
        entries = (entry for _, entries in _folders(given, failed) for entry in entries)
        found = chosen((entry.path for entry in entries), given, every)
    elif glob.has_magic(given) and not os.path.lexists(given):
        found = chosen(_match(given, failed), _fixed_part(given), every=True)
    else:
        found = iter([Found(given, os.path.basename(given))])
    with remote_errors(given):
        first = next(found, None)
        if first is None:
            raise _nothing(folder, every, left_out)
        yield first
        yield from found


def _folders(
    top: str, failed: Callable[[OSError], None]
) -> Iterator[tuple[str, list[os.DirEntry[str]]]]:
    """Yield a folder and those below it, each with what else is in it; nothing that is hidden."""
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder or ".") as listing:
                entries = [e for e in listing if not e.name.startswith(".")]
        except OSError as error:
            failed(error)
            continue
        below = {e.name for e in entries if e.is_dir(follow_symlinks=False)}
        waiting += (os.path.join(folder, name) for name in below)
        yield folder, [e for e in entries if e.name not in below]


def _match(pattern: str, failed: Callable[[OSError], None]) -> Iterator[str]:
    """Yield the paths that match a pattern, below `**` without the folders that it goes through.

    `**` is not left to `glob`, which follows links to folders there, and round in circles.
    """
    above, *below = _ANY_DEPTH.split(pattern, maxsplit=1)
    if not below:
        yield from glob.iglob(pattern)
        return
    for top in glob.iglob(above) if above else [""]:
        for folder, _ in _folders(top, failed):
            for path in _match(os.path.join(glob.escape(folder), below[0] or "*"), failed):
                if os.path.islink(path) or not os.path.isdir(path):
                    yield path


def _is_wanted(path: str) -> bool:
    ending, name = _ending(path), os.path.basename(path)
    plain = not ending and not name.startswith("_")  # as Spark's _SUCCESS does
    return ending in ENDINGS or ending in PROGRAMS or plain


def _is_regular(path: str, failed: Callable[[OSError], None], skip: Callable[[str], None]) -> bool:
    try:
        regular = S_ISREG(os.stat(path).st_mode)
    except OSError as error:  # of a link, where it leads nowhere
        failed(error)
        return False
    if not regular:
        skip(path)
    return regular


def _fixed_part(pattern: str) -> str:
    """The folder of a pattern above the first part that varies."""
    while glob.has_magic(pattern):
        pattern = os.path.dirname(pattern)
    return pattern


def _nothing(folder: bool, every: bool, left_out: int) -> PageError:
    count = f" ({left_out:,} skipped)" if left_out else ""
    if not folder:
        return PageError(f"no file matches{count}; check the pattern and its quotes")
    if every:
        return PageError(f"no file in this folder can be read{count}; check its name")
    endings, packed = ", ".join((*ENDINGS, *PROGRAMS)), " or ".join(CODECS)
    return PageError(
        f"no file in this folder ends in {endings}, in these with {packed}, or in nothing{count}; "
        "--from reads files of all endings"
    )


def _expand_url(
    url: str, every: bool, failed: Callable[[OSError], None], skip: Callable[[str], None]
) -> Iterator[Found]:
    """The same for a URL; a page of the web is no folder, though it links to others."""
    if is_web(url) and "*" not in url:
        yield Found(url, urlsplit(url).path.rpartition("/")[2] or "index")
        return
    system, path = file_system(url)
    pattern = "*" in path
    if not pattern and system.info(path)["type"] != "directory":
        yield Found(url, path.rpartition("/")[2])
        return
    root = path[: path.index("*")].rpartition("/")[0] if pattern else path.rstrip("/")
    listed = system.glob(path, detail=True) if pattern else system.find(path, detail=True)
    outer, _, inner = url.partition("::")
    archive = f"::{inner}" if inner and is_url(outer) else ""  # as in zip://*.txt::s3://a/b.zip
    hidden_too = "/." in path.removeprefix(root)
    for p, about in sorted(listed.items()):
        name = f"{system.unstrip_protocol(p)}{archive}"
        relative = p.removeprefix(root).lstrip("/")
        hidden = any(part.startswith(".") and part != ".." for part in relative.split("/"))
        if hidden and not hidden_too:
            continue
        if p.endswith("/"):  # what stands for a folder, in stores that have none
            continue
        wanted = pattern or every or _is_wanted(p)
        try:  # of a link here, file systems say what it leads to only when asked
            kind = (
                about["type"] if about["type"] in ("file", "directory") else system.info(p)["type"]
            )
        except OSError as error:
            failed(error)
            continue
        if wanted and kind == "file":
            yield Found(name, relative)
        elif not (kind == "directory" and "**" in path):
            skip(name)
