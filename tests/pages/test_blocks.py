"""Blocks of HTML pages, and what is known of the elements around them."""

import pytest
from broken_html import TAGS_AND_TEXTS
from hypothesis import example, given, settings

from cleaner.pages.blocks import BLOCK, INLINE
from cleaner.pages.builder import MAX_INLINES, MAX_TARGETS
from cleaner.pages.html import split_html


def kind_of(elements, element):
    return elements.kinds[elements.kind[element]]


def of_row(values, indptr, row):
    return values[indptr[row] : indptr[row + 1]]


def check(page):
    """Check what must hold of any page."""
    split = split_html(page)
    elements, blocks = split.markup.elements, split.markup.blocks
    for text in split.texts:
        assert text
        assert text == text.strip()
        assert all(
            line == " ".join(line.split()) for line in text.split("\n") if "<pre" not in page
        )
    size = len(elements.kind)
    assert len(elements.parent) == len(elements.last) == size
    assert len(set(elements.kinds)) == len(elements.kinds)
    assert (kind_of(elements, 0), elements.parent[0]) == (("html", ()), -1)
    assert elements.last[0] == size - 1
    for i, (parent, last) in enumerate(zip(elements.parent, elements.last, strict=True)):
        assert parent < i <= last < size
        assert parent < 0 or last <= elements.last[parent]
        assert parent < 0 or kind_of(elements, parent)[0] not in INLINE
        assert all(kind_of(elements, i)[1])
    rows = len(split.texts)
    assert len(blocks.element) == len(blocks.counts) == rows
    for indptr, values in (
        (blocks.inline_indptr, blocks.inline), (blocks.target_indptr, blocks.targets)
    ):  # fmt: skip
        assert (indptr[0], indptr[-1], len(indptr)) == (0, len(values), rows + 1)
    for row, text in enumerate(split.texts):
        element, counts = blocks.element[row], blocks.counts[row].tolist()
        chars, link_chars, links, external_links, *_ = counts
        assert kind_of(elements, element)[0] not in INLINE
        assert len(text.replace(" ", "").replace("\n", "")) <= chars
        assert 0 <= link_chars <= chars
        assert 0 <= external_links <= links
        assert len(of_row(blocks.targets, blocks.target_indptr, row)) == min(links, MAX_TARGETS)
        inlines = of_row(blocks.inline, blocks.inline_indptr, row)
        assert len(inlines) <= MAX_INLINES
        assert all(elements.kinds[i][0] not in BLOCK for i in inlines)


@settings(max_examples=300, deadline=None)
@given(TAGS_AND_TEXTS)
@example(
    "<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'x'>\n<a name=n>x</a><p>y<br />z"
)
@example('<p class="a"b><p ="=" y=" class=x>one')
@example("<i>x<p>y</i>" * 300)
def test_any_page(page):
    check(page)


def test_seed_pages(seed_pages):
    for page in seed_pages:
        if page["kind"] == "html":
            check(page["html"])


def of_first_block(page):
    markup = split_html(page).markup
    return markup.elements, markup.blocks, markup.blocks.element[0]


@pytest.mark.parametrize(
    ("page", "counts"),
    [
        ("<p> a b </p>", (5, 0, 0, 0, False, False)),
        ("<p>ab <a href=/x>cd</a> <a href='https://e.example'>e</a>", (6, 3, 2, 1, False, False)),
        ("<p><a href=x><span>ab</span></a> <a>c</a>", (3, 3, 2, 0, False, False)),
        ("<p>a<em>b</em><time>c</time>", (3, 0, 0, 0, True, True)),
        ("<p>a &amp;&lt;&gt;", (5, 0, 0, 0, False, False)),
        ("<p>a<i></i>", (1, 0, 0, 0, True, False)),
    ],
)
def test_what_is_counted_of_a_block(page, counts):
    _, blocks, _ = of_first_block(page)
    assert tuple(blocks.counts[0]) == counts


def test_the_elements_around_a_block():
    elements, blocks, at = of_first_block(
        "<body class=b><div id='x' style='y' rel=''><span class=s>"
        "<p role=r>a <b>c</b><span>d</span>"
    )
    chain = []
    while at >= 0:
        chain.append(kind_of(elements, at))
        at = elements.parent[at]
    assert chain == [
        ("p", ("r",)), ("div", ("x",)), ("body", ("b",)), ("html", ()), ("html", ())
    ]  # fmt: skip
    inlines = [elements.kinds[i] for i in blocks.inline]
    assert inlines == [("b", ())]  # a span without a class tells nothing


def test_the_page_goes_on_behind_its_end():
    elements, blocks, _ = of_first_block("<body class=b><p>a</p></body></html><body class=c><p>d")
    assert [kind_of(elements, i) for i in blocks.element] == [("p", ())] * 2
    assert len({elements.parent[i] for i in blocks.element}) == 1
