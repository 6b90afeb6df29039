"""Blocks of HTML pages, and what is known of the elements around them."""

import pytest
from broken_html import TAGS_AND_TEXTS
from hypothesis import example, given, settings

from cleaner.pages.blocks import INLINE, MOST_INLINES, MOST_TARGETS
from cleaner.pages.html import split_html


def check(page):
    """Check what must hold of any page."""
    split = split_html(page)
    elements, blocks = split.markup.elements, split.markup.blocks
    for text in split.texts:
        assert text
        assert text == " ".join(text.split())
    size = len(elements.kinds)
    assert len(elements.parents) == len(elements.lasts) == size
    assert (elements.kinds[0], elements.parents[0]) == (("html", ()), -1)
    assert elements.lasts[0] == size - 1
    for i, (parent, last) in enumerate(zip(elements.parents, elements.lasts, strict=True)):
        assert parent < i <= last < size
        assert parent < 0 or last <= elements.lasts[parent]
        assert parent < 0 or elements.kinds[parent][0] not in INLINE
        assert all(elements.kinds[i][1])
    rows = zip(
        split.texts, blocks.elements, blocks.counts, blocks.inlines, blocks.targets, strict=True
    )
    for text, element, counts, inlines, targets in rows:
        assert elements.kinds[element][0] not in INLINE
        assert len(text.replace(" ", "")) <= counts.chars
        assert 0 <= counts.link_chars <= counts.chars
        assert 0 <= counts.external_links <= counts.links
        assert len(targets) == min(counts.links, MOST_TARGETS)
        assert len(inlines) <= MOST_INLINES
        assert all(element < i <= elements.lasts[element] for i in inlines)
        assert all(elements.kinds[i][0] in INLINE for i in inlines)


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
    return markup.elements, markup.blocks, markup.blocks.elements[0]


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
        chain.append(elements.kinds[at])
        at = elements.parents[at]
    assert chain == [
        ("p", ("r",)), ("div", ("x",)), ("body", ("b",)), ("html", ()), ("html", ())
    ]  # fmt: skip
    inlines = [elements.kinds[i] for i in blocks.inlines[0]]
    assert inlines == [("b", ())]  # a span without a class tells nothing


def test_the_page_goes_on_behind_its_end():
    elements, blocks, _ = of_first_block("<body class=b><p>a</p></body></html><body class=c><p>d")
    assert [elements.kinds[i] for i in blocks.elements] == [("p", ())] * 2
    assert len({elements.parents[i] for i in blocks.elements}) == 1
