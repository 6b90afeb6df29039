"""What a paragraph looks like: its length, its characters, its first and last sign."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cleaner.features.words import (
    CLASSES,
    DIGIT,
    F32,
    I64,
    IDEOGRAPH,
    LOWER,
    STOP,
    UPPER,
    Words,
)

SHAPE = 4 + CLASSES + 4 + 2 * CLASSES
"""Number of shape features."""


def shape_features(words: Words) -> F32:
    """Return the shape of each paragraph, shape (paragraphs, `SHAPE`).

    Logarithms of its tokens and characters, mean length of its tokens, sentences; the share of
    each class of characters; share of tokens that begin in upper case, whether all letters are
    upper case, whether a stop follows the last word, share of digits among letters and digits; the
    class of its first and last character, one-hot.
    """
    rows = len(words.counts)
    if rows == 0:
        return np.zeros((0, SHAPE), np.float32)
    lengths = np.diff(words.char_offset) - 1
    row_of_char = np.repeat(np.arange(rows), lengths + 1)
    classes = np.bincount(row_of_char * CLASSES + words.classes, minlength=rows * CLASSES).reshape(
        rows, CLASSES
    )
    classes[:, 5] -= 1  # the line feed
    chars = np.maximum(lengths, 1)
    tokens = words.counts
    letters = classes[:, LOWER] + classes[:, UPPER] + classes[:, IDEOGRAPH]
    starts_upper = words.classes[words.token_start] == UPPER
    upper_tokens = _sum(starts_upper, words.token_offset)
    first = words.classes[words.char_offset[:-1]]
    last = words.classes[np.maximum(words.char_offset[1:] - 2, words.char_offset[:-1])]
    columns = np.stack(
        [
            np.log1p(tokens),
            np.log1p(lengths),
            (letters + classes[:, DIGIT]) / np.maximum(tokens, 1) / 5,
            np.log1p(classes[:, STOP]),
            upper_tokens / np.maximum(tokens, 1),
            (classes[:, UPPER] > 1) & (classes[:, LOWER] == 0),
            np.isin(last, (STOP, 9)),
            classes[:, DIGIT] / np.maximum(letters + classes[:, DIGIT], 1),
        ],
        axis=1,
    )
    eye = np.eye(CLASSES, dtype=np.float32)
    return np.hstack([columns, 3 * classes / chars[:, None], eye[first], eye[last]]).astype(
        np.float32
    )


def _sum(values: NDArray[np.bool_], offset: I64) -> I64:
    sums = np.concatenate(([0], np.cumsum(values)))
    return np.diff(sums[offset])
