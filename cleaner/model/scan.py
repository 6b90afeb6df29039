"""A linear recurrence along pages, as a parallel scan: pages end to end, cut into chunks.

A scan along all paragraphs of a batch would be a loop in Python over each. Cut into C chunks of T
paragraphs it takes T steps on C paragraphs at once, and then what each chunk's end hands on to the
next chunk's beginning. A chunk may hold several pages, a page may go over several chunks: one page
of 100,000 paragraphs is scanned as fast as a thousand pages of 100.

A grid has the shape (T, C, columns): paragraph i is at step i % T of chunk i // T, and what is left
over at the end is zero. A reversed grid makes the scan backward. Scans forward and backward go side
by side in one grid, of shape (T, C, 2, columns).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner.features.arrays import F32, I64

MAX_CHUNKS, MIN_CHUNK_STEPS = 128, 16
"""Chunks enough to make a step in Python worth its while, and steps enough to make a chunk so."""


@dataclass(frozen=True, slots=True)
class ScanChunks:
    """How a batch of pages is cut."""

    rows: int
    """Paragraphs in all."""
    begins: NDArray[np.bool_]
    """Where a scan comes to a new page, shape (T, C, 2)."""


def cut_chunks(page_offsets: I64) -> ScanChunks:
    """Cut pages into chunks; `page_offsets` (pages + 1 entries) says where each begins."""
    rows = int(page_offsets[-1])
    steps, chunks = _cut(rows)
    filled = np.diff(page_offsets) > 0
    first, last = page_offsets[:-1][filled], page_offsets[1:][filled] - 1
    begins = np.zeros((steps, chunks, 2), bool)
    begins[first % steps, first // steps, 0] = True
    begins[steps - 1 - last % steps, chunks - 1 - last // steps, 1] = True
    return ScanChunks(rows, begins)


def to_grid(values: F32) -> F32:
    """Set values of shape (paragraphs, columns) in a grid."""
    rows, columns = values.shape
    steps, chunks = _cut(rows)
    full, left = divmod(rows, steps)
    grid = np.zeros((steps, chunks, columns), values.dtype)
    by_chunk = grid.swapaxes(0, 1)
    by_chunk[:full] = values[: full * steps].reshape(full, steps, columns)
    by_chunk[full : full + 1, :left] = values[full * steps :]
    return grid


def _cut(rows: int) -> tuple[int, int]:
    """Steps and chunks of a grid."""
    chunks = min(MAX_CHUNKS, max(1, rows // MIN_CHUNK_STEPS))
    return max(1, -(-rows // chunks)), chunks


def from_grid(grid: F32, rows: int) -> F32:
    """The values of a grid's first `rows` paragraphs, in order: the way back of `to_grid`."""
    steps, chunks, columns = grid.shape
    return grid.swapaxes(0, 1).reshape(steps * chunks, columns)[:rows]


def reverse(grid: F32) -> F32:
    """The grid from its end to its beginning, as a view."""
    return grid[::-1, ::-1]


def scan(values: F32, stay: F32) -> None:
    """Scan a grid, in place: each value becomes itself + `stay` times the value before it."""
    moved, left = np.empty_like(values[0]), stay[0].copy()
    for value, its_stay, previous in zip(values[1:], stay[1:], values, strict=False):
        value += np.multiply(its_stay, previous, out=moved)
        left *= its_stay
    chunks = values.shape[1]
    if chunks == 1:
        return
    # The chunks' ends, each with all that came before: Hillis and Steele (1986), in log2(C) steps.
    # What is left of what the chunk before hands on is the product of all `stay` of the chunk.
    end = values[-1].copy()
    reach = 1
    while reach < chunks:
        end[reach:] += left[reach:] * end[:-reach]
        left[reach:] = left[reach:] * left[:-reach]
        reach *= 2
    moved[0], moved[1:] = 0, end[:-1]
    for value, its_stay in zip(values, stay, strict=True):
        moved *= its_stay
        value += moved


def shift(grid: F32) -> F32:
    """The grid moved forward by one paragraph, with zeros for the first."""
    moved = np.zeros_like(grid)
    moved[1:] = grid[:-1]
    moved[:1, 1:] = grid[-1:, :-1]
    return moved
