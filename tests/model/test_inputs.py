"""What the networks see: a column for each name, and the numbers that the names promise."""

import numpy as np
import pytest
from word_vectors import ARRAYS

from cleaner.features.meaning import MEANING_COLUMNS, meanings
from cleaner.features.words import read_words
from cleaner.labels import LABELS
from cleaner.model.inputs import FIRST_STAGES, input_columns, network_input, read_batch
from cleaner.pages import Page, split_page

HTML = """<head><title>The ferry returns to Tamsin</title></head><body>
<main><h1>The ferry returns to Tamsin</h1><p>It sails at 7.</p><p>It sails at 7.</p></main>
<footer><ul><li><a href="https://a.example/b">All news</a></ul></footer>"""


def columns_of(kind, source):
    """The inputs by name, to two places, with the same first-stage probabilities everywhere."""
    page = split_page(Page(source, kind))
    batch = read_batch([page.texts], ARRAYS, page.markup and [page.markup])
    stages = len(FIRST_STAGES[kind])
    first_stage = np.full((len(page.texts), stages * len(LABELS)), 1 / len(LABELS), np.float32)
    inputs = network_input(batch, first_stage)
    columns = inputs.T.astype(np.float64).round(2).tolist()
    return dict(zip(input_columns(kind), columns, strict=True))


@pytest.mark.parametrize("kind", ["text", "html"])
def test_each_column_has_a_name_of_its_own(kind):
    names = input_columns(kind)
    assert len(set(names)) == len(names) == len(columns_of(kind, HTML))


def test_what_text_shows():
    found = columns_of("text", "MENU\n“Is it so?” asks Ann.\nOver 20 boats\nMENU")
    expected = {
        "all_capitals": [1, 0, 0, 1],
        "ends": [0, 1, 0, 0],
        "capitalised": [1, 0.4, 0.33, 1],
        "digits": [0, 0, 0.18, 0],
        "share_quote": [0, 0.29, 0, 0],
        "first_upper": [1, 0, 1, 1],
        "first_quote": [0, 1, 0, 0],
        "last_stop": [0, 1, 0, 0],
        "place": [0, 0.25, 0.5, 0.75],
        "share_of_words": [0.1, 0.5, 0.3, 0.1],
        "repeats_before": [0, 0, 0, 1],
        "repeats_after": [1, 0, 0, 0],
        "ends-2": [0, 0, 0, 1],
        "ends-1": [0, 0, 1, 0],
        "ends+1": [1, 0, 0, 0],
        "all_capitals+2": [0, 1, 0, 0],
        "terms_story_before": [0, 0, 0, 0.33],
        "terms_story_after": [0.33, 0, 0, 0],
        "terms_sponsored": [0.17, 0, 0, 0.17],
        "terms_story_first_120": [0.33, 0, 0, 0.33],
        "terms_elsewhere": [0.67, 0, 0, 0.67],
    }
    assert {name: found[name] for name in expected} == expected


def test_what_paragraphs_mean():
    texts = ["More", "The ferry sails", "***", "more!"]
    found = columns_of("text", "\n".join(texts))
    numbers = np.array([found[name] for name in MEANING_COLUMNS]).T
    np.testing.assert_allclose(numbers, meanings(read_words(texts), ARRAYS), atol=0.01)
    assert found["like_headline"] == found["like_story"] == found["like_first_120"]
    same, other, _, again = found["like_story"]
    assert same == again
    assert 1 > same > other > -1


def test_the_beginning_of_the_story_is_what_is_compared_with():
    texts = ["Tides", "boats " * 360, "Tides", "whales " * 90, "Tides"]
    found = columns_of("text", "\n".join(texts))
    # A third of the words are likely of the story, the first 120 of them in two paragraphs.
    assert found["terms_story_first_120"] == [0, 0, 0.33, 0, 0.33]
    assert found["terms_story_first_400"] == [0.67, 0, 0.67, 0, 0.67]
    assert found["like_first_400"] == found["like_story"] != found["like_first_120"]
    tides, boats, *_ = meanings(read_words(texts), ARRAYS)
    cosine = tides @ boats / np.sqrt((tides @ tides) * (boats @ boats))
    assert found["like_first_120"][0] == pytest.approx(cosine, abs=0.01)


def test_what_html_shows():
    found = columns_of("html", HTML)
    expected = {
        "is_h1": [1, 0, 0, 0],
        "is_p": [0, 1, 1, 0],
        "is_li": [0, 0, 0, 1],
        "within_main": [1, 1, 1, 0],
        "within_footer": [0, 0, 0, 1],
        "link_share": [0, 0, 0, 1],
        "external_links": [0, 0, 0, 1],
        "same_parent": [1, 1, 1, 0],
        "is_title": [1, 0, 0, 0],
        "is_p-1": [0, 0, 1, 1],
        "is_p+1": [1, 1, 0, 0],
        "is_title-1": [0, 1, 0, 0],
    }
    assert {name: found[name] for name in expected} == expected
