"""What paragraphs are known by on other pages of their site."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.features.marks import paragraph_marks
from cleaner.features.words import read_words
from cleaner.pages import Page, split_page


def marks_of(*sources, kind="html"):
    """The marks of all paragraphs of pages, a set for each."""
    pages = [split_page(Page(source, kind)) for source in sources]
    markup = [page.markup for page in pages] if kind == "html" else None
    marks = paragraph_marks(read_words([t for page in pages for t in page.texts]), markup)
    ends = marks.indptr.tolist()
    assert len(marks.weights) == len(marks.hashes) == ends[-1]
    return [set(marks.hashes[a:b].tolist()) for a, b in pairwise(ends)]


def test_a_box_is_known_by_its_class_whatever_it_says():
    one, other = marks_of(
        "<div class=bio><p>One of ours.</p></div>", "<ul><li class=x><div class=bio>No such words"
    )
    assert one & other


@pytest.mark.parametrize("page", ["<div><p>{}</p></div>", "<p>{0}<b>{0}</b></p>", "<li>{}"])
def test_elements_without_a_name_are_no_box(page):
    (one,), (other,) = (marks_of(page.format(text)) for text in ("One of these", "All but that"))
    assert one
    assert not one & other


@pytest.mark.parametrize("kind", ["text", "html"])
def test_a_line_is_known_by_its_ends(kind):
    (one,), (other,), (third,) = (
        marks_of(text, kind=kind)
        for text in ("Read more: the gate", "Read more: a pier and a boat", "More was to read")
    )
    assert one & other
    assert not one & third


def test_the_nearest_box_weighs_most():
    page = split_page(Page("<main id=m><div class=bio><p>Ours.</p></div></main>", "html"))
    marks = paragraph_marks(read_words(page.texts), [page.markup])
    weights = dict(zip(marks.hashes.tolist(), marks.weights.tolist(), strict=True))
    (near,) = marks_of("<div class=bio>Something else")
    (far,) = marks_of("<main id=m>Others say this")
    assert max(weights[m] for m in near & weights.keys()) == max(weights.values())
    assert max(weights[m] for m in far & weights.keys()) < max(weights.values())


PARTS = ("Text ", "<p>", "<div>", "<i class=a>b</i>", "<p id=c>", "<div class='d e'>", "</div>")


@given(st.lists(st.sampled_from(PARTS)))
def test_pages_together_have_the_marks_of_each_alone(parts):
    pages = ["".join(parts), "<p class=z>behind</p>", "".join(parts[::-1])]
    assert marks_of(*pages) == [marks for page in pages for marks in marks_of(page)]
