"""The inputs cut into shards: the same files give the same shards, wherever the reading begins."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count, groupby
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.formats import Format, Record, format_of, stem_of
from cleaner.formats.record import CHUNK
from cleaner.pages import Page
from cleaner.runs import failures
from cleaner.runs.manifest import Input
from cleaner.runs.reading import Reading

PAGE_FORMATS = ("text", "html")
"""Formats in which a file is a page."""

MOST_RECORDS = 1024
"""Records that make a batch, however little they hold: those without a page hold nothing."""


@dataclass(frozen=True, slots=True)
class Source:
    """What shards are cut from: a file, or files of a folder that are a page each."""

    name: str
    """Below the output folder, with /; no other source has it."""
    paths: tuple[str, ...]
    size: int
    """Bytes of the files, as far as they are known."""


class Start(NamedTuple):
    """Where the reading of a source begins."""

    shard: int = 0
    pages: int = 0
    """How many belong to the shards before."""


class Part(NamedTuple):
    """What comes with some records of a shard."""

    source: Source
    shard: int
    first: int
    """The number of the first record in the source."""
    schema: Any
    read: int
    """Bytes of the source that are read by now."""
    last: bool
    """Whether the source ends with it."""

    @property
    def name(self) -> str:
        """The shard's name."""
        return name_of(self.source, self.shard)


def name_of(source: Source, shard: int) -> str:
    """Return the name of a shard: that of its source and its number."""
    return f"{source.name}-{shard:05d}"


def find_sources(inputs: list[Input], format: Format, *, alone: bool) -> list[Source]:
    """Return the sources of a run, in order.

    Files that are a page each, one after the other and in one folder, are one source unless each
    shall be `alone`.
    """
    taken: set[str] = set()

    def key(numbered: tuple[int, Input]) -> object:
        number, one = numbered
        of = format_of(one.path) if format == "auto" else format
        return os.path.dirname(one.relative) if of in PAGE_FORMATS and not alone else number

    sources = []
    for folder, group in groupby(enumerate(inputs), key):
        files = [one for _, one in group]
        relative = files[0].relative
        names = [stem_of(relative), relative]
        if isinstance(folder, str):
            names = [f"{folder}/pages" if folder else "pages"]
        name = _new_name(names, taken)
        size = sum(one.size or 0 for one in files)
        sources.append(Source(name, tuple(one.path for one in files), size))
    return sources


def _new_name(names: list[str], taken: set[str]) -> str:
    """Return a name that is not taken, also where a file system takes A for a."""
    choices = chain(names, (f"{names[-1]}~{n}" for n in count(2)))
    name = next(name for name in choices if name.casefold() not in taken)
    taken.add(name.casefold())
    return name


def read_parts(
    source: Source, reading: Reading, start: Start, shard_bytes: int
) -> Iterator[tuple[Part, list[Record]]]:
    """Yield the records of a source from the start of a shard on, in batches of some `CHUNK` bytes.

    A shard ends before the page with which it would hold more than `shard_bytes` bytes of pages.
    """
    shard, size = start.shard, 0
    batch: list[Record] = []
    in_batch = number = position = 0
    schema = None

    def part(last: bool = False) -> tuple[Part, list[Record]]:
        return Part(source, shard, number - len(batch), schema, position, last), batch

    for schema, record, position in _read(source, reading):  # noqa: B007
        if number < start.pages:
            number += 1
            continue
        length = len(record.page.source) if isinstance(record.page, Page) else 0
        if size and size + length > shard_bytes:
            yield part()
            batch, in_batch, size, shard = [], 0, 0, shard + 1
        elif in_batch >= CHUNK or len(batch) >= MOST_RECORDS:
            yield part()
            batch, in_batch = [], 0
        batch.append(record)
        number += 1
        in_batch += length
        size += length
    yield part(last=True)


def _read(source: Source, reading: Reading) -> Iterator[tuple[Any, Record, int]]:
    """Yield the records of the files with their schema, and the bytes read by then."""
    before = 0
    for path in source.paths:
        again = failures.is_of_run(Path(path))
        opened, batches = reading.open(path)
        position = 0
        for records in batches:
            position = max(position, opened.position() if opened else 0)
            for record in records:
                record = failures.without_reason(record) if again else record
                yield opened and opened.schema, record, before + position
        before += position
