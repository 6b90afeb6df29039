"""Where results go: standard output as they come, or a file that is there once it is whole."""

from __future__ import annotations

import os
import re
import select
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from stat import S_IMODE, S_ISREG
from typing import Any, BinaryIO

from cleaner.errors import CleanerError, UsageError
from cleaner.formats import csv, jsonl, markdown, parquet, text
from cleaner.formats.compression import pack
from cleaner.formats.files import file_system, is_url, is_web, local_path, remote_errors
from cleaner.formats.record import Row

MAX_LINKS = 40
"""Links from one to the next that are followed, as many as Linux does."""

_DESCRIPTORS = re.compile(r"/dev/fd|/proc/\d+(?:/task/\d+)?/fd")
"""Folders that hold the descriptors of a process."""

_UNFINISHED: set[str] = set()
"""Files of this process that are begun and not at their places yet."""

if hasattr(os, "register_at_fork"):  # a worker leaves alone what its parent writes
    os.register_at_fork(after_in_child=_UNFINISHED.clear)


def encode_rows(
    batches: Iterable[list[Row]],
    format: str,
    *,
    text_field: str = "text",
    schema: Any = None,
    like: Row | None = None,
    head: Iterable[str] = (),
) -> Iterator[bytes]:
    """Yield the bytes of rows in a format, a chunk or more a batch.

    The formats are "text" and "markdown", which take `text_field` alone, but for the fields that
    `head` names, which stand before Markdown; "jsonl"; "csv" and "tsv", which take the text last;
    and "parquet". `schema` is that of the input's `Records`, `like` a row that
    has an example of each field that `add_fields` adds: Parquet goes by both (`parquet.write` has
    more).
    """
    if format == "parquet":
        return parquet.write(batches, schema, like)
    if format in csv.DELIMITERS:
        return csv.write(batches, text_field, csv.DELIMITERS[format])
    if format == "markdown":
        return markdown.write(batches, text_field, tuple(head))
    return text.write(batches, text_field) if format == "text" else jsonl.write(batches)


def write_file(chunks: Iterable[bytes], path: str) -> None:
    """Write chunks to a file or a URL, or to standard output for "-", each as it comes.

    They are packed as the path's ending says. A file takes the place of an old one when all chunks
    have come, else nothing is changed; until then it has another name beside it. A pipe, a device,
    or what `/dev/stdout` and its kin stand for is written to as it is, behind what is there. Raises
    `UsageError` where it can't be opened, `OSError` with the path where it can't be written to the
    end.
    """
    with _open(path) as file:
        for chunk in pack(chunks, path):
            with _named(path):
                _write(file, chunk)


def refuse_url(url: str) -> None:
    """Raise `UsageError` where nothing can be sent to a URL, before there is what to send.

    What can't be looked at may be written to all the same, and is not refused.
    """
    system, name = file_system(url)
    bucket, _, key = name.partition("/")
    if is_web(url) or "::" in url or not bucket:  # the web and archives have no buckets
        return
    if not key:
        raise UsageError(f"{url}: names no file; give one in it")
    try:
        system.info(bucket)
    except FileNotFoundError:
        reason = f"there is no {bucket}"
    except (PermissionError, NotImplementedError, ValueError):
        return
    except Exception as error:  # file systems raise errors of their own
        reason = f"{type(error).__name__}: {error}"
    else:
        return
    raise UsageError(f"{url}: can't be written ({reason}); check the URL")


@contextmanager
def discarded(part: str) -> Iterator[None]:
    """Remove what is left of an unfinished file at the end, or by `discard_unfinished` before."""
    _UNFINISHED.add(part)
    try:
        yield
    finally:
        with suppress(OSError):
            os.unlink(part)
        _UNFINISHED.discard(part)


def discard_unfinished() -> None:
    """Remove all files that are begun and not finished, for who ends this process at once."""
    for path in list(_UNFINISHED):
        with suppress(OSError):
            os.unlink(path)


def _write(file: Any, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        written = file.write(rest)
        if written is None:  # a pipe that is full, and set not to wait
            select.select([], [file], [])
        rest = rest[written or 0 :]


@contextmanager
def _named(path: str) -> Iterator[None]:
    """Have an `OSError` say which output it is about."""
    try:
        yield
    except OSError as error:
        error.filename = "standard output" if path == "-" else path
        raise


def _refused(path: str, reason: object) -> UsageError:
    return UsageError(f"{path}: can't be written ({reason}); give a file in a folder of yours")


@contextmanager
def _open(path: str) -> Iterator[Any]:
    """Open an output, without a buffer: nothing is left in one when the writing fails."""
    if path == "-":
        if sys.stdout is None:
            raise UsageError("standard output is closed; give a file with -o FILE")
        yield getattr(sys.stdout.buffer, "raw", sys.stdout.buffer)
    elif not path:
        raise UsageError("-o has no file name; give one, or - for standard output")
    elif is_url(local_path(path)):
        with _open_url(path) as file:
            yield file
    else:
        path = local_path(path)
        try:
            about = _stat(path)
            stream = _open_stream(path, about)
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            raise _refused(path, getattr(error, "strerror", error)) from None
        if stream is None:
            with _open_beside(path, about) as file:
                yield file
        else:
            with stream:
                yield stream


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _open_stream(path: str, about: os.stat_result | None) -> BinaryIO | None:
    """Open what can only be written as it is: a pipe, a device, a descriptor; None for a file."""
    descriptor = _descriptor(path)
    if descriptor is not None:
        return open(descriptor, "wb", buffering=0)
    if about is None or S_ISREG(about.st_mode):
        return None
    return open(path, "wb", buffering=0)


def _descriptor(path: str) -> int | None:
    """Return a copy of the descriptor that a path like `/dev/stdout` or a link to it names.

    The file behind it is not to be opened by its own name: others write there as well.
    """
    own = {os.path.realpath(f) for f in ("/dev/fd", "/proc/self/fd", "/proc/thread-self/fd")}
    for _ in range(MAX_LINKS):
        folder, name = os.path.split(path)
        folder = os.path.realpath(folder)
        if name.isdecimal() and _DESCRIPTORS.fullmatch(folder):
            path = os.path.join(folder, name)
            return os.dup(int(name)) if folder in own else os.open(path, os.O_WRONLY | os.O_APPEND)
        if not os.path.islink(os.path.join(folder, name)):
            break
        path = os.path.join(folder, os.readlink(os.path.join(folder, name)))
    return None


@contextmanager
def _open_beside(path: str, about: os.stat_result | None) -> Iterator[BinaryIO]:
    """Open a file that takes the place of `path` at the end."""
    place = os.path.realpath(path)
    part = os.path.join(os.path.dirname(place), f".{os.urandom(8).hex()}.part")
    with _begun(part, path, 0o666) as file:
        with _named(path):
            if about:
                os.chmod(part, S_IMODE(about.st_mode))
        yield file
        with _named(path):
            os.fsync(file.fileno())  # else a power cut could leave the name without the bytes
            file.close()
            os.replace(part, place)


@contextmanager
def _open_url(url: str) -> Iterator[BinaryIO]:
    """Open a file here that is sent at the end: not every file system can take back a beginning."""
    refuse_url(url)
    system, name = file_system(url)
    options = {"method": "put"} if is_web(url) else {}
    part = os.path.join(tempfile.gettempdir(), f"cleaner-{os.urandom(8).hex()}.part")
    with _begun(part, url, 0o600) as file:
        yield file
        file.close()
        try:
            with remote_errors(url):
                system.put_file(part, name, **options)
        except OSError as error:
            raise CleanerError(f"{url}: can't be written ({error.strerror or error})") from None


@contextmanager
def _begun(part: str, path: str, mode: int) -> Iterator[BinaryIO]:
    """Open a new file for the time until it is at `path`."""
    with discarded(part):
        try:
            file = open(part, "xb", 0, opener=lambda p, flags: os.open(p, flags, mode))  # noqa: SIM115
        except OSError as error:
            raise _refused(path, error.strerror) from None
        with file:
            yield file
