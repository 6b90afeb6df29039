"""What scikit-learn fitted and what numpy computes are the same."""

import numpy as np
import pytest

from cleaner.model.network import linear_guess, network, read_batch, scale_inputs
from cleaner.training import fit

sklearn_linear = pytest.importorskip("sklearn.linear_model")

LINES = [
    "Ferry returns to the island", "The ferry returned on Monday after four days of storm.",
    "Photo: Ann Lee", "Read also: the mayor resigns", "Subscribe for 2 crowns a week", "Menu",
]  # fmt: skip


@pytest.fixture
def batch():
    return read_batch([LINES * 4], np.ones(1 << 16, np.float32))


LABELS = np.tile(np.arange(6), 4)


def test_n_gram_weights(batch):
    matrix = fit.ngram_matrix(batch)
    arrays = fit.fit_linear(matrix, LABELS, np.ones(24))
    fitted = sklearn_linear.LogisticRegression(C=1.0, max_iter=40, tol=1e-3)
    expected = fitted.fit(matrix, LABELS).predict_proba(matrix)
    np.testing.assert_allclose(linear_guess(batch, arrays), expected, atol=2e-3)


def test_n_gram_scores_of_the_matrix_and_of_the_run_time_are_the_same(batch):
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(1 << 18, 6)).astype(np.float32)
    arrays = {"ngrams": weights, "ngrams_bias": np.zeros(6, np.float32)}
    scores = fit.ngram_matrix(batch) @ weights
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(linear_guess(batch, arrays), expected, atol=1e-5)


@pytest.mark.parametrize("labels", [LABELS, LABELS % 2, LABELS // 3 * 5])
def test_networks(labels):
    inputs = np.random.default_rng(0).normal(3, 5, (24, 9)).astype(np.float32)
    scale = fit.fit_scale(inputs)
    scaled = scale_inputs(inputs, scale)
    member = fit.fit_network(scaled, labels, np.ones(24), 7)
    found = network(inputs, fit.average_networks([member]) | scale)
    np.testing.assert_allclose(found[:, member.classes_], member.predict_proba(scaled), atol=1e-5)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)


def test_averaged_networks_average_their_scores():
    inputs = np.random.default_rng(0).normal(size=(24, 9)).astype(np.float32)
    scale = {"mean": np.zeros(9, np.float32), "scale": np.ones(9, np.float32)}
    members = [fit.fit_network(inputs, LABELS, np.ones(24), seed) for seed in (1, 2)]
    logs = sum(np.log(m.predict_proba(np.clip(inputs, -3, 3))) for m in members) / 2
    expected = np.exp(logs) / np.exp(logs).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(
        network(inputs, fit.average_networks(members) | scale), expected, atol=1e-5
    )
