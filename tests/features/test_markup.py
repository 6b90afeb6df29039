"""What the markup tells, for all blocks at once beside one block and one word at a time."""

import os
import subprocess
import sys
from itertools import permutations
from zlib import crc32

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from plain_html import TAGS_AND_TEXTS, link_words, marks, numbers, titles, walk

from cleaner.features.links import link_words as link_checksums
from cleaner.features.marks import BLOCK_MARKS, LEVELS, PAGE_MARKS, block_marks
from cleaner.features.markup import join_pages, markup_features
from cleaner.features.titles import title_features
from cleaner.features.words import read_words
from cleaner.pages import Page, split_page
from cleaner.pages.html import parse
from cleaner.pages.spans import Spans

CODE = """
import numpy as np
from cleaner.features.marks import block_marks
from cleaner.pages import Page, split_page
page = "<div class='teaser story-list big'><p id='a-lead'>One <b class='x hot new-item'>two</b></p>"
marks = block_marks(split_page(Page(page, "html")).markup, np.array([0, 1]))
print(marks.buckets.tolist(), marks.offset.tolist(), marks.group.tolist())
"""
HEAD = "<title>A wall fell — It’s OLD — Paper</title><meta property=og:title content='{}'>"


def check(sources):
    pages = [
        (source, page) for source in sources if (page := split_page(Page(source, "html"))).texts
    ]
    if not pages:
        return
    split = [page for _, page in pages]
    offset = np.cumsum([0, *(len(page.texts) for page in split)])
    joined = join_pages([page.markup for page in split])
    found_marks = block_marks(joined, offset)
    words = read_words([text for page in split for text in page.texts])
    found = np.hstack(
        [
            markup_features(joined, offset),
            title_features([p.markup for p in split], [p.texts for p in split], words, offset),
        ]
    )
    row = 0
    for source, page in pages:
        elements, blocks = walk(parse(source))
        for i, block in enumerate(blocks):
            groups = found_marks.group[
                found_marks.group_offset[row] : found_marks.group_offset[row + 1]
            ]
            own = [
                found_marks.buckets[found_marks.offset[g] : found_marks.offset[g + 1]]
                for g in groups
            ]
            assert sorted(np.concatenate(own).tolist()) == marks(elements, block)
            assert found_marks.counts[row] == sum(map(len, own))
            expected = numbers(elements, blocks, i)
            expected += titles(block, page.markup.titles, page.markup.body)
            assert np.allclose(found[row], expected, atol=1e-5)
            row += 1
    assert row == len(found)


@settings(max_examples=150, deadline=None)
@given(TAGS_AND_TEXTS, TAGS_AND_TEXTS, st.text(alphabet="xXhelo \xa0\u3000é日'’1", max_size=40))
@example(
    f"<p class='{'longWord' * 30} a'>x" + "<x-" + "y" * 70 + " id=Z9zz>y", "<p>A wall fell", "A"
)
def test_any_pages(first, second, title):
    check([HEAD.format(title.replace("'", "’")) + first, second])


def test_seed_pages(seed_pages):
    check([page["html"] for page in seed_pages if page["kind"] == "html"][:6])


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                ["http", "https", "HTTP", "://", "/", "//", "?", "#", "news", "NewsDesk", "-", ".",
                 "é", " ", "[", "]", ":", "@", "a", "2024", "mailto", "=", "javascript", "x" * 70]
            ),
            max_size=8,
        ).map("".join),
        max_size=6,
    )
)  # fmt: skip
def test_links(links):
    data = "".join(f'"{link}"' for link in links).encode() + bytes(8)
    ends = np.cumsum([len(link.encode()) + 2 for link in links], dtype=np.int64)
    starts = ends - [len(link.encode()) + 1 for link in links] if links else ends
    found = link_checksums(np.frombuffer(data, np.uint8), Spans(starts, ends - 1))
    for row, link in zip(found.tolist(), links, strict=True):
        assert [c for c in row if c >= 0] == [crc32(w.encode()) for w in link_words(link)]


def marks_of(*sources):
    pages = [split_page(Page(source, "html")) for source in sources]
    offset = np.cumsum([0, *(len(page.texts) for page in pages)])
    return block_marks(join_pages([page.markup for page in pages]), offset)


def test_many_words_around_many_blocks_do_not_fill_the_memory():
    words = " ".join("".join(word) for word in permutations("abcdefgh", 4))
    page = f"<div class='{words}'>" + "<section><div><p>x</p></div></section>" * 2000
    found = marks_of(page)
    assert found.counts.min() > 50
    assert len(found.buckets) < len(LEVELS) * (PAGE_MARKS + 2000 * BLOCK_MARKS)


def test_many_words_of_one_page_take_none_from_another():
    words = " ".join("".join(word) for word in permutations("abcdefgh", 4))
    page = "<div class='a-b c'><p id=lead>One</p></div>"
    hostile = f"<div class='{words}'>" + "<section><p>x</p></section>" * 2000
    alone, beside = marks_of(page), marks_of(hostile, page, hostile)
    assert beside.counts[2000] == alone.counts[0]


def test_marks_are_the_same_in_every_process():
    outputs = {
        subprocess.run(
            [sys.executable, "-c", CODE],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1
