"""Parts of a page's bytes, many at once."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]
Bools = NDArray[np.bool_]

_WORD = 8
_MASKS = np.array([(1 << 8 * n) - 1 for n in range(_WORD + 1)], dtype=np.uint64)
_FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)


class Spans(NamedTuple):
    """Parts of some bytes: the first byte of each, and the one after its last."""

    start: I64
    end: I64

    def pick(self, chosen: Bools | I64 | slice) -> Spans:
        """Some of the spans."""
        return Spans(self.start[chosen], self.end[chosen])

    @property
    def lengths(self) -> I64:
        """Bytes of each span."""
        return self.end - self.start


def read_spans(data: bytes, spans: Spans) -> list[bytes]:
    """The bytes of each span."""
    bounds = zip(spans.start.tolist(), spans.end.tolist(), strict=True)
    return [data[start:end] for start, end in bounds]


def end_to_end(data: U8, spans: Spans) -> tuple[U8, Spans]:
    """The bytes of some spans, each with the one behind it, and where each span is now; at the end
    stand eight zeros."""
    size = spans.lengths + 1
    end = np.cumsum(size)
    at = ranges(spans.start, size)
    return np.append(data[at], np.zeros(8, np.uint8)), Spans(end - size, end - 1)


def hash_spans(data: U8, spans: Spans) -> U64:
    """A hash of each span's bytes, which eight others must follow in `data`.

    The sum of the hashes of its words of eight bytes, each with its place.
    """
    counts = (spans.lengths + _WORD - 1) // _WORD
    first = np.cumsum(counts) - counts
    which = np.repeat(np.arange(len(counts)), counts)
    place = ranges(np.zeros_like(counts), counts)
    at = spans.start[which] + _WORD * place
    words = np.ndarray((max(len(data) - _WORD + 1, 0),), "<u8", buffer=data, strides=(1,))
    found = words[at] & _MASKS[np.minimum(spans.end[which] - at, _WORD)]
    found += place.astype(np.uint64) * _FIRST
    found ^= found >> np.uint64(32)
    found *= _SECOND
    found ^= found >> np.uint64(29)
    hashes = spans.lengths.astype(np.uint64) * _FIRST
    filled = np.flatnonzero(counts)
    if len(filled):
        hashes[filled] += np.add.reduceat(found, first[filled])
    return hashes


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


def find_names(hashes: U64, names: tuple[str, ...]) -> I64:
    """Which of `names` each hash is of, -1 for none."""
    known, order = _sorted_hashes(names)
    at = np.minimum(np.searchsorted(known, hashes), len(names) - 1)
    return np.where(known[at] == hashes, order[at], -1)


@cache
def _sorted_hashes(names: tuple[str, ...]) -> tuple[U64, I64]:
    joined = np.frombuffer("".join(names).encode() + bytes(8), np.uint8)
    end = np.cumsum([len(name) for name in names])
    hashes = hash_spans(joined, Spans(np.append(0, end[:-1]), end))
    order = np.argsort(hashes)
    return hashes[order], order
