"""What scikit-learn fitted and what numpy computes are the same."""

import numpy as np
import pytest
from word_vectors import ARRAYS, WORD_VECTORS

from cleaner.features.meaning import MEANING
from cleaner.features.words import NGRAM_BITS
from cleaner.model.inputs import MEANING_WEIGHT, read_batch
from cleaner.model.predict import first_stage_probabilities
from cleaner.pages import Page, split_page
from cleaner.training import fit

sklearn_linear = pytest.importorskip("sklearn.linear_model")

LINES = [
    "Ferry returns to the island", "The ferry returned on Monday after four days of storm.",
    "Photo: Ann Lee", "Read also: the mayor resigns", "Subscribe for 2 crowns a week", "Menu",
]  # fmt: skip


LABELS = np.tile(np.arange(6), 4)
HTML = "".join(
    f'<div class="Box-{n}"><p class="a {n}">{line} <b id="x{n}">now</b> <a href="/a/{n}">on</a>'
    for n, line in enumerate(LINES * 4)
)


@pytest.fixture(params=["text", "html"])
def batch(request):
    if request.param == "text":
        return read_batch([LINES * 4], ARRAYS)
    page = split_page(Page(HTML, "html"))
    return read_batch([page.texts], ARRAYS, [page.markup])


def test_weights_of_the_first_stage(batch):
    matrix = fit.ngram_matrix(batch)
    arrays = fit.fit_linear(matrix, LABELS, np.ones(24), np.arange(24)) | WORD_VECTORS
    fitted = sklearn_linear.LogisticRegression(C=1.0, max_iter=40, tol=1e-3)
    expected = fitted.fit(matrix, LABELS).predict_proba(matrix)
    np.testing.assert_allclose(first_stage_probabilities(batch, arrays)[:, :6], expected, atol=2e-3)


def test_scores_of_the_matrix_and_of_the_run_time_are_the_same(batch):
    rng = np.random.default_rng(0)
    matrix = fit.ngram_matrix(batch)
    weights = rng.normal(size=(matrix.shape[1], 6)).astype(np.float32)
    ngrams, meaning, attributes = np.split(weights, np.cumsum([1 << NGRAM_BITS, MEANING]))
    arrays = {"ngrams": ngrams, "attributes": attributes, "ngrams_bias": np.zeros(6, np.float32)}
    arrays |= WORD_VECTORS | {"first_meaning": meaning * np.float32(MEANING_WEIGHT)}
    arrays |= {"marked_ngrams": ngrams, "marked_bias": np.zeros(6, np.float32)}
    arrays["marked_meaning"] = arrays["first_meaning"]
    scores = matrix @ weights
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(first_stage_probabilities(batch, arrays)[:, :6], expected, atol=1e-5)
