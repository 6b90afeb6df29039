"""A run: inputs into an output folder, shard by shard, in order.

What is known of a run while it goes on is what the shards that are done have written. So it makes
no difference to a shard whether the run was stopped before it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.cleaner import Cleaner
from cleaner.errors import PageError
from cleaner.formats import Record, Row, encode_rows
from cleaner.metadata.fields import example
from cleaner.options import Options
from cleaner.runs import manifest
from cleaner.runs.lists import (
    DROPPED,
    FAILED,
    SUSPICIOUS,
    Id,
    duplicate_row,
    failed_row,
    id_of,
    no_article_row,
    suspicious_row,
)
from cleaner.runs.manifest import Input
from cleaner.runs.plan import Done, Kept, Plan, make_plan
from cleaner.runs.pool import Limits, Pool
from cleaner.runs.reading import Reading
from cleaner.runs.samples import SAMPLED, Sample, choose_samples, may_be_sampled, rank_of
from cleaner.runs.shards import Piece, ShardBatch, Source, find_sources, read_batches
from cleaner.runs.state import State
from cleaner.runs.store import PAGES, SHARD, Lists, Store
from cleaner.runs.summary import Outcome, Tally, make_outcome
from cleaner.runs.work import Made, NoArticle, Work

Results = list[tuple[Record, Made[Outcome]]]

ENOUGH_SAMPLES = 3 * SAMPLED
"""Pages from which only those that may be looked at are kept."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done: the same job gives the same bytes."""

    inputs: list[Input]
    out: Path
    reading: Reading
    to: str
    """A key of `store.ENDINGS`."""
    options: Options
    dedupe: bool
    shard_bytes: int

    def recorded(self) -> dict[str, Any]:
        """Return, as the command line names them, the options that the manifest holds to."""
        return {
            "--from": self.reading.format,
            "--text-field": self.reading.text_field,
            "--html-field": self.reading.html_field,
            "--output-field": self.reading.clean_field,
            "--keep-html": self.reading.keep_html,
            "--to": self.to,
            "--keep": ",".join(self.options.keep),
            "--structure": self.options.structure,
            "--no-links": not self.options.links,
            "--images": self.options.images,
            "--metadata": ",".join(self.options.metadata) or False,
            "--precision": self.options.precision,
            "--accurate": self.options.accurate,
            "--only-articles": self.options.only_articles,
            "--max-page-size": self.reading.max_page / 1e6,
            "--dedupe": self.dedupe,
            "--shard-size": self.shard_bytes / 1e6,
        }


class RunProgress(NamedTuple):
    """How far a run is."""

    tally: Tally
    read: int
    """Bytes of the inputs that are done with."""
    total: int
    """Bytes of all inputs; 0 where they are not known."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is called while a run goes on."""

    progress: Callable[[RunProgress], None]
    """After each batch."""
    failed: Callable[[str, str], None]
    """With the place of each page that fails, and the reason."""
    spoilt: Callable[[list[Path]], None]
    """With the shards that were done, and are made again because they are not as they were."""


class Result(NamedTuple):
    """What became of a run."""

    tally: Tally
    samples: list[Sample]


def run(job: Job, *, workers: int, limits: Limits, watch: Watch) -> Result:
    """Do a job, or what is left of it, and return what became of it in all.

    Raises `UsageError` where the output folder won't do, which then is as it was, `CleanerError`
    where a shard can't be written; the same job then goes on where it stopped.
    """
    cleaner = Cleaner.of(job.options)
    store = Store(job.out, job.to)
    about = manifest.describe(job.inputs, job.recorded(), job.options.models)
    if not store.look(about):
        cleaner.load()  # before anything is made for a model that is none
    with store.opened(about):
        sources = find_sources(job.inputs, job.reading.format, alone=job.to in PAGES)
        done = Done()
        plan = make_plan(store, sources, done)
        if plan.spoilt:
            watch.spoilt([store.path_of(name) for name in plan.spoilt])
        shards = plan.kept
        if plan.left:
            store.remove_lists()  # not all shards are done after all
            work = Work(cleaner, partial(make_outcome, options=job.options))
            with Pool(work, workers, limits) as pool:
                shards = list(_make_shards(job, store, plan, pool, done, watch))
        store.write_lists(shards)
    return Result(done.tally, done.samples)


def _make_shards(
    job: Job, store: Store, plan: Plan, pool: Pool[Outcome], done: Done, watch: Watch
) -> Iterator[Kept]:
    """Make the shards that are left; yield all in order.

    Those that are left one after the other go through the pool as one.
    """
    firsts: dict[bytes, Id] = {}
    position = _Position(plan)
    for _, group in groupby(plan.steps, type):
        steps = list(group)
        for kept in (step for step in steps if isinstance(step, Kept)):
            if job.dedupe and (known := store.read_state(kept.name)):
                firsts.update(known.firsts)
            yield kept
        pieces = [step for step in steps if isinstance(step, Piece)]
        batches = chain.from_iterable(read_batches(p, job.reading, job.shard_bytes) for p in pieces)
        began = time.monotonic()
        for name, found in groupby(pool.map(batches), key=lambda found: found[0].name):
            shard = _Shard(job, store, done.tally, firsts, position, watch)
            state = shard.write(name, found, began)
            done.count(state)
            firsts.update(state.firsts)
            yield Kept(name, tuple(state.files))
            began = time.monotonic()


class _Position:
    """Counts the bytes of the inputs that are done with."""

    def __init__(self, plan: Plan) -> None:
        self.total = sum(source.size for source in plan.sources)
        left = {piece.source.name: piece.source.size for piece in plan.left}
        self._before = self.total - sum(left.values())
        self._source: Source | None = None

    def after(self, batch: ShardBatch) -> int:
        """Return how many are with this batch."""
        if self._source is not batch.source:
            self._before += self._source.size if self._source else 0
            self._source = batch.source
        return self._before + min(batch.read, batch.source.size)


class _Shard:
    """Writes one shard with its lists, and counts what becomes of its pages."""

    def __init__(
        self,
        job: Job,
        store: Store,
        before: Tally,
        firsts: dict[bytes, Id],
        position: _Position,
        watch: Watch,
    ) -> None:
        self._job = job
        self._store = store
        self._before = before
        self._firsts_before = firsts
        self._position = position
        self._watch = watch
        self._lists = Lists(store)
        self._tally = Tally()
        self._samples: list[Sample] = []
        self._firsts: dict[bytes, Id] = {}
        self._last = self._changed = False

    def write(self, name: str, group: Iterator[tuple[ShardBatch, Results]], began: float) -> State:
        """Write the shard, then its state; the work on it `began` at this time.

        Where an input changed meanwhile the shard is not done, and has no state.
        """
        batch, results = next(group)
        batches = (
            list(self._rows(batch, results)) for batch, results in chain([(batch, results)], group)
        )
        reading = self._job.reading
        encoded = encode_rows(
            (rows for rows in batches if rows),
            self._job.to.partition(".")[0],
            text_field=reading.clean_field,
            schema=batch.schema,
            like={
                **reading.like(batch.schema),
                **example(self._job.options.metadata),
                reading.clean_field: "",
            },
        )
        files = {SHARD: self._store.write(encoded, self._store.path_of(name))}
        files |= self._lists.write(name)
        self._tally.seconds = time.monotonic() - began
        samples = choose_samples(self._samples)
        state = State(self._tally, samples, self._firsts, files, self._last)
        if not self._changed:
            self._store.write_state(name, state)
        return state

    def _rows(self, batch: ShardBatch, results: Results) -> Iterator[Row]:
        """Yield what comes out of a batch; list what does not."""
        self._last = batch.last
        self._changed = self._changed or batch.changed
        for number, (record, result) in enumerate(results, batch.first):
            self._tally.pages += 1
            if isinstance(result, NoArticle):
                self._tally.no_article += 1
                self._lists.add(DROPPED, no_article_row(record, result.probability))
            elif isinstance(result, PageError):
                self._tally.fail(str(result))
                self._watch.failed(record.where, str(result))
                self._lists.add(FAILED, failed_row(record, result, self._job.reading))
            elif self._job.dedupe and (first := self._find_first(record, result)) is not None:
                self._tally.duplicates += 1
                self._lists.add(DROPPED, duplicate_row(record, first))
            else:
                self._tally.count(result)
                if result.page_words:
                    self._lists.add(SUSPICIOUS, suspicious_row(record, result))
                if may_be_sampled(record):
                    rank = rank_of(batch.source.name, number)
                    self._sample(Sample(rank, result.doubt, record.where, record))
                reading = self._job.reading
                yield reading.row(record, {**result.about, reading.clean_field: result.written})
        tally = Tally()
        tally.add(self._before)
        tally.add(self._tally)
        self._watch.progress(RunProgress(tally, self._position.after(batch), self._position.total))

    def _find_first(self, record: Record, outcome: Outcome) -> Id | None:
        """Return what the first page with a clean text is called; keep it in mind if this is it."""
        first = self._firsts_before.get(outcome.digest, self._firsts.get(outcome.digest))
        if first is None:
            self._firsts[outcome.digest] = id_of(record)
        return first

    def _sample(self, sample: Sample) -> None:
        self._samples.append(sample)
        if len(self._samples) >= ENOUGH_SAMPLES:
            self._samples = choose_samples(self._samples)
