import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.features import context
from cleaner.features.words import read_words
from cleaner.labels import LABELS
from cleaner.model.inputs import network_input, read_batch

IDF = np.ones(1 << context.IDF_BITS, np.float32)
WORDS = ["ferry", "Harbour", "island", "a", "12.", "photo:", "海", "more", "(c)"]
pages = st.lists(st.lists(st.lists(st.sampled_from(WORDS)).map(" ".join), max_size=7), max_size=4)


def first_stage(rows):
    return np.random.default_rng(0).dirichlet(np.ones(len(LABELS)), rows).astype(np.float32)


@settings(deadline=None)
@given(pages, st.lists(st.lists(st.sampled_from(WORDS)).map(" ".join), min_size=1, max_size=7))
def test_a_pages_features_do_not_depend_on_the_pages_around_it(others, page):
    rows = sum(map(len, others))
    some = first_stage(rows + len(page))
    alone = network_input(read_batch([page], IDF), some[rows:])
    together = network_input(read_batch([*others, page], IDF), some)[rows:]
    np.testing.assert_allclose(alone, together, atol=1e-4)


def test_terms_are_shared_by_paragraphs_about_the_same():
    words = read_words(["The ferry harbour", "Harbour ferry repairs", "Elections in spring"])
    terms = context.find_shared_terms(words, np.array([0, 3]), IDF)
    story = np.ones((3, 1), np.float32)
    column = context.term_overlap_columns(["story"]).index("terms_story")
    shares = context.term_overlap_features(terms, story)[:, column]
    assert shares[0] == 1
    assert shares[1] > 0.6
    assert shares[2] == 0


def test_repeats_are_counted_on_their_own_page():
    page = ["More", "x y", "more"]
    column = context.POSITION_COLUMNS.index
    positions = context.position_features(read_words(page * 2), np.array([0, 3, 6]))
    assert positions[:, column("repeats_before")].tolist() == [0, 0, 1] * 2
    assert positions[:, column("repeats_after")].tolist() == [1, 0, 0] * 2
