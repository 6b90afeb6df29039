"""A worker: a process that labels pages, and the parent's end of the pipe to it.

Each worker has a pipe of its own, and shares nothing with the others: who kills one, at whatever
moment, takes nothing else along. Where all share a queue, as in the pools of libraries, one that
dies with half a message in it, or with its lock, takes all.

A worker is asked what becomes of some pages, and answers. Or it is lost:

- It takes longer than a page may, and is killed. A clock in shared memory says which page it is at
  and since when, so that a batch may take as long as its pages together.
- It runs out of memory, and leaves by an exit status of its own.
- An error comes up that nobody foresaw, which may be a failure of memory that a library swallowed,
  and what a process does after that can't be trusted.
- It ends: killed from outside, or by a page.

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
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from cleaner.cleaner import Split
from cleaner.errors import CleanerError, PageError, UnexpectedError
from cleaner.pages import Page
from cleaner.runs.work import Made, Work

ENDS = 12
"""How often a page that is alone in its worker must end it until that is the page's doing: others
end workers, too, and ten times in a row shall not cost a page."""

GRACE = 15.0
"""Seconds beyond the limit of a page: in which a batch is labelled that was split, which takes a
fraction of one; and after which a worker ends by itself, as its parent was killed."""

START = 300.0
"""Seconds in which a worker begins: where it does not fork, it imports all and reads the models."""

PATIENCE = 60.0
"""Seconds after which a parent that waits looks at the clock again: weeks would overflow."""

OUT_OF_MEMORY = 77
"""Exit status of a worker that ran out of memory; no library is known to end with it."""

NO_PAGE = -1
"""The page that a worker is at while it labels a batch or waits."""

DATA_PAGES = 5
"""Where /proc/self/statm has the private memory that may be written to, in pages of memory."""

STOPS = (signal.SIGINT, signal.SIGTERM)
"""Signals that a parent may handle in its own way, and a worker must not."""

_forking = threading.Lock()
"""Held while a worker starts or is taken away. One that forked while the pipe of another is made
would hold an end of it, and who waits for the other would not see it die."""

_ends: set[Connection] = set()
"""The parent's ends of all pipes. A worker that kept one would not see its parent die."""


_stopped = False
"""Whether this process ends, so that no worker is to take the place of one that was ended."""


def start_no_more() -> None:
    """Start no worker from now on, for who ends this process at once."""
    global _stopped
    _stopped = True


@dataclass(frozen=True, slots=True)
class Lost:
    """What is known of a worker that is lost instead of an answer."""

    error: PageError
    """What it is to the page that did it."""
    suspects: list[int]
    """The pages that may have; none where the worker was at none."""
    proof: int
    """How often it must happen to a page that is alone in its worker until it is the page's doing;
    0 where it is already."""


class Worker:
    """A worker that starts, for `ask` and `end`; raises `OSError` where it can't.

    A page may take so many `seconds`, and so much `memory` in bytes, where Linux counts it.
    """

    def __init__(self, work: Work[Any], seconds: float, memory: int) -> None:
        # Never the platform's own choice: forking loses nothing here, and shares the models.
        context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        self._clock = _Clock(context, seconds)
        self._seconds = seconds
        self._memory = memory
        self._began = False
        with _forking, _stops_blocked():
            if _stopped:
                raise OSError("this process ends")
            self._pipe, theirs = context.Pipe()
            _ends.add(self._pipe)
            self._process = context.Process(
                target=_serve, args=(work, memory, theirs, self._clock), daemon=True
            )
            self._process.start()
            theirs.close()

    def began(self) -> bool:
        """Wait until the worker has begun, and say whether it has."""
        if not self._began:
            try:
                self._began = self._pipe.poll(START) and self._pipe.recv()
            except (EOFError, OSError):
                self._began = False
        return self._began

    def ask(self, pages: list[Page]) -> list[Made[Any]] | Lost:
        """Return what becomes of the pages; or that the worker is lost, and has ended.

        Raises `CleanerError` where that is no page's fault.
        """
        self._clock.set(NO_PAGE)
        try:
            self._pipe.send(pages)
            while not self._pipe.poll(min(self._clock.left(), self._seconds, PATIENCE)):
                if not self._clock.left():
                    return self._lose(f"took more than {self._seconds:g} seconds", 0)
            answer = self._pipe.recv()
        except (EOFError, OSError):
            code = self.end()
            if code == OUT_OF_MEMORY:
                return self._lose(f"took more than {self._memory / 1e6:,.0f} MB of memory", 1)
            return self._lose(f"ended its worker{_name_exit(code)}", ENDS)
        if isinstance(answer, CleanerError):
            raise answer
        made: list[Made[Any]] = answer
        errors = {n: one for n, one in enumerate(made) if isinstance(one, UnexpectedError)}
        if errors:
            self.end()
            return Lost(next(iter(errors.values())), list(errors), 1)
        return made

    def end(self) -> int | None:
        """End the worker, and return its exit status, or less than 0 for a signal, if known."""
        self.kill()
        with _forking:
            self._process.join()
            self._pipe.close()
            _ends.discard(self._pipe)
        code: int | None = self._process.exitcode
        return code

    def kill(self) -> None:
        """Let the worker end; from any thread."""
        self._process.kill()

    def _lose(self, reason: str, proof: int) -> Lost:
        self.end()
        page = self._clock.page
        return Lost(PageError(reason), [] if page == NO_PAGE else [page], proof)


def _name_exit(code: int | None) -> str:
    if code is None:
        return ""
    with suppress(ValueError):  # not all signals have a name
        if code < 0:
            return f" ({signal.Signals(-code).name})"
    return f" (exit status {code})"


class _Clock:
    """Which page a worker is at and since when, in memory that it shares with its parent."""

    def __init__(self, context: Any, seconds: float) -> None:
        self._seconds = seconds
        self._shared = context.RawArray("d", [NO_PAGE, 0])

    def set(self, page: int) -> None:
        self._shared[1] = time.monotonic()  # first, or a page would seem to have begun before
        self._shared[0] = page

    @property
    def page(self) -> int:
        return int(self._shared[0])

    def left(self) -> float:
        """Return how many seconds are left, 0 where all are over."""
        limit = self._seconds + (GRACE if self.page == NO_PAGE else 0)
        return max(0.0, float(self._shared[1]) + limit - time.monotonic())


@contextmanager
def _stops_blocked() -> Iterator[None]:
    """Keep the signals of a stop from this thread, and from a process that it starts: one that has
    just forked would still do what its parent does about them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(work: Work[Any], memory: int, pipe: Connection, clock: _Clock) -> None:
    """Be a worker, until the parent ends it or is gone."""
    for end in _ends:
        end.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent ends its workers
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    status = 1
    try:
        gc.freeze()  # collecting would write to, and so copy, what is shared
        work.cleaner.load()
        _limit_memory(memory)
        pipe.send(True)
        while True:
            pipe.send(_answer(work, pipe.recv(), clock))
    except MemoryError:
        status = OUT_OF_MEMORY
    except EOFError:
        status = 0
    finally:
        os._exit(status)  # and flush nothing: what is buffered is the parent's


def _answer(work: Work[Any], pages: list[Page], clock: _Clock) -> list[Made[Any]] | CleanerError:
    """Return what becomes of pages, or what is wrong beside them; raise `MemoryError` at once where
    a page gets one."""

    def splits() -> Iterator[Split]:
        for n, page in enumerate(pages):
            _set(clock, n)
            split = work.cleaner.split(page)
            _check_memory(split[1])
            _set(clock, NO_PAGE)
            yield split

    _set(clock, NO_PAGE)
    try:
        made = work.finish(splits())
    except CleanerError as error:
        return error
    for n, one in enumerate(made):
        clock.set(n)
        _check_memory(one)
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, 0)
    return made


def _set(clock: _Clock, page: int) -> None:
    """Set the clock, and this process an end, should nobody look at it any more."""
    clock.set(page)
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, clock.left() + GRACE)


def _check_memory(made: object) -> None:
    if isinstance(made, UnexpectedError) and isinstance(made.__cause__, MemoryError):
        raise made.__cause__


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
