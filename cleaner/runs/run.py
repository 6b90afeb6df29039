"""A run: inputs into an output folder, shard by shard, in order.

What is known of a run while it goes on is what the shards that are done have written. So it makes
no difference to a shard whether the run was stopped before it, or how many starts there were.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.cleaner import Cleaner
from cleaner.document import LeftOut
from cleaner.errors import PageError
from cleaner.formats import Record, Row, encode_rows
from cleaner.metadata.fields import example
from cleaner.options import Options
from cleaner.runs import manifest
from cleaner.runs.corpus import Corpus, grow
from cleaner.runs.dedupe import Dedupe, First, Seen, place_of
from cleaner.runs.lists import (
    DROPPED,
    FAILED,
    SUSPICIOUS,
    Id,
    duplicate_row,
    failed_row,
    id_of,
    left_out_row,
    suspicious_row,
)
from cleaner.runs.manifest import Input, Known
from cleaner.runs.near import algorithm
from cleaner.runs.plan import Done, Kept, Plan, is_begun, is_done, make_plan
from cleaner.runs.pool import Limits, Pool
from cleaner.runs.reading import Reading
from cleaner.runs.samples import SAMPLED, Sample, choose_samples, may_be_sampled, rank_of
from cleaner.runs.shards import Piece, ShardBatch, Source, read_batches
from cleaner.runs.state import State
from cleaner.runs.store import PAGES, SHARD, Lists, Store
from cleaner.runs.summary import Outcome, Tally, make_outcome
from cleaner.runs.work import Made, Work

Results = list[tuple[Record, Made[Outcome]]]

ENOUGH_SAMPLES = 3 * SAMPLED
"""Pages from which only those that may be looked at are kept."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done: the same job gives the same bytes."""

    inputs: list[Input]
    outputs: list[str]
    """Summary, report and review, which are no inputs of later starts."""
    out: Path
    reading: Reading
    to: str
    """A key of `store.ENDINGS`."""
    options: Options
    dedupe: Dedupe | None
    near_threshold: float
    """The share of shingles that near-duplicates have in common."""
    shard_bytes: int

    def recorded(self) -> dict[str, Any]:
        """Return, as the command line names them, the options that the manifest holds to."""
        return {
            "--from": self.reading.format,
            "--text-field": self.reading.text_field,
            "--html-field": self.reading.html_field,
            "--markdown-field": self.reading.markdown_field,
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
            "--language": ",".join(self.options.languages) or False,
            "--max-page-size": self.reading.max_page / 1e6,
            "--dedupe": self.dedupe or False,
            "--near-threshold": self.dedupe == "near" and self.near_threshold,
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
    found: Callable[[str, str, Sequence[str | Path]], None]
    """With what is to be told of some files: that, what kind they are of, and which."""


class Result(NamedTuple):
    """What became of a run."""

    tally: Tally
    samples: list[Sample]
    is_whole: bool
    """Whether every file that is there was done as it is now."""


def run(job: Job, *, workers: int, limits: Limits, watch: Watch) -> Result:
    """Do a job, or what is left of it, and return what became of it in all.

    Raises `UsageError` where the output folder won't do, which then is as it was, `CleanerError`
    where a shard can't be written; the same job then goes on where it stopped.
    """
    cleaner = Cleaner.of(job.options)
    store = Store(job.out, job.to)
    is_near = job.dedupe == "near"
    sketches = algorithm() if is_near else None
    about = manifest.describe(job.recorded(), job.options.models, sketches)
    if not store.look(about):
        cleaner.load()  # before anything is made for a model that is none
    with store.opened(about) as known:
        corpus = grow(
            known.inputs,
            job.inputs,
            job.reading.format,
            alone=job.to in PAGES,
            is_begun=partial(is_begun, store),
            is_done=partial(is_done, store),
        )
        outputs = sorted({*known.outputs, *job.outputs})
        store.write_manifest(about, Known(corpus.inputs(), outputs))
        done, seen = Done(), Seen(job.near_threshold if is_near else None)
        plan = make_plan(store, corpus.sources, done, seen)
        _tell(store, corpus, plan, watch)
        shards = plan.kept
        to_do = bool(plan.left) or seen.lacks(plan.leaned)
        if to_do or plan.unfinished:
            store.remove_lists()  # not all shards are done after all
        if to_do:
            make = partial(make_outcome, options=job.options, sketched=is_near)
            work = Work(cleaner, make)
            with Pool(work, workers, limits) as pool:
                maker = _Maker(_Run(job, store, seen, _Position(plan), watch), pool, done)
                shards = list(maker.make(plan.steps))
                mended = seen.lacks(plan.leaned) and maker.mend(shards)
            if mended:  # what these held before is counted, too
                done = Done()
                make_plan(store, corpus.sources, done, Seen(None))
                for state in maker.undone.values():
                    done.count(state)
        _remove_surplus(store, shards, watch)
        if uncounted := store.find_uncounted({shard.name for shard in shards}):
            watch.found("not counted, as they are not done; remove them", "shard", uncounted)
        store.write_lists((shard.name, shard.kinds) for shard in shards)
    return Result(done.tally, done.samples, not corpus.stuck)


def _tell(store: Store, corpus: Corpus, plan: Plan, watch: Watch) -> None:
    """Tell what is not as it was at the start before."""
    spoilt = [store.path_of(name) for name in plan.spoilt]
    unfinished = [file.path for source in plan.unfinished for file in source.files]
    away = sorted(set(corpus.away) - set(unfinished))
    for what, kind, files in (
        ("changed since, and so cleaned again", "file", corpus.changed),
        ("removed or changed since, and so made again", "shard", spoilt),
        ("not given now; what became of them stays", "file", away),
        (
            "to be done again with files that are not given now, and so left as they were; give "
            "all of them, or another OUT_DIR",
            "file",
            corpus.stuck,
        ),
        ("not given now, and not done, so still to be given", "file", unfinished),
        ("not given now, and left out, as nothing of them was done", "file", corpus.lost),
    ):
        if files:
            watch.found(what, kind, files)


def _remove_surplus(store: Store, shards: list[Kept], watch: Watch) -> None:
    """Remove shards of inputs that changed, and whose places no others took; tell of them."""
    surplus = store.find_surplus(shard.name for shard in shards)
    for name in surplus:
        store.remove(name)
    if surplus:
        paths = [store.path_of(name) for name in surplus]
        watch.found("removed, as their inputs changed", "shard", paths)


class _Run(NamedTuple):
    """What all shards of a run have in common."""

    job: Job
    store: Store
    seen: Seen
    position: _Position
    watch: Watch


class _Maker:
    """Makes shards."""

    def __init__(self, run: _Run, pool: Pool[Outcome], done: Done) -> None:
        self._run = run
        self._pool = pool
        self._done = done
        self.undone: dict[str, State] = {}
        """What became of shards that are not done, as an input changed meanwhile."""

    def make(self, steps: Iterable[Kept | Piece]) -> Iterator[Kept]:
        """Make the shards that are left; yield all in order.

        Those that are left one after the other go through the pool as one.
        """
        for _, group in groupby(steps, type):
            some = list(group)
            yield from (step for step in some if isinstance(step, Kept))
            pieces = [step for step in some if isinstance(step, Piece)]
            batches = chain.from_iterable(
                read_batches(piece, self._run.job.reading, self._run.job.shard_bytes)
                for piece in pieces
            )
            began = time.monotonic()
            for _, found in groupby(self._pool.map(batches), key=lambda found: found[0].name):
                yield self._write(found, began)
                began = time.monotonic()

    def _write(self, found: Iterator[tuple[ShardBatch, Results]], began: float) -> Kept:
        first = next(found)
        batch = first[0]
        shard = _Shard(self._run, batch, self._done.tally)
        state, is_done = shard.write(chain([first], found), began)
        if not is_done:
            self.undone[batch.name] = state
        self._done.count(state)
        end = None if state.last else batch.first + state.tally.pages
        return Kept(Piece(batch.source, batch.shard, batch.first, end), tuple(state.files))

    def mend(self, shards: list[Kept]) -> bool:
        """Make those of all shards again in which a page was dropped for one that comes out no
        more, as its input changed; say whether there were some.

        Which is the next depends on what the shards are alone, so that it is the same after a stop.
        """
        n, mended = 0, False
        lost: list[str] = []
        while n < len(shards):
            piece = shards[n].piece
            state = self._run.store.read_state(piece.name, piece.source.mark)
            n += 1
            if not state or piece.name in self.undone or not self._run.seen.lacks(state.leaned):
                continue
            if not piece.source.given:
                lost.append(piece.name)
                continue
            self._run.seen.forget_shard(state)
            shards[n - 1 : n] = self.make([piece])
            mended = True
            if self._run.seen.lacks(state.firsts):
                n = 0
                lost.clear()
        if lost:
            what = "left out pages as duplicates of some that are no more; give their inputs again"
            self._run.watch.found(what, "shard", [self._run.store.path_of(name) for name in lost])
        return mended


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
        return min(self._before + min(batch.read, batch.source.size), self.total)


class _Shard:
    """Writes one shard with its lists, and counts what becomes of its pages."""

    def __init__(self, run: _Run, first: ShardBatch, before: Tally) -> None:
        self._run = run
        self._first = first
        self._before = before
        self._lists = Lists(run.store)
        self._tally = Tally()
        self._samples: list[Sample] = []
        self._firsts: dict[bytes, Id] = {}
        self._leaned: dict[bytes, Id] = {}
        self._sketches = bytearray()
        self._last = self._changed = False

    def write(
        self, found: Iterator[tuple[ShardBatch, Results]], began: float
    ) -> tuple[State, bool]:
        """Write the shard, then its state; the work on it `began` at this time.

        Returns the state, and whether the shard is done: where an input changed meanwhile it is
        not, and the state is not written.
        """
        name, schema = self._first.name, self._first.schema
        batches = (list(self._rows(batch, results)) for batch, results in found)
        filled = (rows for rows in batches if rows)
        first_rows = list(islice(filled, 1))
        if first_rows or self._run.job.to not in PAGES:
            encoded = self._encode(chain(first_rows, filled), schema)
            files = {SHARD: self._run.store.write(encoded, self._run.store.path_of(name))}
        else:  # an empty file would look like an empty page
            path = self._run.store.path_of(name)
            if self._run.store.remove_shard(name):
                self._run.watch.found("removed, as nothing comes out now", "shard", [path])
            files = {}
        files |= self._lists.write(name)
        self._tally.seconds = time.monotonic() - began
        samples = choose_samples(self._samples)
        state = State(
            self._tally,
            samples,
            self._firsts,
            self._leaned,
            bytes(self._sketches),
            files,
            self._last,
            self._first.source.mark,
        )
        if not self._changed:
            self._run.store.write_state(name, state)
        return state, not self._changed

    def _encode(self, batches: Iterable[list[Row]], schema: Any) -> Iterator[bytes]:
        reading = self._run.job.reading
        added = example(self._run.job.options.metadata)
        return encode_rows(
            batches,
            self._run.job.to.partition(".")[0],
            text_field=reading.clean_field,
            schema=schema,
            like={**reading.like(schema), **added, reading.clean_field: ""},
            head=added,
        )

    def _rows(self, batch: ShardBatch, results: Results) -> Iterator[Row]:
        """Yield what comes out of a batch; list what does not."""
        self._last = batch.last
        self._changed = self._changed or batch.changed
        for number, (record, result) in enumerate(results, batch.first):
            self._tally.pages += 1
            if isinstance(result, LeftOut):
                self._tally.leave_out(result)
                self._lists.add(DROPPED, left_out_row(record, result))
            elif isinstance(result, PageError):
                self._tally.fail(str(result))
                self._run.watch.failed(record.where, str(result))
                self._lists.add(FAILED, failed_row(record, result, self._run.job.reading))
            elif self._run.job.dedupe and (first := self._find_first(record, result)):
                self._tally.duplicates += first.similarity is None
                self._tally.near_duplicates += first.similarity is not None
                self._lists.add(DROPPED, duplicate_row(record, first.id, first.similarity))
            else:
                self._tally.count(result)
                if result.page_words:
                    self._lists.add(SUSPICIOUS, suspicious_row(record, result))
                if may_be_sampled(record):
                    rank = rank_of(batch.source.name, number)
                    self._sample(Sample(rank, result.doubt, record.where, record))
                reading = self._run.job.reading
                yield reading.row(record, {**result.about, reading.clean_field: result.written})
        tally = Tally()
        tally.add(self._before)
        tally.add(self._tally)
        self._run.watch.progress(
            RunProgress(tally, self._run.position.after(batch), self._run.position.total)
        )

    def _find_first(self, record: Record, outcome: Outcome) -> First | None:
        """Return the first page that one is a duplicate of; keep it in mind where there is none."""
        digest, sketch = outcome.digest, outcome.sketch
        if first := self._run.seen.find(digest, sketch):
            self._leaned[first.digest] = first.id
        else:
            place = place_of(self._first.source, self._first.first + len(self._firsts))
            self._firsts[digest] = id = id_of(record)
            self._sketches += sketch
            self._run.seen.add(digest, sketch, id, place)
        return first

    def _sample(self, sample: Sample) -> None:
        self._samples.append(sample)
        if len(self._samples) >= ENOUGH_SAMPLES:
            self._samples = choose_samples(self._samples)
