import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.model import batches
from cleaner.model.predict import label_pages
from cleaner.model.store import find_models, load_model
from cleaner.pages import Page, split_page

MODELS = {kind: load_model(find_models() / kind) for kind in ("text", "html")}


@given(st.lists(st.lists(st.text(min_size=1, max_size=30), max_size=9), max_size=9))
def test_nothing_is_lost_and_batches_are_bounded(pages):
    whole = list(itertools.chain.from_iterable(pages))
    with pytest.MonkeyPatch.context() as small:
        for name, value in {"BATCH_CHARS": 40, "PART_CHARS": 50, "LONGEST": 20}.items():
            small.setattr(batches, name, value)
        found = [texts for texts, _ in batches.in_batches(pages, None)]
    joined = [text for batch in found for texts in batch for text in texts]
    assert joined == [text[:20] for text in whole]
    assert all(texts for batch in found for texts in batch)
    assert all(sum(map(len, itertools.chain(*batch))) < 40 + 50 + 20 for batch in found)


def test_pages_are_labelled_as_each_alone(seed_pages):
    pages = [[p["text"] for p in page["paragraphs"]] for page in seed_pages] * 30
    pages.insert(5, [])
    together, is_article = label_pages(MODELS["text"], pages)
    alone = [label_pages(MODELS["text"], [page]) for page in pages[:20]]
    rows = sum(map(len, pages[:20]))
    np.testing.assert_allclose(together[:rows], np.concatenate([a for a, _ in alone]), atol=1e-4)
    np.testing.assert_allclose(is_article[:20], [float(b[0]) for _, b in alone], atol=1e-4)
    assert is_article[5] == 0


def test_a_giant_page_of_html_is_labelled_in_parts():
    html = "<article>" + "<p>The ferry returned on Monday, after four days of storm.</p>" * 40_000
    text = split_page(Page(html, "html"))
    scores, is_article = label_pages(MODELS["html"], [text.texts], [text.markup])
    assert scores.shape == (40_000, 6)
    assert is_article.shape == (1,)
