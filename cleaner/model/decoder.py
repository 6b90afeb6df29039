"""The decoder: how labels follow each other on a page, put to the networks' probabilities.

A linear chain over the paragraphs of a page. Its marginals are computed by the forward-backward
algorithm (Rabiner, 1989), for all pages of a batch side by side.
"""

from __future__ import annotations

import numpy as np

from cleaner.features.words import F32
from cleaner.model.steps import Steps

FLOOR = 1e-5
"""Least probability of a label, so that one certain mistake can't forbid a whole page."""


def decode(guess: F32, transitions: F32, steps: Steps) -> F32:
    """Return each paragraph's probabilities given all paragraphs of its page.

    `guess` are the networks' probabilities, shape (paragraphs, 6); `transitions[a, b]` is a
    factor, at least 0, for label b after label a.
    """
    local = np.maximum(guess, FLOOR)
    forward, backward = local.copy(), np.ones_like(local)
    moves = steps.moves
    for _, low, high in moves:
        rows = steps.forward[low:high]
        message = forward[rows - 1] @ transitions
        message *= local[rows]
        message /= message.sum(axis=1, keepdims=True)
        forward[rows] = message
    for _, low, high in reversed(moves):
        rows = steps.forward[low:high]
        message = (backward[rows] * local[rows]) @ transitions.T
        message /= message.sum(axis=1, keepdims=True)
        backward[rows - 1] = message
    marginals = forward * backward
    marginals /= marginals.sum(axis=1, keepdims=True)
    return marginals


def sharpen(probabilities: F32, power: float) -> F32:
    """Calibrate: raise probabilities to a power (the inverse of a temperature), and normalise."""
    raised = np.power(probabilities, np.float32(power))
    raised /= raised.sum(axis=1, keepdims=True)
    return raised
