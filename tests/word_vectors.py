"""Word vectors made up for tests, and with them what `read_batch` takes of a model's arrays."""

import numpy as np

from cleaner.features.context import IDF_BITS
from cleaner.features.meaning import SHAPES


def make_word_vectors(seed=0):
    """Arrays of `SHAPES`: meanings by them are numbers of about 1, and differ from text to text."""
    rng = np.random.default_rng(seed)
    arrays = {
        name: rng.normal(0, 1.5 * shape[0] ** -0.5, shape).astype(np.float32)
        for name, shape in SHAPES.items()
    }
    vectors = rng.integers(-127, 128, SHAPES["vectors"]).astype(np.int8)
    return arrays | {"vectors": vectors, "layer": arrays["layer"] / 64}


WORD_VECTORS = make_word_vectors()
ARRAYS = WORD_VECTORS | {"idf": np.ones(1 << IDF_BITS, np.float32)}
