import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.model.decoder import decode, sharpen
from cleaner.model.steps import line_up


def chains(lengths, seed):
    rng = np.random.default_rng(seed)
    guess = rng.dirichlet(np.ones(6), sum(lengths)).astype(np.float32)
    transitions = rng.uniform(0.1, 2, (6, 6)).astype(np.float32)
    return guess, transitions, np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))


def by_enumeration(guess, transitions):
    """Marginals as the sum over every sequence of labels."""
    marginals = np.zeros(guess.shape)
    for labels in itertools.product(range(6), repeat=len(guess)):
        weight = np.prod([guess[i, label] for i, label in enumerate(labels)])
        weight *= np.prod([transitions[a, b] for a, b in itertools.pairwise(labels)])
        for i, label in enumerate(labels):
            marginals[i, label] += weight
    return marginals / marginals.sum(axis=1, keepdims=True)


def test_marginals_are_those_of_the_chain():
    guess, transitions, offset = chains([4], 1)
    expected = by_enumeration(guess.astype(float), transitions.astype(float))
    np.testing.assert_allclose(decode(guess, transitions, line_up(offset)), expected, atol=1e-4)


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), max_size=6), st.integers(0, 99))
def test_pages_of_a_batch_do_not_touch_each_other(lengths, seed):
    guess, transitions, offset = chains(lengths, seed)
    together = decode(guess, transitions, line_up(offset))
    for start, end in itertools.pairwise(offset):
        alone = decode(guess[start:end], transitions, line_up(np.array([0, end - start])))
        np.testing.assert_allclose(together[start:end], alone, atol=1e-5)


def test_sharpening_keeps_the_order():
    guess, _, _ = chains([20], 3)
    sharp = sharpen(guess, 2.0)
    assert (sharp.argsort(axis=1) == guess.argsort(axis=1)).all()
    np.testing.assert_allclose(sharp.sum(axis=1), 1, rtol=1e-5)
