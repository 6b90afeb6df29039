import itertools

import numpy as np
import pytest
from broken_html import TAGS_AND_TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.features import attributes
from cleaner.labels import LABELS
from cleaner.model import batches
from cleaner.model.predict import label_pages
from cleaner.model.store import find_models, load_model
from cleaner.pages import Page, split_page

MODELS = {kind: load_model(find_models() / kind) for kind in ("text", "html")}

LINES = st.lists(
    st.sampled_from(["The harbour wall fell on Monday.", "Photo: A. Lind", "More", "x" * 99, "海"])
    | st.text(st.characters(exclude_characters="\n"), min_size=1, max_size=30),
    max_size=40,
)
CLASSES = " ".join(map("".join, itertools.permutations("abcd")))
HOSTILE = st.builds(
    "<title>The wall</title>{}{}".format,
    st.sampled_from([f"<div class='{CLASSES}'>", f"<p id='{CLASSES}'>x<b class='{CLASSES}'>y", ""]),
    st.sampled_from(["<p>x", "<p><a href='/a-b/c'>The wall</a> fell", "<i>", "<br>y<br>"]).map(
        lambda piece: piece * 40
    ),
)


@pytest.fixture(scope="module", autouse=True)
def small_bounds():
    """Bounds that small pages come to."""
    with pytest.MonkeyPatch.context() as small:
        for name, value in {
            "FULL_BATCH_CHARS": 300, "MAX_PART_CHARS": 500,
            "MAX_PARAGRAPH_CHARS": 60, "MIN_PARAGRAPH_CHARS": 10,
        }.items():  # fmt: skip
            small.setattr(batches, name, value)
        small.setattr(attributes, "MAX_PAGE_TOKENS", 50)
        small.setattr(attributes, "MAX_BLOCK_TOKENS", 5)
        yield


def check_as_alone(kind, pages, markup=None):
    together, articles, junk = label_pages(MODELS[kind], pages, markup)
    ends = np.cumsum([len(page) for page in pages])
    by_page = np.split(together, ends[:-1])
    for i, page in enumerate(pages):
        alone, is_article, its_junk = label_pages(MODELS[kind], [page], markup and [markup[i]])
        np.testing.assert_allclose(by_page[i], alone, atol=1e-5)
        np.testing.assert_allclose(articles[i], is_article[0], atol=1e-5)
        np.testing.assert_allclose(junk[i], its_junk[0], atol=1e-4)
        assert page or (articles[i] == 0 and junk[i] == 1)


@given(st.lists(LINES, max_size=9))
def test_nothing_is_lost_and_batches_are_bounded(pages):
    whole = list(itertools.chain.from_iterable(pages))
    found = [texts for texts, _ in batches.in_batches(pages, None)]
    joined = [text for batch in found for texts in batch for text in texts]
    assert joined == [text[:60] for text in whole]
    assert all(texts for batch in found for texts in batch)
    for batch in found:
        paragraphs = list(itertools.chain(*batch))
        assert sum(map(len, paragraphs)) < 300 + 500 + 60
        assert 10 * len(paragraphs) < 300 + 500 + 60


@settings(max_examples=50, deadline=None)
@given(st.lists(LINES, max_size=8))
def test_text_is_labelled_as_each_page_alone(pages):
    check_as_alone("text", pages)


@settings(max_examples=50, deadline=None)
@given(st.lists(TAGS_AND_TEXTS | HOSTILE, max_size=6))
def test_html_is_labelled_as_each_page_alone(sources):
    pages = [split_page(Page(source, "html")) for source in sources]
    check_as_alone("html", [page.texts for page in pages], [page.markup for page in pages])


def test_seed_pages_are_labelled_as_each_alone(seed_pages):
    hostile = f"<section class='{CLASSES}'>" + "<div><p>x</div>" * 300
    for kind in MODELS:
        some = [p for p in seed_pages if p["kind"] == kind][:6]
        sources = [page["html"] if kind == "html" else page["text"] for page in some]
        pages = [split_page(Page(s, kind)) for s in (*sources[:3], hostile, "", *sources[3:])]
        markup = [page.markup for page in pages] if kind == "html" else None
        check_as_alone(kind, [page.texts for page in pages], markup)


def test_a_giant_page_of_html_is_labelled_in_parts():
    html = "<article>" + "<p>The ferry returned on Monday, after four days of storm.</p>" * 600
    text = split_page(Page(html, "html"))
    scores, is_article, _ = label_pages(MODELS["html"], [text.texts], [text.markup])
    assert scores.shape == (600, len(LABELS))
    assert is_article.shape == (1,)
