"""Pages end to end, cut into lanes that are walked side by side.

A walk along all paragraphs of a batch would be a loop in Python over each. Cut into L lanes of T
paragraphs it takes T steps on L paragraphs at once, and then what each lane's end hands on to the
next lane's beginning. A lane may hold several pages, a page may go over several lanes: one page of
100,000 paragraphs is walked as fast as a thousand pages of 100.

A grid has the shape (T, L, columns): paragraph i is at step i % T of lane i // T, and what is left
over at the end is zero. A grid turned round is the walk back. Walks on and back go side by side in
one grid: the lanes of the walk on, then those of the walk back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cleaner.features.words import F32, I64

MOST_LANES, LEAST_STEPS = 128, 16
"""Lanes enough to make a step in Python worth its while, and steps enough to make a lane so."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """How a batch of pages is cut."""

    rows: int
    """Paragraphs in all."""
    goes_on: F32
    """Grid of one column for the walks on and back: 0 where a walk comes to a new page, else 1."""


def line_up(offset: I64) -> Lanes:
    """Cut pages into lanes; `offset` (pages + 1 entries) says where each begins."""
    rows = int(offset[-1])
    filled = np.diff(offset) > 0
    on, back = np.ones((2, rows, 1), np.float32)
    on[offset[:-1][filled]] = 0
    back[offset[1:][filled] - 1] = 0
    return Lanes(rows, np.concatenate([to_grid(on), turn(to_grid(back))], axis=1))


def to_grid(values: F32) -> F32:
    """Set values of shape (paragraphs, columns) in a grid."""
    rows, columns = values.shape
    lanes = min(MOST_LANES, max(1, rows // LEAST_STEPS))
    steps = -(-rows // lanes)
    padded = np.zeros((steps * lanes, columns), values.dtype)
    padded[:rows] = values
    return np.ascontiguousarray(padded.reshape(lanes, steps, columns).swapaxes(0, 1))


def from_grid(grid: F32, rows: int) -> F32:
    """The values of a grid's first `rows` paragraphs, in order: the way back of `to_grid`."""
    steps, lanes, columns = grid.shape
    return grid.swapaxes(0, 1).reshape(steps * lanes, columns)[:rows]


def turn(grid: F32) -> F32:
    """The grid from its end to its beginning, as a view."""
    return grid[::-1, ::-1]


def scan(values: F32, stay: F32) -> None:
    """Walk along a grid: each value becomes itself + `stay` times the value before it.

    Works in place; `stay` becomes its product from each lane's beginning on, which is how much of
    what the lane before hands on is left.
    """
    steps, lanes, columns = values.shape
    moved = np.empty((lanes, columns), values.dtype)
    for t in range(1, steps):
        np.multiply(stay[t], values[t - 1], out=moved)
        values[t] += moved
        stay[t] *= stay[t - 1]
    if lanes == 1 or not steps:
        return
    # The lanes' ends, each with all that came before: Hillis and Steele (1986), in log2(L) steps.
    end, left = values[-1].copy(), stay[-1].copy()
    reach = 1
    while reach < lanes:
        end[reach:] += left[reach:] * end[:-reach]
        left[reach:] = left[reach:] * left[:-reach]
        reach *= 2
    for t in range(steps):
        np.multiply(stay[t, 1:], end[:-1], out=moved[1:])
        values[t, 1:] += moved[1:]


def before(grid: F32) -> F32:
    """The grid moved on by one paragraph, with zeros for the first."""
    moved = np.zeros_like(grid)
    moved[1:] = grid[:-1]
    moved[:1, 1:] = grid[-1:, :-1]
    return moved
