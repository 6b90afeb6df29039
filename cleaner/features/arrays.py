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
