"""What a paragraph looks like: its length, its characters, its first and last sign."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.features.arrays import F32, I64
from cleaner.features.words import (
    CLASSES,
    DIGIT,
    IDEOGRAPH,
    LOWER,
    SPACE,
    STOP,
    UPPER,
    Words,
    pick,
)

SURFACE = 4 + CLASSES + 4 + 2 * CLASSES
"""Number of surface features."""


def surface_features(words: Words) -> F32:
    """Return the surface of each paragraph, shape (paragraphs, `SURFACE`).

    Logarithms of its tokens and characters, mean length of its tokens, sentences; the share of
    each class of characters; share of tokens that begin in upper case, whether all letters are
    upper case, whether a stop follows the last word, share of digits among letters and digits; the
    class of its first and last character, one-hot.
    """
    rows = len(words.counts)
    if rows == 0:
        return np.zeros((0, SURFACE), np.float32)
    lengths = np.diff(words.char_offsets) - 1
    place = np.repeat(np.arange(0, rows * CLASSES, CLASSES), lengths + 1)
    place += words.classes
    classes = np.bincount(place, minlength=rows * CLASSES).reshape(rows, CLASSES)
    classes[:, SPACE] -= 1  # the line feed
    tokens = words.counts
    letters = classes[:, LOWER] + classes[:, UPPER] + classes[:, IDEOGRAPH]
    starts_upper = pick(words.classes, words.token_start) == UPPER
    upper_tokens = _sum(starts_upper, words.token_offsets)
    first = words.classes[words.char_offsets[:-1]]
    last = words.classes[np.maximum(words.char_offsets[1:] - 2, words.char_offsets[:-1])]
    found = np.zeros((rows, SURFACE), np.float32)
    found[:, :8] = np.array(
        [
            log1p(tokens),
            log1p(lengths),
            (letters + classes[:, DIGIT]) / np.maximum(tokens, 1) / 5,
            log1p(classes[:, STOP]),
            upper_tokens / np.maximum(tokens, 1),
            (classes[:, UPPER] > 1) & (classes[:, LOWER] == 0),
            np.isin(last, (STOP, 9)),
            classes[:, DIGIT] / np.maximum(letters + classes[:, DIGIT], 1),
        ],
        np.float32,
    ).T
    found[:, 8 : 8 + CLASSES] = 3 * classes / np.maximum(lengths, 1)[:, None]
    found[np.arange(rows), 8 + CLASSES + first] = 1
    found[np.arange(rows), 8 + 2 * CLASSES + last] = 1
    return found


def log1p(values: NDArray[Any]) -> F32:
    """Logarithm of 1 + values of 0 or more: numpy's own is slow, and exact where these are not."""
    return np.log((1 + values).astype(np.float32))


def _sum(values: NDArray[np.bool_], offsets: I64) -> I64:
    sums = np.concatenate(([0], np.cumsum(values)))
    return np.diff(sums[offsets])
