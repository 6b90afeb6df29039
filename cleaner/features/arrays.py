"""Types of arrays, and helpers for runs and segments of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]
F32 = NDArray[np.float32]
Bools = NDArray[np.bool_]


def ranges(start: I64, count: I64) -> I64:
    """`count` numbers from each `start` on, end to end."""
    return np.arange(count.sum()) + np.repeat(start - np.cumsum(count) + count, count)


def begin_runs(values: I64 | U64) -> Bools:
    """Whether each value differs from the one before it; the first one does."""
    begins = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=begins[1:])
    return begins


def places_in_runs(values: I64) -> I64:
    """How many like each value stand straight before it."""
    begins = np.flatnonzero(begin_runs(values))
    sizes = np.diff(np.append(begins, len(values)))
    return ranges(np.zeros_like(sizes), sizes)


def distinct(values: I64) -> tuple[I64, I64]:
    """The distinct values, rising, and which of them each value is: `np.unique` takes longer, and
    imports numpy's masked arrays."""
    order = np.argsort(values, kind="stable")
    in_order = values[order]
    begins = begin_runs(in_order)
    which = np.empty_like(order)
    which[order] = np.cumsum(begins) - 1
    return in_order[begins], which
