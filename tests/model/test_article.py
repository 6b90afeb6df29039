"""What tells an article from other pages: numbers of a page by the labels of its paragraphs."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.features.meaning import MEANING
from cleaner.labels import ID, LABELS
from cleaner.model.article import PAGE_COLUMNS, article_probability, constant, page_features

sizes = st.lists(st.integers(0, 7), max_size=4)


def draw(sizes, seed):
    """Probabilities, words and meanings of paragraphs, and where pages of these sizes begin."""
    rng, rows = np.random.default_rng(seed), sum(sizes)
    probabilities = rng.dirichlet(np.ones(len(LABELS)), rows).astype(np.float32)
    meaning = rng.normal(size=(rows, MEANING)).astype(np.float32)
    return probabilities, rng.integers(0, 80, rows), meaning, np.cumsum([0, *sizes])


@settings(deadline=None)
@given(sizes, sizes, sizes, st.integers(0, 2**32 - 1))
def test_a_pages_features_do_not_depend_on_other_pages(before, pages, after, seed):
    *arrays, page_offsets = draw([*before, *pages, *after], seed)
    found = page_features(*arrays, page_offsets)
    assert found.shape == (len(page_offsets) - 1, len(PAGE_COLUMNS))
    assert np.isfinite(found).all()
    rows = slice(sum(before), sum(before) + sum(pages))
    alone = page_features(*(array[rows] for array in arrays), np.cumsum([0, *pages]))
    np.testing.assert_allclose(found[len(before) :][: len(pages)], alone, atol=1e-4)


def test_features_are_what_their_names_say():
    """A menu of 4 words, a headline of 10, a story of 30 and one of 60, a teaser of 10."""
    labels = [ID[name] for name in ("boilerplate", "headline", "article", "article")]
    probabilities = np.eye(len(LABELS), dtype=np.float32)[[*labels, ID["related-links"]]]
    counts, meaning = np.array([4, 10, 30, 60, 10]), np.zeros((5, MEANING), np.float32)
    meaning[:, 0], meaning[:, 7] = [9, 1, 2, 3, 9], [0, 0, 0, -1, 0]
    (found,) = page_features(probabilities, counts, meaning, np.array([0, 5]))
    expected = {
        "log_story": np.log(101),
        "story": 100 / 114,
        "log_long_story": np.log(3),
        "long_story": 1,
        "related": 10 / 114,
        "sponsored": 0,
        "sure": 1,
        "changes": 2 / 3,
        "log_paragraphs": np.log(6),
        "headline": 1,
        "meaning_0": (10 + 60 + 180) / 100,
        "meaning_1": 0,
        "meaning_7": -60 / 100,
    }
    named = dict(zip(PAGE_COLUMNS, found, strict=True))
    np.testing.assert_allclose([named[name] for name in expected], [*expected.values()], rtol=1e-5)


def test_a_constant_says_the_same_of_every_page():
    features = np.random.default_rng(0).normal(size=(9, len(PAGE_COLUMNS))).astype(np.float32)
    always, never = (constant("article", len(PAGE_COLUMNS), is_so) for is_so in (True, False))
    assert (article_probability(features, always) > 0.9).all()
    assert (article_probability(features, never) < 0.1).all()
