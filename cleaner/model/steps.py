"""Pages side by side, so that a walk along pages takes a step on all of them at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cleaner.features.words import F32, I64


@dataclass(frozen=True, slots=True)
class Steps:
    """Pages side by side: step t holds paragraph t of every page that has as many.

    The longest page comes first, so that step t is the rows `start[t]` to `start[t + 1]`, and its
    first rows go on in step t + 1. Backward reading begins with each page's last paragraph.
    """

    start: I64
    forward: I64
    """The paragraph at each row, reading forward."""
    to_steps: I64
    """Where the values at each row come from: of paragraphs whose values are in two halves, the
    half that reads forward and the one that reads back."""
    to_paragraphs: I64
    """The same for the way back, from rows to paragraphs."""

    @property
    def moves(self) -> list[tuple[int, int, int]]:
        """For each step but the first, where the step before it begins, where it begins, and where
        it ends."""
        start = self.start.tolist()
        return list(zip(start, start[1:], start[2:], strict=False))


def line_up(offset: I64) -> Steps:
    """Set pages side by side; `offset` (pages + 1 entries) says where each begins."""
    lengths = np.diff(offset)
    order = np.argsort(-lengths, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    longest = int(lengths.max(initial=0))
    active = np.searchsorted(-lengths[order], -np.arange(longest), side="left")
    start = np.concatenate(([0], np.cumsum(active)))
    rows = np.arange(offset[-1])
    page = np.repeat(np.arange(len(lengths)), lengths)
    before = rows - offset[:-1][page]
    forward_row = start[before] + rank[page]
    backward_row = start[lengths[page] - 1 - before] + rank[page]
    forward, backward = np.empty_like(rows), np.empty_like(rows)
    forward[forward_row], backward[backward_row] = rows, rows
    return Steps(start, forward, _halves(forward, backward), _halves(forward_row, backward_row))


def _halves(first: I64, second: I64) -> I64:
    return np.stack([2 * first, 2 * second + 1], axis=1).ravel()


def rearrange(values: F32, halves: I64) -> F32:
    """Move the halves of rows, as `Steps.to_steps` or `Steps.to_paragraphs` say."""
    rows, columns = values.shape
    return values.reshape(2 * rows, columns // 2)[halves].reshape(rows, columns)
