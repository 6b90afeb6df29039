"""The inputs cut into shards: the same files give the same shards, wherever the reading begins."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.errors import PageError
from cleaner.formats import PAGE_FORMATS, Format, Record, format_of, stem_of
from cleaner.formats.record import CHUNK, MAX_RECORDS
from cleaner.pages import Page
from cleaner.runs import lists
from cleaner.runs.manifest import Input
from cleaner.runs.reading import Reading, failure

MAX_PART, MAX_NAME = 200, 1000
"""Bytes of a file's or folder's name, and of all of a source's: 255 and 4,096 is what systems take,
with the number and the endings of what a shard leaves, and with the output folder."""

_OURS = re.compile(
    r"\.cleaner|manifest\.json|(failed|dropped|suspicious)\.jsonl|.*-\d{5,}\..*", re.I | re.S
)
"""What a run's own files are called, and so no folder in its output."""

CHANGED = PageError(
    "changed since the run began, so that pages of it may be missing or torn; "
    "the same command cleans it again"
)


@dataclass(frozen=True)
class Source:
    """What shards are cut from: a file, or files of a folder that are a page each."""

    name: str
    """Below the output folder, with /; no other source has it."""
    files: tuple[Input, ...]
    given: bool = True
    """Whether all of the files are among the inputs of this start, so that they can be read."""
    place: int = 0
    """Its number among all sources of the run, in order."""

    @cached_property
    def size(self) -> int:
        """Bytes of the files, as far as they are known."""
        return sum(file.size or 0 for file in self.files)

    @cached_property
    def mark(self) -> str:
        """What tells its files from others of the same names: shards of others are none of it."""
        about = [
            (file.shown if file.size is None else file.name, file.size, file.modified)
            for file in self.files
        ]
        return blake2b(repr(about).encode(), digest_size=8).hexdigest()


class Piece(NamedTuple):
    """Shards of a source, one after the other, that are to be made."""

    source: Source
    shard: int
    """The number of the first."""
    first: int
    """The number of its first page in the source."""
    end: int | None = None
    """That of the page behind the last; None for all that the source has."""

    @property
    def name(self) -> str:
        """The name of the first."""
        return name_of(self.source, self.shard)


class ShardBatch(NamedTuple):
    """What is known of a batch of a shard's records."""

    source: Source
    shard: int
    first: int
    """The number of the first record in the source."""
    schema: Any
    read: int
    """Bytes of the source that are read by now."""
    last: bool
    """Whether the source ends with it."""
    changed: bool
    """Whether a file that it is from is not what it was when the run began."""

    @property
    def name(self) -> str:
        """The shard's name."""
        return name_of(self.source, self.shard)


def name_of(source: Source, shard: int) -> str:
    """Return the name of a shard: that of its source and its number."""
    return f"{source.name}-{shard:05d}"


def find_sources(
    inputs: list[Input], format: Format, *, alone: bool, taken: Iterable[str] = ()
) -> list[Source]:
    """Return the sources of some inputs, in order, under names that are not `taken`.

    Files that are a page each, one after the other and in one folder, are one source unless each
    shall be `alone`.
    """
    free = _Names(taken)

    def key(numbered: tuple[int, Input]) -> object:
        number, one = numbered
        of = format_of(one.path) if format == "auto" else format
        is_page = of in (*PAGE_FORMATS, None)  # most likely one where its name does not say
        return os.path.dirname(one.relative) if is_page and not alone else number

    sources = []
    for folder, group in groupby(enumerate(inputs), key):
        files = tuple(one for _, one in group)
        relative = files[0].relative
        names = [stem_of(relative), relative]
        if isinstance(folder, str):
            names = [f"{folder}/pages" if folder else "pages"]
        name = free.choose([_fit(name) for name in names])
        sources.append(Source(name, files))
    return sources


class _Names:
    """Gives names that are not taken, also where a file system takes A for a."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {name.casefold() for name in taken}
        self._numbers: dict[str, int] = defaultdict(lambda: 2)

    def choose(self, names: list[str]) -> str:
        """Return the first that is free, else the last with the first number that makes it free."""
        last = names[-1]
        name = next((name for name in names if name.casefold() not in self._taken), last)
        while name.casefold() in self._taken:
            name = f"{last}~{self._numbers[last.casefold()]}"
            self._numbers[last.casefold()] += 1
        self._taken.add(name.casefold())
        return name


def _fit(name: str) -> str:
    """Return the name of an input as one that can be had below the output folder, and stays there.

    Parts that are too long are cut, and told apart by a digest; what an archive or a pattern has of
    `..` is left out. Bytes that are no UTF-8, which a manifest can't hold, become U+FFFD.
    """
    name = os.fsencode(name).decode(errors="replace")
    *folders, file = [p for p in name.split("/") if p not in ("", ".", "..")] or ["input"]
    parts = [_cut(f"{folder}~" if _OURS.fullmatch(folder) else folder) for folder in folders]
    whole = "/".join([*parts, _cut(file)])
    if len(os.fsencode(whole)) > MAX_NAME:
        return f"{_digest('/'.join(folders))}/{_cut(file)}"
    return whole


def _cut(part: str) -> str:
    if len(os.fsencode(part)) <= MAX_PART:
        return part
    digest = f"~{_digest(part)}"
    start = part[: MAX_PART - len(digest)]
    while len(os.fsencode(start)) + len(digest) > MAX_PART:
        start = start[:-1]
    return start + digest


def _digest(name: str) -> str:
    return blake2b(os.fsencode(name), digest_size=4).hexdigest()


def read_batches(
    piece: Piece, reading: Reading, shard_bytes: int
) -> Iterator[tuple[ShardBatch, list[Record]]]:
    """Yield the records of a piece in batches of some `CHUNK` bytes.

    A shard ends before the page with which it would hold more than `shard_bytes` bytes of pages.
    """
    shard, number, size = piece.shard, piece.first, 0
    records: list[Record] = []
    in_batch = position = 0
    schema, changed = None, False

    def batch(last: bool = False) -> tuple[ShardBatch, list[Record]]:
        first = number - len(records)
        return ShardBatch(piece.source, shard, first, schema, position, last, changed), records

    for schema, record, position in _read(piece, reading):  # noqa: B007
        if record is None:
            continue
        length = len(record.page.source) if isinstance(record.page, Page) else 0
        if size and size + length > shard_bytes:
            yield batch()
            records, in_batch, size, shard = [], 0, 0, shard + 1
            changed = False
        elif in_batch >= CHUNK or len(records) >= MAX_RECORDS:
            yield batch()
            records, in_batch = [], 0
        records.append(record)
        number += 1
        in_batch += length
        size += length
        changed = changed or record.page is CHANGED
    yield batch(last=piece.end is None)


def _read(piece: Piece, reading: Reading) -> Iterator[tuple[Any, Record | None, int]]:
    """Yield the records of a piece with their schema, and the bytes of the source read by then.

    None comes before those of a file: it has a schema, though it may have no records. Where a file
    is not what it was, a record that says so comes behind what could be read of it.
    """
    before = number = 0
    for file in piece.source.files:
        if number == piece.end:
            return
        schema, position = None, 0
        if file.is_there():
            again = lists.is_failed_list(Path(file.path))
            opened, batches = reading.open(file.path)
            schema = opened and opened.schema
            yield schema, None, before
            until = None if piece.end is None else piece.end - number
            for record in islice(chain.from_iterable(batches), until):
                position = max(position, opened.position() if opened else 0)
                number += 1
                if number > piece.first:
                    record = lists.without_reason(record) if again else record
                    yield schema, record, before + position
        if not file.is_unchanged():
            yield schema, failure(CHANGED, file.path), before + position
        before += position
