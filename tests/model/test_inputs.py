"""What the networks see: a column for each name, and the numbers that the names promise."""

import numpy as np
import pytest

from cleaner.features.context import IDF_BITS
from cleaner.labels import LABELS
from cleaner.model.inputs import input_columns, network_input, read_batch
from cleaner.pages import Page, split_page

IDF = np.ones(1 << IDF_BITS, np.float32)
HTML = """<head><title>The ferry returns to Tamsin</title></head><body>
<main><h1>The ferry returns to Tamsin</h1><p>It sails at 7.</p><p>It sails at 7.</p></main>
<footer><ul><li><a href="https://a.example/b">All news</a></ul></footer>"""


def columns_of(kind, source):
    """The inputs by name, to two places, with the same first-stage probabilities everywhere."""
    page = split_page(Page(source, kind))
    batch = read_batch([page.texts], IDF, page.markup and [page.markup])
    first_stage = np.full((len(page.texts), 2 * len(LABELS)), 1 / len(LABELS), np.float32)
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
    }
    assert {name: found[name] for name in expected} == expected


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
