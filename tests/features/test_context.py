import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from word_vectors import ARRAYS

from cleaner.features import context
from cleaner.features.words import read_words
from cleaner.labels import LABELS
from cleaner.model.inputs import network_input, read_batch

WORDS = ["ferry", "Harbour", "island", "a", "12.", "photo:", "海", "more", "(c)"]
pages = st.lists(st.lists(st.lists(st.sampled_from(WORDS)).map(" ".join), max_size=7), max_size=4)


def first_stage(rows):
    return np.random.default_rng(0).dirichlet(np.ones(len(LABELS)), rows).astype(np.float32)


@settings(deadline=None)
@given(pages, st.lists(st.lists(st.sampled_from(WORDS)).map(" ".join), min_size=1, max_size=7))
def test_a_pages_features_do_not_depend_on_the_pages_around_it(others, page):
    rows = sum(map(len, others))
    some = first_stage(rows + len(page))
    alone = network_input(read_batch([page], ARRAYS), some[rows:])
    together = network_input(read_batch([*others, page], ARRAYS), some)[rows:]
    np.testing.assert_allclose(alone, together, atol=1e-3)


@settings(deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 5)), max_size=6), max_size=4))
def test_the_likeliest_run_has_the_largest_sum(pages):
    rows = [paragraph for page in pages for paragraph in page]
    story = np.array([tenths / 10 for tenths, _ in rows], np.float32)
    counts = np.array([words for _, words in rows], np.int64)
    page_offsets = np.cumsum([0, *map(len, pages)])
    chosen = context.likeliest_run(story, counts, page_offsets)
    for page, start in zip(pages, page_offsets[:-1], strict=True):
        of_page = chosen[start : start + len(page)]
        gains = [(tenths - 5) * words for tenths, words in page]
        runs = [(i, j) for i in range(len(page)) for j in range(i + 1, len(page) + 1)]
        most = max((sum(gains[i:j]) for i, j in runs), default=0)
        best = [range(i, j) for i, j in runs if sum(gains[i:j]) == most or most <= 0]
        assert [*np.flatnonzero(of_page)] == sorted({i for run in best for i in run})


def test_teasers_before_the_story_are_not_its_beginning():
    """Three teasers that may be story, a menu, and a story that is."""
    texts = ["word " * 20] * 3 + ["menu " * 60] + ["word " * 100] * 2
    story = np.array([0.6, 0.4, 0.6, 0.1, 0.9, 0.8], np.float32)
    found = context.story_beginnings(story, read_words(texts), np.array([0, len(texts)]))
    assert (found[:4] == 0).all()
    np.testing.assert_allclose(found[4], [0.9, 0.9])
    np.testing.assert_allclose(found[5], [0.8 * 30 / 80, 0.8], rtol=1e-6)


LIKELY = ["story", *(f"story_first_{words}" for words in context.BEGINNINGS)]


def overlaps(texts, likely):
    """The term overlap of a page by column, `likely` of the story and of each of its beginnings."""
    words = read_words(texts)
    terms = context.find_shared_terms(words, np.array([0, len(texts)]), ARRAYS["idf"])
    found = context.term_overlap_features(terms, np.array(likely, np.float32))
    return dict(zip(context.term_overlap_columns(LIKELY), found.T, strict=True))


def test_terms_are_shared_by_paragraphs_about_the_same():
    texts = ["The ferry harbour", "Harbour ferry repairs", "Elections in spring"]
    shares = overlaps(texts, np.ones((3, 3)))["terms_story"]
    assert shares[0] == 1
    assert shares[1] > 0.6
    assert shares[2] == 0


def test_terms_of_the_beginning_and_those_that_only_later_paragraphs_share():
    """A story, more of it, and behind it two paragraphs about something else."""
    texts = ["The ferry Tamsin", "More of Tamsin", "An Osprey, a ferry", "That Osprey, a Bear"]
    found = overlaps(texts, [[1, 1, 1], [1, 0, 1], [0.5, 0, 0], [0.5, 0, 0]])
    expected = {
        # Terms are ferry, Tamsin; more, Tamsin; Osprey, ferry; that, Osprey, Bear.
        "terms_story": [(1 + 0.5) / 2, 1 / 2, (1 + 0.5) / 2, 0.5 / 3],
        "terms_story_before": [0, 1 / 2, 1 / 2, 0.5 / 3],
        "terms_story_first_120": [0, 1 / 2, 1 / 2, 0],
        "terms_story_first_400": [1 / 2, 1 / 2, 1 / 2, 0],
        "terms_elsewhere": [1 / 2, 0, 1 / 2, 1 / 3],
        "names_story_first_400": [1, 1, 0, 0],
        "names_elsewhere": [0, 0, 1, 1 / 2],
    }
    for name, shares in expected.items():
        np.testing.assert_allclose(found[name], shares, atol=1e-6, err_msg=name)


def beginnings(story, counts, sizes):
    words = read_words(["w " * count for count in counts])
    page_offsets = np.cumsum([0, *sizes])
    return context.story_beginnings(np.array(story, np.float32), words, page_offsets)


def test_the_beginnings_of_a_story_by_words():
    assert context.BEGINNINGS == (120, 400)
    found = beginnings([0, 1, 1, 0.5, 1, 1, 0.9], [500, 80, 160, 200, 10, 100, 100], [7])
    np.testing.assert_allclose(found[:, 0], [0, 1, 0.25, 0, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(found[:, 1], [0, 1, 1, 0.5, 1, 0.5, 0], atol=1e-6)


pages_of_paragraphs = st.lists(
    st.lists(st.tuples(st.sampled_from((0, 0.01, 0.4, 0.99, 1)), st.integers(1, 90)), max_size=20),
    max_size=3,
)


@settings(deadline=None)
@given(pages_of_paragraphs)
def test_beginnings_hold_the_first_words_of_the_likely_story_of_each_page(pages):
    story, counts = np.array([p for page in pages for p in page] or np.zeros((0, 2))).T
    found = beginnings(story, counts.astype(int), [len(page) for page in pages])
    assert found.shape == (len(story), len(context.BEGINNINGS))
    assert (found >= 0).all()
    assert (found <= story[:, None] + 1e-6).all()
    assert (found[:, 0] <= found[:, 1]).all()
    ends = np.cumsum([len(page) for page in pages])[:-1]
    parts = (np.split(values, ends) for values in (story, counts, found))
    for its_story, its_counts, of_page in zip(*parts, strict=True):
        page_offsets = np.array([0, len(its_story)])
        run = context.likeliest_run(its_story, its_counts.astype(int), page_offsets)
        its_story = np.where(run, its_story, 0)
        likely = its_story * its_counts
        most = np.minimum(likely.sum(), context.BEGINNINGS)
        np.testing.assert_allclose(its_counts @ of_page, most, rtol=1e-4, atol=1e-4)
        shares = of_page[likely > 0] / its_story[likely > 0, None]
        assert (np.diff(shares, axis=0) <= 1e-5).all()


@settings(deadline=None)
@given(pages_of_paragraphs, pages_of_paragraphs)
def test_a_story_begins_on_its_own_page(others, pages):
    def of(pages):
        story, counts = np.array([p for page in pages for p in page] or np.zeros((0, 2))).T
        return beginnings(story, counts.astype(int), [len(page) for page in pages])

    together = of([*others, *pages])
    np.testing.assert_allclose(together[sum(map(len, others)) :], of(pages), atol=1e-6)


def test_repeats_are_counted_on_their_own_page():
    page = ["More", "x y", "more"]
    column = context.POSITION_COLUMNS.index
    positions = context.position_features(read_words(page * 2), np.array([0, 3, 6]))
    assert positions[:, column("repeats_before")].tolist() == [0, 0, 1] * 2
    assert positions[:, column("repeats_after")].tolist() == [1, 0, 0] * 2
