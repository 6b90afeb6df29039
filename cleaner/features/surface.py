"""What a paragraph looks like: its length, its characters, its first and last sign."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.features.arrays import F32, I64
from cleaner.features.words import (
    ASK,
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

SUMMARY_COLUMNS = (
    "log_tokens", "log_chars", "token_length", "log_stops", "capitalised", "all_capitals", "ends",
    "digits",
)  # fmt: skip
"""The first columns of surface features: logarithms of a paragraph's tokens and characters, mean
length of its tokens, logarithm of its stops; share of tokens that begin in upper case, whether all
letters are upper case, whether a stop follows the last word, share of digits among letters and
digits."""

SURFACE_COLUMNS = (
    *SUMMARY_COLUMNS,
    *(f"share_{name}" for name in CLASSES),
    *(f"first_{name}" for name in CLASSES),
    *(f"last_{name}" for name in CLASSES),
)
"""The columns of surface features: a summary, the share of each class of characters, and the class
of the first and of the last character, one-hot."""

TOKEN_CHARS = 5
"""Characters of a usual token, which the mean length is told in."""

SHARE_FACTOR = 3
"""Factor of the shares of classes, most of which are small. Like all such factors here it is for
people who look at the numbers: the inputs of networks are brought to deviation 1."""


def surface_features(words: Words) -> F32:
    """Return the surface of each paragraph, shape (paragraphs, 56), columns as in
    `SURFACE_COLUMNS`."""
    rows = len(words.counts)
    if rows == 0:
        return np.zeros((0, len(SURFACE_COLUMNS)), np.float32)
    lengths = np.diff(words.char_offsets) - 1
    n = len(CLASSES)
    place = np.repeat(np.arange(0, rows * n, n), lengths + 1)
    place += words.classes
    classes = np.bincount(place, minlength=rows * n).reshape(rows, n)
    classes[:, SPACE] -= 1  # the line feed
    tokens = words.counts
    letters = classes[:, LOWER] + classes[:, UPPER] + classes[:, IDEOGRAPH]
    starts_upper = pick(words.classes, words.token_start) == UPPER
    upper_tokens = _sum(starts_upper, words.token_offsets)
    first = words.classes[words.char_offsets[:-1]]
    last = words.classes[np.maximum(words.char_offsets[1:] - 2, words.char_offsets[:-1])]
    summary = np.array(
        [
            log1p(tokens),
            log1p(lengths),
            (letters + classes[:, DIGIT]) / np.maximum(tokens, 1) / TOKEN_CHARS,
            log1p(classes[:, STOP]),
            upper_tokens / np.maximum(tokens, 1),
            (classes[:, UPPER] > 1) & (classes[:, LOWER] == 0),
            np.isin(last, (STOP, ASK)),
            classes[:, DIGIT] / np.maximum(letters + classes[:, DIGIT], 1),
        ],
        np.float32,
    ).T
    shares = (SHARE_FACTOR * classes / np.maximum(lengths, 1)[:, None]).astype(np.float32)
    one_hot = np.eye(n, dtype=np.float32)
    return np.hstack([summary, shares, one_hot[first], one_hot[last]])


def log1p(values: NDArray[Any]) -> F32:
    """Logarithm of 1 + values of 0 or more: numpy's own is slow, and exact where these are not."""
    return np.log((1 + values).astype(np.float32))


def _sum(values: NDArray[np.bool_], offsets: I64) -> I64:
    sums = np.concatenate(([0], np.cumsum(values)))
    return np.diff(sums[offsets])
