"""Where results go: standard output as they come, or a file that is there once it is whole."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from cleaner.errors import CleanerError, UsageError
from cleaner.formats import jsonl, parquet, text
from cleaner.formats.compression import pack
from cleaner.formats.files import file_system, is_url, remote_errors
from cleaner.formats.record import Row

_UNFINISHED: set[Path] = set()
"""Files of this process that are begun and not at their places yet."""


def encode_rows(
    batches: Iterable[list[Row]],
    format: str,
    *,
    text_field: str = "text",
    schema: Any = None,
    like: Row | None = None,
) -> Iterator[bytes]:
    """Yield the bytes of rows in a format: "text", "jsonl" or "parquet", a chunk or more a batch.

    "text" takes `text_field` alone. `schema` is that of the input's `Records`, `like` a row that
    has an example of each field that is added to the input's: Parquet goes by both (`parquet.write`
    has more).
    """
    if format == "parquet":
        return parquet.write(batches, schema, like)
    return text.write(batches, text_field) if format == "text" else jsonl.write(batches)


def write_file(chunks: Iterable[bytes], path: str) -> None:
    """Write chunks to a file or a URL, or to standard output for "-", each as it comes.

    They are packed as the path's ending says. A file takes the place of an old one when all chunks
    have come, else nothing is changed: so it may be what they are read from. Raises `UsageError`
    where it can't be written.
    """
    with _open(path) as file:
        for chunk in pack(chunks, path):
            file.write(chunk)
            file.flush()


def discard_unfinished() -> None:
    """Remove all files that are begun and not finished, for who ends this process at once."""
    for part in list(_UNFINISHED):
        part.unlink(missing_ok=True)


@contextmanager
def _open(path: str) -> Iterator[BinaryIO]:
    if path == "-":
        if sys.stdout is None:
            raise UsageError("standard output is closed; give a file with -o FILE")
        yield sys.stdout.buffer
    elif not path:
        raise UsageError("-o has no file name; give one, or - for standard output")
    elif is_url(path):
        with _open_url(path) as file:
            yield file
    elif os.path.exists(path) and not os.path.isfile(path):  # a device or a named pipe
        with open(path, "wb") as file:
            yield file
    else:
        with _open_beside(path) as file:
            yield file


@contextmanager
def _open_beside(path: str) -> Iterator[BinaryIO]:
    """Open a file beside `path` that takes its place at the end."""
    target = Path(os.path.realpath(path))
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    _UNFINISHED.add(part)
    try:
        file = part.open("xb")
    except OSError as error:
        raise UsageError(
            f"{path}: can't be written ({error.strerror}); give -o a file in a folder of yours"
        ) from None
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # else a power cut could leave the name without the bytes
        if target.exists():
            shutil.copymode(target, part)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    finally:
        _UNFINISHED.discard(part)


@contextmanager
def _open_url(url: str) -> Iterator[BinaryIO]:
    """Open a file here that is sent at the end: not every file system can take back a beginning."""
    system, name = file_system(url)
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder, "part")
        with part.open("wb") as file:
            yield file
        try:
            with remote_errors(url):
                system.put_file(str(part), name)
        except OSError as error:
            raise CleanerError(f"{url}: can't be written ({error.strerror or error})") from None
