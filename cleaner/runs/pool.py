"""The pool of workers: processes that share the models, and lose no more than the page that is bad.

The models are read before the workers fork, so that all share one copy of them. Where there is no
fork (Windows), or none that is safe (macOS), each worker reads its own.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import wait
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from types import TracebackType
from typing import Any, Generic, Self

from cleaner.errors import PageError
from cleaner.formats import Record
from cleaner.pages import Page
from cleaner.runs.work import Item, Made, T, Work, pages_of, pair

AHEAD = 2
"""Batches in flight for each worker: one that is worked on, and the next."""

SWITCH = 0.0005
"""Seconds that a thread of the parent waits for another: a tenth of what is usual. The threads that
feed the workers have little to do, but at once: 5 % less time with two workers."""

GRACE = 15.0
"""Seconds beyond the limit of a page from which its worker, or what became of it, is given up."""

TRIES = 3
"""How often a page is tried whose pool broke down around it."""

DATA_PAGES = 5
"""Where /proc/self/statm has the private memory that may be written to, in pages of memory."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one page may take."""

    seconds: float = 60.0
    memory: int = 2_000_000_000
    """Bytes, beyond what a worker has at its start."""


def make_limits(seconds: float | None, megabytes: int | None) -> Limits:
    """Return the limits of a page, the usual ones where none are given."""
    usual = Limits()
    memory = usual.memory if megabytes is None else megabytes * 1_000_000
    return Limits(usual.seconds if seconds is None else seconds, memory)


@dataclass(frozen=True, slots=True)
class _Task:
    pool: Any
    future: Any


class Pool(Generic[T]):
    """Works on batches of pages in several processes; a context manager.

    A batch whose worker dies, takes longer than a page may, or more memory, is tried again page by
    page, so that only the culprit fails.
    """

    def __init__(self, work: Work[T], workers: int, limits: Limits = Limits()) -> None:
        self._work = work
        self._workers = workers
        self._limits = limits
        self._lock = threading.Lock()
        self._closed = False
        self._pool: Any = None
        self._switch = sys.getswitchinterval()

    def __enter__(self) -> Self:
        from cleaner.pages import html  # noqa: F401 - parsers that the workers share, too

        self._work.cleaner.load()
        sys.setswitchinterval(SWITCH)
        self._pool = self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: object, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._closed = True
            self._pool.stop()
            self._pool.join()
        sys.setswitchinterval(self._switch)

    def map(
        self, batches: Iterable[tuple[Item, list[Record]]]
    ) -> Iterator[tuple[Item, list[tuple[Record, Made[T]]]]]:
        """Yield what becomes of the records of each batch, in order, as soon as it is there.

        With each record comes what becomes of its page.

        The batches are asked for in a thread of their own, `AHEAD` for each worker in advance. What
        that raises is raised here, in its place.
        """
        queue: Queue[Any] = Queue(AHEAD * self._workers)
        closed = threading.Event()

        def read() -> None:
            try:
                for item, records in batches:
                    pages = pages_of(records)
                    queue.put((item, records, self._submit(pages) if pages else None))
                    if closed.is_set():
                        return
                queue.put(None)
            except BaseException as error:
                queue.put(error)

        threading.Thread(target=read, daemon=True).start()
        try:
            while (found := queue.get()) is not None:
                if isinstance(found, BaseException):
                    raise found
                item, records, task = found
                results = self._results(task, pages_of(records)) if task else []
                yield item, pair(records, results)
        finally:
            closed.set()
            with suppress(Empty):
                while True:  # so that a thread that waits for room sees that it is over
                    queue.get_nowait()

    def _results(self, task: _Task, pages: list[Page]) -> list[Made[T]]:
        results = self._outcome(task)
        if isinstance(results, BaseException):
            return [self._alone(page) for page in pages]
        return results

    def _alone(self, page: Page) -> Made[T]:
        """What becomes of a page in a batch of its own."""
        results = self._outcome(self._submit([page]))
        for _ in range(TRIES - 1):
            if isinstance(results, _LostError):
                results = self._outcome(self._submit([page]))
        if isinstance(results, BaseException):
            return PageError(self._reason(results))
        return results[0]

    def _reason(self, error: BaseException) -> str:
        from pebble import ProcessExpired

        if isinstance(error, TimeoutError):
            return f"took more than {self._limits.seconds:g} seconds"
        if isinstance(error, MemoryError):
            return f"took more than {self._limits.memory / 1e6:,.0f} MB of memory"
        if isinstance(error, _LostError):
            return "ended its worker"
        if isinstance(error, ProcessExpired):
            return f"ended its worker ({_name_exit(error.exitcode)})"
        return f"can't be labelled ({error}); please report this page"

    def _outcome(self, task: _Task) -> list[Made[T]] | BaseException:
        """Wait for the results of a task, or for what went wrong."""
        from concurrent.futures.process import BrokenProcessPool

        # Before it are at most those in flight, and each of them has its limit.
        ahead = AHEAD * self._workers + 2
        deadline = time.monotonic() + ahead * (self._limits.seconds + GRACE)
        while not wait([task.future], timeout=1).done:
            if not task.pool.active or time.monotonic() > deadline:
                return _LostError()
        error = task.future.exception()
        if isinstance(error, BrokenProcessPool):
            return _LostError()
        results: list[Made[T]] | BaseException = error or task.future.result()
        return results

    def _submit(self, pages: list[Page]) -> _Task:
        seconds = self._limits.seconds
        with self._lock:
            if self._closed:
                raise _LostError
            if not self._pool.active:
                self._pool = self._start()
            return _Task(self._pool, self._pool.schedule(_run, (pages, seconds), timeout=seconds))

    def _start(self) -> Any:
        from pebble import ProcessPool

        # Never the platform's own choice: forking loses nothing here, and shares the models.
        context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        pool = ProcessPool(
            self._workers,
            initializer=_initialise,
            initargs=(self._work, self._limits.memory),
            context=context,
        )
        assert pool.active  # asking starts it: the first workers fork before any other thread runs
        return pool


class _LostError(Exception):
    """The pool broke down, and does not say which page it was."""


def _name_exit(code: int) -> str:
    with suppress(ValueError):
        if code < 0:
            return signal.Signals(-code).name
    return f"exit status {code}"


_work: Work[Any]
"""Of a worker: what it does."""


def _initialise(work: Work[Any], memory: int) -> None:
    """Begin a worker."""
    global _work
    _work = work
    gc.freeze()  # collecting would write to, and so copy, what is shared
    _limit_memory(memory)


def _limit_memory(memory: int) -> None:
    """Let the private memory of this process grow by so many bytes at most, where Linux counts it.

    A page that asks for more gets a `MemoryError`, at once and in this process only. The address
    space would be the wrong measure, since it holds mapped files and reserves of allocators, and
    who watches the resident memory from outside sees a page when it is too late.
    """
    try:
        import resource

        with open("/proc/self/statm") as file:
            now = int(file.read().split()[DATA_PAGES]) * os.sysconf("SC_PAGE_SIZE")
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        most = now + memory if hard == resource.RLIM_INFINITY else min(now + memory, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    except (ImportError, OSError):
        return


def _run(pages: list[Page], seconds: float) -> list[Any]:
    """Work on a batch in a worker."""
    if hasattr(signal, "setitimer"):  # ends a worker whose page hangs when the run was killed
        signal.setitimer(signal.ITIMER_REAL, seconds + GRACE)
    try:
        return _work(pages)
    except MemoryError:
        raise
    except Exception as error:  # as one that any process can read
        raise RuntimeError(f"{type(error).__name__}: {error}") from None
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
