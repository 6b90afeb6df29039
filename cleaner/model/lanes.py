"""Pages end to end, cut into lanes that are walked side by side.

A walk along all paragraphs of a batch would be a loop in Python over each. Cut into L lanes of T
paragraphs it takes T steps on L paragraphs at once, and then what each lane's end hands on to the
next lane's beginning. A lane may hold several pages, a page may go over several lanes: one page of
100,000 paragraphs is walked as fast as a thousand pages of 100.

A grid has the shape (T, L, columns): paragraph i is at step i % T of lane i // T, and what is left
over at the end is zero. A grid turned round is the walk back. Walks on and back go side by side in
one grid, of shape (T, L, 2, columns).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner.features.arrays import F32, I64

MOST_LANES, LEAST_STEPS = 128, 16
"""Lanes enough to make a step in Python worth its while, and steps enough to make a lane so."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """How a batch of pages is cut."""

    rows: int
    """Paragraphs in all."""
    begins: NDArray[np.bool_]
    """Where a walk comes to a new page, shape (T, L, 2)."""


def line_up(offset: I64) -> Lanes:
    """Cut pages into lanes; `offset` (pages + 1 entries) says where each begins."""
    rows = int(offset[-1])
    steps, lanes = _cut(rows)
    filled = np.diff(offset) > 0
    first, last = offset[:-1][filled], offset[1:][filled] - 1
    begins = np.zeros((steps, lanes, 2), bool)
    begins[first % steps, first // steps, 0] = True
    begins[steps - 1 - last % steps, lanes - 1 - last // steps, 1] = True
    return Lanes(rows, begins)


def to_grid(values: F32) -> F32:
    """Set values of shape (paragraphs, columns) in a grid."""
    rows, columns = values.shape
    steps, lanes = _cut(rows)
    full, left = divmod(rows, steps)
    grid = np.zeros((steps, lanes, columns), values.dtype)
    by_lane = grid.swapaxes(0, 1)
    by_lane[:full] = values[: full * steps].reshape(full, steps, columns)
    by_lane[full : full + 1, :left] = values[full * steps :]
    return grid


def _cut(rows: int) -> tuple[int, int]:
    """Steps and lanes of a grid."""
    lanes = min(MOST_LANES, max(1, rows // LEAST_STEPS))
    return max(1, -(-rows // lanes)), lanes


def from_grid(grid: F32, rows: int) -> F32:
    """The values of a grid's first `rows` paragraphs, in order: the way back of `to_grid`."""
    steps, lanes, columns = grid.shape
    return grid.swapaxes(0, 1).reshape(steps * lanes, columns)[:rows]


def turn(grid: F32) -> F32:
    """The grid from its end to its beginning, as a view."""
    return grid[::-1, ::-1]


def scan(values: F32, stay: F32) -> None:
    """Walk along a grid, in place: each value becomes itself + `stay` times the value before it."""
    moved, left = np.empty_like(values[0]), stay[0].copy()
    for value, its_stay, previous in zip(values[1:], stay[1:], values, strict=False):
        value += np.multiply(its_stay, previous, out=moved)
        left *= its_stay
    lanes = values.shape[1]
    if lanes == 1:
        return
    # The lanes' ends, each with all that came before: Hillis and Steele (1986), in log2(L) steps.
    # What is left of what the lane before hands on is the product of all `stay` of the lane.
    end = values[-1].copy()
    reach = 1
    while reach < lanes:
        end[reach:] += left[reach:] * end[:-reach]
        left[reach:] = left[reach:] * left[:-reach]
        reach *= 2
    moved[0], moved[1:] = 0, end[:-1]
    for value, its_stay in zip(values, stay, strict=True):
        moved *= its_stay
        value += moved


def before(grid: F32) -> F32:
    """The grid moved on by one paragraph, with zeros for the first."""
    moved = np.zeros_like(grid)
    moved[1:] = grid[:-1]
    moved[:1, 1:] = grid[-1:, :-1]
    return moved
