"""What is fitted is what it is for: scales, frequencies, weights of paragraphs, cross-fitting."""

import numpy as np
import pytest
from word_vectors import ARRAYS, WORD_VECTORS

from cleaner.features.context import find_shared_terms
from cleaner.features.words import read_words
from cleaner.labels import ID, LABELS
from cleaner.model.inputs import read_batch
from cleaner.model.network import apply_temperature, scale_inputs
from cleaner.model.predict import first_stage_probabilities
from cleaner.training import compose, compose_html
from cleaner.training.data import TEXT_KINDS
from cleaner.training.fit import (
    VIEW_SHARE,
    fit_first_stage,
    fit_idf,
    fit_linear,
    fit_scale,
    fit_temperature,
    ngram_matrix,
    read_examples,
)
from cleaner.training.views import View

STORY, MENU = ID["article"], ID["boilerplate"]


def view(site, texts, labels, kind="whole"):
    return View(site, site, "en", "article", kind, kind, texts, labels)


@pytest.mark.parametrize("temperature", [0.8, 1, 2])
def test_the_temperature_makes_probabilities_right(temperature):
    rng = np.random.default_rng(0)
    right = rng.dirichlet(np.ones(len(LABELS)), 20_000).astype(np.float32)
    labels = (right.cumsum(axis=1) < rng.random((len(right), 1))).sum(axis=1)
    labels[::10] = -1  # unknown
    said = apply_temperature(right, 1 / temperature)
    assert fit_temperature(said, labels) == pytest.approx(temperature, rel=0.06)


def test_scaled_inputs_have_mean_0_and_deviation_1():
    inputs = np.random.default_rng(0).normal(3, [2, 0.1, 0], (1000, 3)).astype(np.float32)
    scaled = scale_inputs(inputs, fit_scale(inputs))
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=0.01)
    np.testing.assert_allclose(scaled.std(axis=0), [1, 1, 0], atol=0.02)


def test_a_term_of_many_pages_weighs_less():
    pages = [f"{letter}ailors and the harbour" for letter in "abcdefghijklmnopqrst"]
    views = [view(page, [page, "harbour"], [STORY, MENU]) for page in pages]
    views += [view(page, [page], [STORY], "appended") for page in pages[:1] * 20]
    words = read_words(["harbour", "sailors", "unheard"])
    terms = find_shared_terms(words, np.array([0, 3]), fit_idf(views))
    common, once, never = terms.totals[0]
    assert common < 0.05
    assert 0.5 < once < never


def test_weights_of_paragraphs_count():
    batch = read_batch([["Menu", "Menu"]], ARRAYS)
    labels, weight = np.array([STORY, MENU]), np.array([9.0, 1.0])
    arrays = fit_linear(ngram_matrix(batch), labels, weight, np.arange(2)) | WORD_VECTORS
    assert first_stage_probabilities(batch, arrays)[0, STORY] == pytest.approx(0.9, abs=0.01)


def test_weights_are_those_that_half_precision_holds():
    batch = read_batch([["The ferry sails.", "Menu"]], ARRAYS)
    arrays = fit_linear(ngram_matrix(batch), np.array([STORY, MENU]), np.ones(2), np.arange(2))
    assert arrays["ngrams"].any()
    assert (arrays["ngrams"] == arrays["ngrams"].astype(np.float16)).all()


def test_cross_fitted_probabilities_know_nothing_of_their_site():
    """Words that tell the label, but each on one site only."""
    rng = np.random.default_rng(0)
    words = rng.choice(list("abcdefghijklmnopqrstuvwxyz"), (240, 9))
    labels = rng.choice([STORY, MENU], 240)
    views = [
        view(f"{n}", ["".join(words[i]) for i in rows], labels[rows].tolist())
        for n, rows in enumerate(np.arange(240).reshape(60, 4))
    ]
    examples = read_examples(views, ARRAYS)
    arrays, cross_fitted = fit_first_stage(examples, WORD_VECTORS, 1)
    known = first_stage_probabilities(examples.batches[0], arrays | WORD_VECTORS)
    assert known[np.arange(240), labels].mean() > 0.65
    assert cross_fitted[np.arange(240), labels].mean() < 0.55


def test_ngrams_are_fitted_on_views_that_show_a_page_once_and_on_blurbs():
    labels = [ID["article"], ID["sponsored"]]
    kinds = ["whole", "html", "written", "appended", "endless", "inserted", "bare", "small"]
    views = [view(kind, ["The ferry sails.", "Join us!"], labels, kind) for kind in kinds]
    examples = read_examples(views, ARRAYS)
    weights = dict(zip(kinds, examples.weight.reshape(-1, 2).tolist(), strict=True))
    assert weights == {kind: [0, 0] for kind in kinds} | {
        "whole": [1, 1], "html": [1, 1], "written": [2, 2], "appended": [0, 0.3],
    }  # fmt: skip
    assert examples.view_share.tolist() == [VIEW_SHARE[kind] for kind in kinds]


def test_each_kind_of_view_has_its_share_of_the_passes():
    made = {*compose.KINDS, *compose_html.VIEWS, "small", "written"}
    assert VIEW_SHARE.keys() == {*TEXT_KINDS, "html", "markdown", *made}
    assert VIEW_SHARE["whole"] == VIEW_SHARE["html"] == 1
    assert VIEW_SHARE["written"] == 0
