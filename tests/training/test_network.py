import numpy as np

from cleaner.model.network import run_network
from cleaner.model.scan import cut_chunks, from_grid, to_grid
from cleaner.training import network

VIEW_OFFSETS = np.array([0, 3, 3, 10, 11, 15])


def test_gradients_are_those_of_small_steps():
    rng = np.random.default_rng(0)
    inputs, labels = rng.normal(size=(15, 5)), rng.integers(0, 6, 15)
    arrays = {k: a.astype(np.float64) for k, a in network._first_arrays(5, rng).items()}
    chunks = cut_chunks(VIEW_OFFSETS)

    def loss():
        said = run_network(inputs, arrays, chunks)
        return -np.log(said[np.arange(15), labels]).sum()

    trace = network.forward(inputs, arrays, chunks)
    error = from_grid(trace.probabilities, chunks.rows).copy()
    error[np.arange(15), labels] -= 1
    gradients = network.backward(trace, to_grid(error), arrays, chunks)
    assert gradients.keys() == arrays.keys()
    for name, array in arrays.items():
        for place in rng.integers(array.size, size=8):
            flat, value = array.reshape(-1), array.reshape(-1)[place]
            flat[place] = value + 1e-5
            above = loss()
            flat[place] = value - 1e-5
            slope = (above - loss()) / 2e-5
            flat[place] = value
            np.testing.assert_allclose(gradients[name].reshape(-1)[place], slope, atol=1e-5)


def fit(inputs, labels, view_offsets, seed=0):
    views = np.arange(len(view_offsets) - 1)
    return network.fit_network(inputs, labels, view_offsets, np.ones(len(views)), (views, seed))


def test_learns_what_only_the_page_tells():
    """A label that is set by the page's first paragraph, and is found at its last."""
    rng = np.random.default_rng(1)
    pages, length = 2000, 8
    inputs = rng.normal(size=(pages, length, 2)).astype(np.float32)
    truth = rng.integers(0, 2, pages)
    inputs[:, 0, 0] = 4 * truth - 2
    labels = np.full((pages, length), -1)
    labels[:, -1] = truth
    view_offsets = np.arange(pages + 1) * length
    arrays = fit(inputs.reshape(-1, 2), labels.ravel(), view_offsets)
    said = run_network(inputs.reshape(-1, 2), arrays, cut_chunks(view_offsets))
    assert (said.reshape(pages, length, -1)[:, -1].argmax(axis=1) == truth).mean() > 0.95


def test_same_seed_same_weights():
    rng = np.random.default_rng(2)
    inputs, labels = rng.normal(size=(15, 5)).astype(np.float32), rng.integers(0, 6, 15)
    first, again, other = (fit(inputs, labels, VIEW_OFFSETS, seed) for seed in (3, 3, 4))
    assert all((first[name] == again[name]).all() for name in first)
    assert any((first[name] != other[name]).any() for name in first)
