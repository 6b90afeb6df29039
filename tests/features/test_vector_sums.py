"""The sums of word vectors beside numpy's own, of paragraphs of any length."""

import numpy as np
import pytest

from cleaner.features.meaning import VECTOR, sum_vectors, word_buckets
from cleaner.features.words import read_words

VECTORS = np.random.default_rng(0).integers(-127, 128, (1 << 18, VECTOR)).astype(np.int8)


@pytest.mark.parametrize("most", [-127, 127])
@pytest.mark.parametrize("counts", [[0], [257, 258], [1, 0, 2000, 3, 0, 300, 256]])
def test_as_numpy_sums_them(most, counts):
    vectors = VECTORS.copy()
    words = read_words([" ".join(f"w{n}" for n in range(count)) for count in counts])
    buckets = word_buckets(words)
    vectors[buckets, ::3] = most  # where sums of as many are largest
    found = sum_vectors(words, vectors)
    for row, count, own in zip(found, counts, np.split(buckets, np.cumsum(counts)), strict=False):
        expected = vectors[own].sum(axis=0, dtype=int) / np.sqrt(max(count, 1))
        np.testing.assert_allclose(row, expected, rtol=1e-6)
