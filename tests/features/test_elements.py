"""Pages of HTML in parts, or with some blocks: each beside the whole page."""

import numpy as np
from broken_html import TAGS_AND_TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.features.elements import drop_blocks, in_parts, pick_blocks
from cleaner.pages.html import split_html


def chain(markup, at):
    """The kinds of an element and of those around it."""
    elements, found = markup.elements, []
    while at >= 0:
        found.append(elements.kinds[elements.kind[at]])
        at = elements.parent[at]
    return found


def described(markup, first=0, end=None):
    """All that is known of some blocks, with no index of an element in it."""
    blocks, found = markup.blocks, []
    for row in range(len(blocks.element))[first:end]:
        inlines = blocks.inline[blocks.inline_indptr[row] : blocks.inline_indptr[row + 1]]
        found.append(
            (
                chain(markup, blocks.element[row]),
                blocks.counts[row].tolist(),
                [markup.elements.kinds[i] for i in inlines],
                blocks.targets[blocks.target_indptr[row] : blocks.target_indptr[row + 1]],
            )
        )
    return found


@settings(deadline=None)
@given(TAGS_AND_TEXTS, st.lists(st.integers(1, 5)))
def test_parts_hold_what_their_blocks_need(source, sizes):
    page = split_html("<p>x" + source)
    rows = len(page.texts)
    ends = np.unique(np.append(np.cumsum(sizes, dtype=np.int64), rows))
    ends = ends[(ends > 0) & (ends <= rows)]
    first = 0
    for part, end in zip(in_parts(page.markup, ends), ends.tolist(), strict=True):
        assert described(part) == described(page.markup, first, end)
        here = np.arange(len(part.elements.last))
        assert (part.elements.parent < here).all()
        assert (part.elements.last >= here).all()
        assert (part.elements.last < len(here)).all()
        first = end
    assert first == rows


@settings(deadline=None)
@given(TAGS_AND_TEXTS, st.sets(st.integers(0, 9)))
def test_some_blocks_stand_in_the_same_elements(source, rows):
    page = split_html("<p>x" + source)
    rows = sorted(row for row in rows if row < len(page.texts))
    picked = pick_blocks(page.markup, np.array(rows, np.int64))
    whole = described(page.markup)
    assert described(picked) == [whole[row] for row in rows]
    assert set(picked.elements.parent.tolist()) <= {-1, *range(len(picked.elements.kind))}


def test_parts_together_are_little_more_than_the_page():
    page = split_html("<main><ul>" + "<li>x<a href=y>z</a></li>y" * 3000).markup
    parts = list(in_parts(page, np.arange(300, 6001, 300)))
    assert len(parts) == 20
    sizes = [len(part.elements.parent) for part in parts]
    assert sum(sizes) < len(page.elements.parent) + 20 * 10


@settings(deadline=None)
@given(TAGS_AND_TEXTS, st.sets(st.integers(0, 9)))
def test_a_page_without_some_blocks_has_all_others_and_no_empty_elements(source, rows):
    page = split_html("<p>x" + source)
    rows = sorted(row for row in rows if row < len(page.texts))
    left = drop_blocks(page.markup, np.array(rows, np.int64))
    assert described(left) == [
        one for row, one in enumerate(described(page.markup)) if row not in rows
    ]
    elements = left.elements
    here = np.arange(len(elements.last))
    assert (elements.parent < here).all()
    assert ((elements.last >= here) & (elements.last < len(here))).all()
    assert rows or len(here) == len(page.markup.elements.last)


def test_elements_go_with_their_only_blocks():
    page = split_html("<ul><li>a<li><p>b<p>c<li></ul><div><img></div><h1>d</h1>").markup
    for rows, left in (
        ([], "ul li li p p li div h1"),
        ([1], "ul li li p li div h1"),
        ([1, 2], "ul li li div h1"),
        ([0, 1, 2], "div h1"),
        ([3], "ul li li p p li div"),
    ):
        elements = drop_blocks(page, np.array(rows, np.int64)).elements
        tags = [elements.kinds[kind][0] for kind in elements.kind]
        assert tags == ["html", "html", "body", *left.split()]
