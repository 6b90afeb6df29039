"""What paragraphs mean, and how like that is to the rest of their page."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from word_vectors import WORD_VECTORS

from cleaner.features.meaning import (
    LAYER,
    MEANING,
    MEANING_COLUMNS,
    SHAPES,
    VECTOR,
    likeness_features,
    meanings,
    sum_vectors,
    word_buckets,
)
from cleaner.features.words import TOKEN_NGRAMS, read_words, token_ngrams

paragraphs = st.lists(st.text(alphabet=st.characters(exclude_characters="\n")), max_size=8)
wordless = st.lists(st.text(alphabet=" .!–©“\u200b", max_size=5), min_size=1, max_size=5)


def mean(texts):
    return meanings(read_words(texts), WORD_VECTORS)


@settings(deadline=None)
@given(paragraphs)
def test_a_words_vector_stands_at_the_bucket_of_its_ngram(texts):
    words = read_words(texts)
    assert (word_buckets(words) == token_ngrams(words)[TOKEN_NGRAMS.index("word")]).all()


@settings(deadline=None)
@given(paragraphs, paragraphs, paragraphs)
def test_a_paragraph_means_the_same_in_any_batch(before, texts, after):
    found = mean([*before, *texts, *after])
    assert found.shape == (len(before) + len(texts) + len(after), MEANING)
    rows = slice(len(before), len(before) + len(texts))
    np.testing.assert_allclose(found[rows], mean(texts), atol=1e-4)


@settings(deadline=None)
@given(wordless)
def test_without_words_a_paragraph_means_what_the_layer_makes_of_nothing(texts):
    units = np.maximum(WORD_VECTORS["layer_bias"], 0)
    nothing = units @ WORD_VECTORS["meaning"] + WORD_VECTORS["meaning_bias"]
    assert np.abs(nothing).max() > 0.1
    found = mean([*texts, "The ferry sails"])
    np.testing.assert_allclose(found[:-1], np.tile(nothing, (len(texts), 1)), atol=1e-5)
    assert np.abs(found[-1] - nothing).max() > 0.1


def test_vectors_are_summed_over_the_root_of_their_number():
    words = read_words(["Ferry", "ferry FERRY, ferry – ferry", "", "the ferry", "ferry the", "***"])
    one, four, none, *pair, sign = sum_vectors(words, WORD_VECTORS["vectors"])
    assert one.any()
    np.testing.assert_allclose(four, 2 * one, rtol=1e-6)
    np.testing.assert_allclose(pair[0], pair[1], rtol=1e-6)
    the = WORD_VECTORS["vectors"][word_buckets(read_words(["the"]))[0]].astype(np.float32)
    np.testing.assert_allclose(pair[0], (the + one) / np.sqrt(2), rtol=1e-5)
    assert not none.any()
    assert not sign.any()


def test_a_meaning_is_what_the_formula_says():
    """By one word, one unit and one number, the rest of the arrays zero."""
    arrays = {name: np.zeros(shape, np.float32) for name, shape in SHAPES.items()}
    bucket = word_buckets(read_words(["ferry"]))
    arrays["vectors"] = arrays["vectors"].astype(np.int8)
    arrays["vectors"][bucket, VECTOR - 1] = 100
    arrays["layer"][VECTOR - 1, [0, LAYER - 1]] = 0.01, -0.01
    arrays["layer_bias"][0] = 0.5
    arrays["meaning"][[0, LAYER - 1], 3] = 2, 7
    arrays["meaning_bias"][3] = -0.25
    found = meanings(read_words(["Ferry", "ferry ferry ferry ferry", "harbour"]), arrays)
    assert found[:, 3].tolist() == pytest.approx([2.75, 4.75, 0.75])
    assert not np.delete(found, 3, axis=1).any()
    assert found.shape[1] == len(MEANING_COLUMNS)


def test_likeness_is_to_what_the_others_mean_weighed_by_their_words():
    meaning = np.zeros((4, MEANING), np.float32)
    meaning[[0, 1, 2, 3], [0, 0, 1, 0]] = 1, 5, 2, -1
    likely = np.array([[1, 0], [0.5, 0], [1, 0], [0, 0]], np.float32)
    found = likeness_features(meaning, likely, np.array([10, 4, 20, 9]), np.array([0, 4]))
    # The sums of the others: 0.5 · 4 · 5 of one direction and 20 · 2 of another, and so on.
    story = [10 / np.hypot(10, 40), 10 / np.hypot(10, 40), 0, -20 / np.hypot(20, 40)]
    np.testing.assert_allclose(found, np.transpose([story, [0] * 4]), atol=1e-6)


sizes = st.lists(st.integers(0, 6), max_size=4)
seeds = st.integers(0, 2**32 - 1)
LIKELY = (0, 0.05, 0.5, 1)
"""Probabilities that differ by less than single precision loses in a sum."""


def draw(sizes, seed):
    """Meanings, what paragraphs likely are, and their words."""
    rng, rows = np.random.default_rng(seed), sum(sizes)
    meaning = rng.normal(size=(rows, MEANING)).astype(np.float32)
    likely = rng.choice(np.array(LIKELY, np.float32), (rows, 3))
    return meaning, likely, rng.integers(0, 60, rows), np.cumsum([0, *sizes])


@settings(deadline=None)
@given(sizes, seeds)
def test_likeness_is_a_cosine(sizes, seed):
    meaning, likely, counts, page_offsets = draw(sizes, seed)
    found = likeness_features(meaning, likely, counts, page_offsets)
    assert found.shape == likely.shape
    assert (np.abs(found) <= 1 + 1e-5).all()


@settings(deadline=None)
@given(sizes, seeds)
def test_a_paragraph_is_not_likened_to_itself(sizes, seed):
    meaning, likely, counts, page_offsets = draw(sizes, seed)
    found = likeness_features(meaning, likely, counts, page_offsets)
    for row in range(len(likely)):
        changed, others = likely.copy(), counts.copy()
        changed[row], others[row] = np.roll(LIKELY, row)[1:], 99
        again = likeness_features(meaning, changed, others, page_offsets)
        np.testing.assert_allclose(again[row], found[row], atol=1e-3)


@settings(deadline=None)
@given(seeds)
def test_where_nothing_else_is_likely_nothing_is_like(seed):
    meaning, likely, counts, page_offsets = draw([1, 4, 1], seed)
    likely[1:5] = 0
    likely[3] = 1
    found = likeness_features(meaning, likely, counts + 1, page_offsets)
    assert not found[[0, 3, 5]].any()
    assert found[[1, 2, 4]].all()


@settings(deadline=None)
@given(sizes, sizes, sizes, seeds)
def test_no_page_is_likened_to_another(before, page, after, seed):
    meaning, likely, counts, page_offsets = draw([*before, *page, *after], seed)
    found = likeness_features(meaning, likely, counts, page_offsets)
    begin = sum(before)
    rows = slice(begin, begin + sum(page))
    its_offsets = np.cumsum([0, *page])
    alone = likeness_features(meaning[rows], likely[rows], counts[rows], its_offsets)
    np.testing.assert_allclose(found[rows], alone, atol=1e-5)
