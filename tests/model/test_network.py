"""The network beside its definition, a paragraph at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.model.network import LAYERS, run_network
from cleaner.model.scan import cut_chunks

FEATURES, UNITS = 5, 3
RNG = np.random.default_rng(0)
SIZES = {"units": (FEATURES, UNITS), "out": (3 * UNITS, 6)}
SIZES |= {f"recurrent{n}": (2 * UNITS if n else UNITS, 4 * UNITS) for n in range(LAYERS)}
ARRAYS = {name: RNG.normal(size=size) for name, size in SIZES.items()}
ARRAYS |= {f"{name}_bias": RNG.normal(size=size[1]) for name, size in SIZES.items()}


def logistic(x):
    return 1 / (1 + np.exp(-x))


def plain(page):
    """Probabilities of one page's paragraphs, as the formulas say."""
    last = units = np.maximum(page @ ARRAYS["units"] + ARRAYS["units_bias"], 0)
    for n in range(LAYERS):
        sums = last @ ARRAYS[f"recurrent{n}"] + ARRAYS[f"recurrent{n}_bias"]
        gate, candidate = logistic(sums[:, : 2 * UNITS]), sums[:, 2 * UNITS :]
        both = []
        for step, columns in ((1, slice(0, UNITS)), (-1, slice(UNITS, None))):
            state, states = np.zeros(UNITS), []
            for z, c in zip(gate[::step, columns], candidate[::step, columns], strict=True):
                state = (1 - z) * state + z * c
                states.append(state)
            both.append(np.array(states).reshape(-1, UNITS)[::step])
        last = np.hstack(both)
    scores = np.hstack([last, units]) @ ARRAYS["out"] + ARRAYS["out_bias"]
    return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), max_size=6))
def test_pages_side_by_side_read_as_each_alone(lengths):
    pages = [RNG.normal(size=(n, FEATURES)) for n in lengths]
    page_offsets = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))
    inputs = np.concatenate([np.zeros((0, FEATURES)), *pages])
    found = run_network(inputs, ARRAYS, cut_chunks(page_offsets))
    expected = np.concatenate([np.zeros((0, 6)), *map(plain, pages)])
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_long_pages_read_as_the_formulas_say():
    """In as many chunks as there are, most of them in the midst of a page."""
    test_pages_side_by_side_read_as_each_alone.hypothesis.inner_test([1500, 0, 700, 1, 900])


@pytest.mark.parametrize("place", [0, 40, 99])
def test_a_paragraph_is_read_in_the_light_of_the_whole_page(place):
    page = RNG.normal(size=(100, FEATURES)) / 10
    other = page.copy()
    other[place] += 1
    chunks = cut_chunks(np.array([0, 100]))
    first, second = (run_network(p, ARRAYS, chunks) for p in (page, other))
    assert (first != second).any(axis=1).all()
