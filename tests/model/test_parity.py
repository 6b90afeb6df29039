"""What scikit-learn fitted and what numpy computes are the same."""

import numpy as np
import pytest

from cleaner.model.inputs import read_batch
from cleaner.model.predict import first_stage_probabilities
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
    arrays = fit.fit_linear(matrix, LABELS, np.ones(24), np.arange(24))
    fitted = sklearn_linear.LogisticRegression(C=1.0, max_iter=40, tol=1e-3)
    expected = fitted.fit(matrix, LABELS).predict_proba(matrix)
    np.testing.assert_allclose(first_stage_probabilities(batch, arrays)[:, :6], expected, atol=2e-3)


def test_n_gram_scores_of_the_matrix_and_of_the_run_time_are_the_same(batch):
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(1 << 18, 6)).astype(np.float32)
    arrays = {"ngrams": weights, "ngrams_bias": np.zeros(6, np.float32)}
    scores = fit.ngram_matrix(batch) @ weights
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(first_stage_probabilities(batch, arrays)[:, :6], expected, atol=1e-5)
