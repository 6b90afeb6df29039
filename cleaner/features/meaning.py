"""What a paragraph says, in a few numbers: the vectors of its words through a small layer.

The vectors and the layer are fitted to a sentence encoder (`cleaner.training.meaning`), so that
paragraphs that say alike have numbers alike, in any words and in many languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.features.arrays import F32, I64
from cleaner.features.context import BEGINNINGS, page_of, segment_sums
from cleaner.features.words import NGRAM_BITS, TOKEN_NGRAM_SALT, Words, bucket, mix, pick

VECTOR_BITS, VECTOR, LAYER, MEANING = NGRAM_BITS, 32, 128, 32
"""Buckets of word vectors, 2^18, and how many numbers a vector, the layer, and a meaning have."""

MEANING_COLUMNS = tuple(f"meaning_{n}" for n in range(MEANING))
LIKENESS_COLUMNS = (*(f"like_first_{words}" for words in BEGINNINGS), "like_story", "like_headline")
"""The columns of what a paragraph means; and of how like that is to what the beginnings of the
likely story, all of it and the likely headline mean."""

MIN_NORM = 1e-6
"""Length of a vector from which it has a direction."""

MAX_NUMBER = 127
"""Size that no number of word vectors and their layer passes. Vectors are whole numbers that reach
it, the layer's weights are below 1."""

MAX_SUMMED = 257
"""Numbers of up to 255 whose sum 16 bits hold."""

SHAPES: dict[str, tuple[int, ...]] = {
    "vectors": (1 << VECTOR_BITS, VECTOR),
    "layer": (VECTOR, LAYER),
    "layer_bias": (LAYER,),
    "meaning": (LAYER, MEANING),
    "meaning_bias": (MEANING,),
}
"""The arrays that meanings are computed by; `vectors` are whole numbers."""


def meanings(words: Words, arrays: Mapping[str, NDArray[Any]]) -> F32:
    """What each paragraph means, shape (paragraphs, 32), by arrays of `SHAPES`."""
    return apply_layer(sum_vectors(words, arrays["vectors"]), arrays)


def word_buckets(words: Words) -> I64:
    """The bucket of each token's vector."""
    return bucket(mix(words.hashes, TOKEN_NGRAM_SALT), VECTOR_BITS)


def sum_vectors(words: Words, vectors: NDArray[np.int8]) -> F32:
    """The sum of the vectors of each paragraph's words over the root of their number, as the
    encoder joins them, shape (paragraphs, 32)."""
    sums = _sum_rows(pick(vectors, word_buckets(words)), words.token_offsets)
    sums /= np.sqrt(np.maximum(words.counts, 1)).astype(np.float32)[:, None]
    return sums


def _sum_rows(rows: NDArray[np.int8], offsets: I64) -> F32:
    """Sum rows of 8 n whole numbers between neighbours of `offsets`.

    Four numbers at a time, as one of 64 bits, since numpy takes a loop for each column of each sum.
    Each is 128 more until they are summed, so that none is below 0.
    """
    counts = np.diff(offsets)
    sums = np.empty((len(counts), rows.shape[1]), np.float32)
    eights = rows.view(np.uint64) ^ np.uint64(0x8080808080808080)
    for first in range(2):
        fours = segment_sums(eights & np.uint64(0x00FF00FF00FF00FF), offsets)
        sums[:, first::2] = fours.view(np.uint16)
        eights >>= np.uint64(8)
    sums -= (128 * counts).astype(np.float32)[:, None]
    for i in np.flatnonzero(counts > MAX_SUMMED).tolist():
        sums[i] = rows[offsets[i] : offsets[i + 1]].sum(axis=0)
    return sums


def apply_layer(sums: F32, arrays: Mapping[str, NDArray[Any]]) -> F32:
    """The meaning of each sum of vectors."""
    units = sums @ arrays["layer"]
    units += arrays["layer_bias"]
    np.maximum(units, 0, out=units)
    found: F32 = units @ arrays["meaning"]
    found += arrays["meaning_bias"]
    return found


def likeness_features(meaning: F32, likely: F32, counts: I64, page_offsets: I64) -> F32:
    """How like each paragraph's meaning is to that of what the page's other paragraphs likely are:
    the cosine of the angle to the sum of theirs, weighed by their words.

    `likely`, shape (paragraphs, n), says how probably each paragraph is each of n things. Returns
    shape (paragraphs, n).
    """
    page, found = page_of(page_offsets), np.empty_like(likely)
    length = np.maximum(np.sqrt(np.einsum("ij,ij->i", meaning, meaning)), MIN_NORM)
    for n, weight in enumerate((likely * counts[:, None]).T.astype(np.float32)):
        own = meaning * weight[:, None]
        others = pick(segment_sums(own, page_offsets), page) - own
        norm = np.maximum(np.sqrt(np.einsum("ij,ij->i", others, others)), MIN_NORM)
        found[:, n] = np.einsum("ij,ij->i", meaning, others) / (length * norm)
    return found
