"""A run: inputs into an output folder, shard by shard, in order.

What is known of a run while it goes on is what the shards that are done have written. So it makes
no difference to a shard whether the run was stopped before it.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, groupby
from pathlib import Path
from typing import IO, Any, NamedTuple

from cleaner.cleaner import Cleaner
from cleaner.errors import PageError
from cleaner.formats import Record, Row, encode_rows
from cleaner.formats.record import CHUNK
from cleaner.runs import manifest
from cleaner.runs.failures import failed_row
from cleaner.runs.pool import Limits, Pool
from cleaner.runs.reading import Reading
from cleaner.runs.shards import Part, Source, Start, find_sources, name_of, read_parts
from cleaner.runs.store import State, Store, write
from cleaner.runs.summary import (
    SAMPLED,
    Outcome,
    Sample,
    Tally,
    choose_samples,
    make_outcome,
    rank_of,
)
from cleaner.runs.work import Made, NoArticle, Work

Results = list[tuple[Record, Made[Outcome]]]

ENOUGH_SAMPLES = 10 * SAMPLED
"""Pages from which only those that may be looked at are kept."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done: the same job gives the same bytes."""

    inputs: tuple[str, ...]
    out: Path
    reading: Reading
    to: str
    """A key of `store.ENDINGS`."""
    keep: tuple[str, ...]
    precision: float
    accurate: bool
    only_articles: bool
    dedupe: bool
    shard_bytes: int
    model: Path | None

    def options(self) -> dict[str, Any]:
        """Return, as the command line names them, the options that the manifest holds to."""
        return {
            "--from": self.reading.format,
            "--text-field": self.reading.text_field,
            "--html-field": self.reading.html_field,
            "--to": self.to,
            "--keep": ",".join(self.keep),
            "--precision": self.precision,
            "--accurate": self.accurate,
            "--only-articles": self.only_articles,
            "--max-page-size": self.reading.max_page / 1e6,
            "--dedupe": self.dedupe,
            "--shard-size": self.shard_bytes / 1e6,
        }


class Progress(NamedTuple):
    """How far a run is."""

    tally: Tally
    read: int
    """Bytes of the inputs that are done with."""
    total: int
    """Bytes of all inputs; 0 where they are not known."""


class Result(NamedTuple):
    """What became of a run."""

    tally: Tally
    samples: list[Sample]


@dataclass
class _Done:
    """What is known of the shards that are done: the first ones, without a gap."""

    tally: Tally = field(default_factory=Tally)
    samples: list[Sample] = field(default_factory=list)
    seen: set[bytes] = field(default_factory=set)
    """Digests of clean texts; empty where duplicates are not looked for."""
    shards: list[str] = field(default_factory=list)

    def add(self, name: str, state: State) -> None:
        self.tally.add(state.tally)
        self.samples = choose_samples([*self.samples, *state.samples])
        self.seen.update(state.digests)
        self.shards.append(name)


def run(
    job: Job,
    *,
    workers: int,
    limits: Limits,
    progress: Callable[[Progress], None],
    failed: Callable[[str, str], None],
) -> Result:
    """Do a job, or what is left of it, and return what became of it in all.

    `progress` is called after each batch, `failed` with the place of each page that fails and the
    reason. Raises `UsageError` where the inputs or the output folder won't do, `CleanerError` where
    a shard can't be written; the same job then goes on where it stopped.
    """
    began = time.monotonic()
    cleaner = Cleaner(job.model, precision=job.precision, accurate=job.accurate)
    inputs = manifest.find_inputs(job.inputs, job.out)
    store = Store(job.out, job.to)
    with store.locked():
        manifest.write_or_check(job.out, inputs, job.options(), job.model)
        sources = find_sources(inputs, job.reading.format, alone=job.to == "text")
        done = _Done()
        left = list(_resume(store, sources, done))
        if left:
            work = Work(cleaner, partial(make_outcome, keep=job.keep), job.only_articles)
            parts = chain.from_iterable(
                read_parts(source, job.reading, start, job.shard_bytes) for source, start in left
            )
            before = _Bytes(sources, left)
            with Pool(work, workers, limits) as pool:
                for name, group in groupby(pool.map(parts), key=lambda found: found[0].name):
                    shard = _Shard(job, done, before, progress, failed)
                    done.add(name, shard.write(store, name, group, began))
                    began = time.monotonic()
        store.write_failed(done.shards)
    return Result(done.tally, done.samples)


def _resume(store: Store, sources: list[Source], done: _Done) -> Iterator[tuple[Source, Start]]:
    """Add the shards that are done, up to the first that is not; yield the sources from there on,
    and where each begins."""
    gap = False
    for source in sources:
        start, last = Start(), False
        while not gap and not last:
            name = name_of(source, start.shard)
            if state := store.read_state(name):
                done.add(name, state)
                start, last = Start(start.shard + 1, start.pages + state.tally.pages), state.last
            else:
                gap = True
        if not last:
            yield source, start


class _Bytes:
    """Counts the bytes of the inputs that are done with."""

    def __init__(self, sources: list[Source], left: list[tuple[Source, Start]]) -> None:
        self.total = sum(source.size for source in sources)
        self._before = self.total - sum(source.size for source, _ in left)

    def read(self, part: Part) -> int:
        """Return how many are read with this part, of sources that end or not."""
        now = self._before + min(part.read, part.source.size)
        if part.last:
            self._before += part.source.size
        return now


class _Shard:
    """Writes one shard, and counts what becomes of its pages."""

    def __init__(
        self,
        job: Job,
        done: _Done,
        before: _Bytes,
        progress: Callable[[Progress], None],
        failed: Callable[[str, str], None],
    ) -> None:
        self._job = job
        self._done = done
        self._bytes = before
        self._progress = progress
        self._failed = failed
        self._tally = Tally()
        self._samples: list[Sample] = []
        self._digests: dict[bytes, None] = {}
        self._last = False

    def write(
        self, store: Store, name: str, group: Iterator[tuple[Part, Results]], began: float
    ) -> State:
        """Write the shard, then its state; the work on it `began` at this time."""
        part, results = next(group)
        with tempfile.TemporaryFile() as failures:
            batches = (
                list(self._rows(part, results, failures))
                for part, results in chain([(part, results)], group)
            )
            encoded = encode_rows(
                (rows for rows in batches if rows),
                self._job.to.partition(".")[0],
                text_field=self._job.reading.text_field,
                schema=part.schema,
                like={self._job.reading.text_field: ""},
            )
            write(encoded, store.shard_path(name))
            self._tally.seconds = time.monotonic() - began
            samples = choose_samples(self._samples)
            state = State(self._tally, samples, list(self._digests), self._last)
            failures.seek(0)
            store.write_state(name, state, iter(lambda: failures.read(CHUNK), b""))
        return state

    def _rows(self, part: Part, results: Results, failures: IO[bytes]) -> Iterator[Row]:
        """Yield what comes out of a part; keep what failed."""
        self._last = part.last
        for number, (record, result) in enumerate(results, part.first):
            self._tally.pages += 1
            if isinstance(result, NoArticle):
                self._tally.no_article += 1
            elif isinstance(result, PageError):
                self._tally.failed += 1
                self._failed(record.where, str(result))
                row = failed_row(record, result, self._job.reading)
                failures.writelines(encode_rows([[row]], "jsonl"))
            elif self._is_duplicate(result):
                self._tally.duplicates += 1
            else:
                self._tally.count(result)
                self._sample(
                    Sample(rank_of(part.source.name, number), record.where, result.paragraphs)
                )
                yield {**record.fields, self._job.reading.text_field: result.text}
        tally = Tally()
        tally.add(self._done.tally)
        tally.add(self._tally)
        self._progress(Progress(tally, self._bytes.read(part), self._bytes.total))

    def _is_duplicate(self, outcome: Outcome) -> bool:
        """Say whether a clean text was there before, where that matters; else keep it in mind."""
        if not self._job.dedupe:
            return False
        if outcome.digest in self._done.seen or outcome.digest in self._digests:
            return True
        self._digests[outcome.digest] = None
        return False

    def _sample(self, sample: Sample) -> None:
        self._samples.append(sample)
        if len(self._samples) >= ENOUGH_SAMPLES:
            self._samples = choose_samples(self._samples)
