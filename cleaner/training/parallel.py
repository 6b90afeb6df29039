"""The same done to many things, on several processes."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from cleaner.errors import CleanerError

T = TypeVar("T")
R = TypeVar("R")


def map_parallel(
    function: Callable[[T], R], items: Sequence[T], jobs: int, *, at_once: int = 1
) -> list[R]:
    """Return what a function makes of each item, in order, worked on by so many processes.

    What the function and the items hold is shared with the processes, where these fork; else it is
    sent to each of them once. They take `at_once` items at a time. Raises `CleanerError` where one
    of them is killed.
    """
    jobs = min(jobs, len(items))
    if jobs <= 1:
        return [function(item) for item in items]
    # Never the platform's own choice: forking loses nothing here, and shares the arrays.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    try:
        with ProcessPoolExecutor(jobs, context, _begin, (function, items)) as pool:
            return list(pool.map(_work, range(len(items)), chunksize=at_once))
    except BrokenProcessPool:
        raise CleanerError(
            "a process was killed, it may be for want of memory; give less data, or --jobs 1"
        ) from None


_function: Callable[[Any], Any]
_items: Sequence[Any]
"""Of a process: what it does, and to what."""


def _begin(function: Callable[[Any], Any], items: Sequence[Any]) -> None:
    global _function, _items
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent ends them
    _function, _items = function, items


def _work(place: int) -> Any:
    return _function(_items[place])
