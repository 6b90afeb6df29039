"""Blocks from all tags at once beside those of a walk from element to element."""

from hypothesis import example, given, settings
from plain_html import TAGS_AND_TEXTS, unescaped, walk

from cleaner.pages.blocks import INLINE
from cleaner.pages.html import parse, split_tree
from cleaner.pages.page import INLINES


def check(page):
    tree = parse(page)
    if tree is None:
        return
    elements, blocks = walk(tree)
    texts, markup = split_tree(tree)
    assert texts == [block.text for block in blocks]

    found, source = markup.elements, markup.source
    names = [unescaped(source, *span) for span in zip(*found.name, strict=True)]
    values = [[] for _ in names]
    for owner, start, end in zip(found.owner, *found.value, strict=True):
        values[owner].append(unescaped(source, start, end))
    containers = [i for i, name in enumerate(names) if name not in INLINE]
    number = {element: i for i, element in enumerate(containers)} | {-1: -1}
    assert [names[i] for i in containers] == [element.tag for element in elements]
    assert [number[found.parent[i]] for i in containers] == [e.parent for e in elements]
    assert [sorted(values[i]) for i in containers] == [sorted(e.marks) for e in elements]
    for i, parent in enumerate(found.parent):
        assert parent < i <= found.last[i] < len(names)
        assert parent < 0 or found.last[i] <= found.last[parent]

    assert [number[element] for element in markup.blocks.element] == [b.element for b in blocks]
    for i, block in enumerate(blocks):
        tags = {tag for tag, _ in block.inline}
        assert markup.blocks.numbers[i].tolist() == [
            block.chars,
            block.link_chars,
            len(block.links),
            sum("://" in link for link in block.links),
            bool(tags & {"em", "i"}),
            "time" in tags,
        ]
        inline = [at for at in markup.blocks.inline[i] if at >= 0]
        assert [(names[at], sorted(values[at])) for at in inline] == [
            (tag, sorted(marks)) for tag, marks in block.inline[:INLINES]
        ]
        starts, ends = markup.blocks.target_start[i], markup.blocks.target_end[i]
        targets = [
            unescaped(source, *span) for span in zip(starts, ends, strict=True) if span[0] >= 0
        ]
        assert targets == block.links[: len(starts)]


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
