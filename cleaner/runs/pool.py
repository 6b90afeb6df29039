"""The pool of workers: batches in, what becomes of them out, in order; no page pays for another.

A thread reads the batches. Each worker has a keeper, a thread that asks it about one batch after
the other and starts another worker where it is lost (`worker.py` says how that comes)::

    batches ──reader──> tasks ──┬──keeper──pages──> worker
       │                        │    └──<──answer─────┘
       │                        └──keeper──pages──> worker
       └──> futures, in order        └──<──answer─────┘
              └──> map

What comes out is always the answer for a batch as a whole, less the pages that failed; so it makes
no difference to a page what happened to its worker on the way::

    ask about the batch <───────────────────────────────┐
     ├─ an answer: done                                 │
     └─ the worker is lost, at a page                   │
         ├─ the page took too long: it has failed ──────┤
         └─ ask about the page alone, in a new worker   │
             ├─ an answer: the page is innocent ────────┤
             └─ lost again, often enough: it has failed ┘

"Often enough" is once where the worker says that it ran out of memory or met an error that nobody
foresaw, and `ENDS` times where it just ended, which may have been anybody. A batch that is lost
once more often than that and no page can be blamed for, say as its pages have no room together, is
asked about page by page.
"""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue, SimpleQueue
from types import TracebackType
from typing import Any, Generic, Self, TypeAlias

from cleaner.errors import CleanerError, PageError, check_option
from cleaner.formats import Record
from cleaner.pages import Page
from cleaner.runs.work import Item, Made, T, Work, pages_of, pair
from cleaner.runs.worker import ENDS, Lost, Worker

AHEAD = 2
"""Batches in flight for each worker: one that is worked on, and the next."""

SWITCH = 0.0005
"""Seconds that a thread of the parent waits for another: a tenth of what is usual. The threads that
feed the workers have little to do, but at once: 5 % less time with two workers."""


ALERT = 0.5
"""Seconds that the main thread waits at a time: only in between does it see a signal that another
thread got, and on Windows any."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one page may take; raises `UsageError` for what is no such number."""

    seconds: float = 60.0
    memory: int = 2_000_000_000
    """Bytes, beyond what a worker has at its start."""

    def __post_init__(self) -> None:
        number = isinstance(self.seconds, int | float) and 0 < self.seconds < math.inf
        check_option("seconds", self.seconds, number, "a number over 0")
        number = isinstance(self.memory, int) and self.memory > 0
        check_option("memory", self.memory, number, "a number of bytes")


def make_limits(seconds: float | None, megabytes: int | None) -> Limits:
    """Return the limits of a page, the usual ones where none are given."""
    usual = Limits()
    memory = usual.memory if megabytes is None else megabytes * 1_000_000
    return Limits(usual.seconds if seconds is None else seconds, memory)


Task: TypeAlias = tuple[Future[list[Made[T]]], list[Page]]
"""The pages of a batch, and where it will be said what becomes of them."""


class Pool(Generic[T]):
    """Works on batches of pages in several processes; a context manager."""

    def __init__(self, work: Work[T], workers: int, limits: Limits = Limits()) -> None:
        number = isinstance(workers, int) and workers > 0
        check_option("workers", workers, number, "a whole number from 1 on")
        self._work = work
        self._count = workers
        self._limits = limits
        self._tasks: SimpleQueue[Task[T] | None] = SimpleQueue()
        self._closed = threading.Event()
        self._keepers: list[_Keeper[T]] = []
        self._threads: list[threading.Thread] = []
        self._switch = sys.getswitchinterval()

    def __enter__(self) -> Self:
        from cleaner.pages import html  # noqa: F401 - parsers that the workers share, too

        self._work.cleaner.load()
        sys.setswitchinterval(SWITCH)
        for _ in range(self._count):  # the first workers fork before any thread runs
            self._keepers.append(_Keeper(self._work, self._limits, self._closed))
        for keeper in self._keepers:
            self._threads.append(threading.Thread(target=keeper.run, args=[self._tasks]))
            self._threads[-1].daemon = True
            self._threads[-1].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: object, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        for keeper in self._keepers:
            keeper.kill()
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()
        sys.setswitchinterval(self._switch)

    def map(
        self, batches: Iterable[tuple[Item, list[Record]]]
    ) -> Iterator[tuple[Item, list[tuple[Record, Made[T]]]]]:
        """Yield what becomes of the records of each batch, in order, as soon as it is there.

        With each record comes what becomes of its page.

        The batches are asked for in a thread of their own, `AHEAD` for each worker in advance. What
        that raises is raised here, in its place.
        """
        queue: Queue[Any] = Queue(AHEAD * self._count)
        closed = threading.Event()

        def read() -> None:
            try:
                for item, records in batches:
                    queue.put((item, records, self._submit(pages_of(records))))
                    if closed.is_set():
                        return
                queue.put(None)
            except BaseException as error:
                queue.put(error)

        threading.Thread(target=read, daemon=True).start()
        try:
            while (found := _get(queue)) is not None:
                if isinstance(found, BaseException):
                    raise found
                item, records, future = found
                while not future.done():
                    wait([future], timeout=ALERT)
                yield item, pair(records, future.result())
        finally:
            closed.set()
            with suppress(Empty):
                while True:  # so that a thread that waits for room sees that it is over
                    queue.get_nowait()

    def _submit(self, pages: list[Page]) -> Future[list[Made[T]]]:
        future: Future[list[Made[T]]] = Future()
        if pages:
            self._tasks.put((future, pages))
        else:
            future.set_result([])
        return future


def _get(queue: Queue[Any]) -> Any:
    while True:
        with suppress(Empty):
            return queue.get(timeout=ALERT)


class _Keeper(Generic[T]):
    """Keeps one worker, and works off tasks with it."""

    def __init__(self, work: Work[T], limits: Limits, closed: threading.Event) -> None:
        self._work = work
        self._limits = limits
        self._closed = closed
        self._worker: Worker | None = None
        self._start()  # in the thread that makes it: no other may run yet

    def run(self, tasks: SimpleQueue[Task[T] | None]) -> None:
        """Work off tasks, until there is none."""
        while (task := tasks.get()) is not None:
            future, pages = task
            try:
                future.set_result(self._settle(pages))
            except BaseException as error:
                future.set_exception(error)
        if self._worker:
            self._worker.end()

    def kill(self) -> None:
        """End the worker, from another thread; there is no other after it where all is closed."""
        if worker := self._worker:
            worker.kill()

    def _settle(self, pages: list[Page]) -> list[Made[T]]:
        """Find out what becomes of the pages of a batch."""
        made: dict[int, Made[T]] = {}
        losses = 0
        while left := [n for n in range(len(pages)) if n not in made]:
            answer = self._ask([pages[n] for n in left])
            if not isinstance(answer, Lost):
                made |= zip(left, answer, strict=True)
            elif failed := self._blame(answer, {left[n]: pages[left[n]] for n in answer.suspects}):
                made |= failed
            else:
                losses += 1
                if losses > answer.proof:
                    made |= {n: self._alone(pages[n]) for n in left}
        return [made[n] for n in range(len(pages))]

    def _blame(self, lost: Lost, suspects: dict[int, Page]) -> dict[int, PageError]:
        """Return the errors of those pages that are to blame, by their numbers."""
        if not lost.proof:
            return dict.fromkeys(suspects, lost.error)
        alone = {n: self._alone(page) for n, page in suspects.items()}
        return {n: made for n, made in alone.items() if isinstance(made, PageError)}

    def _alone(self, page: Page) -> Made[T]:
        """Find out what becomes of a page in a batch of its own."""
        losses = 0
        while isinstance(answer := self._ask([page]), Lost):
            losses += 1
            if losses >= answer.proof:
                return answer.error
        return answer[0]

    def _ask(self, pages: list[Page]) -> list[Made[T]] | Lost:
        """Ask the worker, or a new one where there is none."""
        for _ in range(ENDS):
            worker = self._worker or self._start()
            answer = worker.ask(pages) if worker.began() else None
            if isinstance(answer, list):
                return answer
            self._worker = None
            if answer is not None:
                return answer
            worker.end()
        raise CleanerError(f"{ENDS} workers ended before they began; see what ends them")

    def _start(self) -> Worker:
        if not self._closed.is_set():
            try:
                self._worker = Worker(self._work, self._limits.seconds, self._limits.memory)
            except OSError as error:
                raise CleanerError(
                    f"can't start a worker ({error.strerror}); give fewer with --workers"
                ) from None
        if self._closed.is_set():  # looked at again: nobody may have seen the worker to end it
            self.kill()
            raise CleanerError("the pool of workers is closed")
        assert self._worker
        return self._worker
