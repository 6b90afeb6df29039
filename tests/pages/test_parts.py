"""A page in parts: each part beside the whole page."""

import numpy as np
from cleaner.pages.parts import in_parts
from cleaner.pages.spans import read_spans
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_html import TAGS_AND_TEXTS

from cleaner.pages import Page, split_page


def chain(markup, at):
    """The element and those around it: name, values."""
    data, elements = markup.source.tobytes(), markup.elements
    names = read_spans(data, elements.name)
    values = read_spans(data, elements.value)
    found = []
    while at >= 0:
        found.append((names[at], [values[i] for i in np.flatnonzero(elements.owner == at)]))
        at = elements.parent[at]
    return found


@settings(deadline=None)
@given(TAGS_AND_TEXTS, st.lists(st.integers(1, 5)))
def test_parts_hold_what_their_blocks_need(source, sizes):
    page = split_page(Page(source, "html"))
    rows = len(page.texts)
    ends = np.unique(np.append(np.cumsum(sizes, dtype=np.int64), rows))
    ends = ends[(ends > 0) & (ends <= rows)]
    if not rows:
        return
    first = 0
    for part, end in zip(in_parts(page.markup, ends), ends.tolist(), strict=True):
        whole = page.markup.blocks.pick(slice(first, end))
        assert len(part.blocks.element) == end - first
        for at, there in zip(part.blocks.element, whole.element, strict=True):
            assert chain(part, at) == chain(page.markup, there)
        for at, there in zip(part.blocks.inline.ravel(), whole.inline.ravel(), strict=True):
            assert (at < 0) == (there < 0)
            assert at < 0 or chain(part, at) == chain(page.markup, there)
        here = np.arange(len(part.elements.last))
        assert (part.elements.parent < here).all()
        assert (part.elements.last >= here).all()
        assert (part.elements.last < len(here)).all()
        first = end
    assert first == rows


def test_parts_together_are_little_more_than_the_page():
    page = split_page(Page("<main><ul>" + "<li>x<a href=y>z</a></li>y" * 3000, "html")).markup
    parts = list(in_parts(page, np.arange(300, 6001, 300)))
    assert len(parts) == 20
    sizes = [len(part.elements.parent) for part in parts]
    assert sum(sizes) < len(page.elements.parent) + 20 * 10
