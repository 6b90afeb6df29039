"""What the markup tells, for all blocks at once beside one block and one word at a time."""

import math
import os
import re
import subprocess
import sys
from collections import Counter
from itertools import permutations
from urllib.parse import urlsplit
from zlib import crc32

import numpy as np
from broken_html import TAGS_AND_TEXTS
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner.features import attributes
from cleaner.features.attributes import INLINE_SALT, LEVELS, LINK_SALT, attribute_tokens
from cleaner.features.elements import join_pages
from cleaner.features.markup import AROUND, TAGS, markup_features
from cleaner.features.titles import title_features
from cleaner.features.words import read_words
from cleaner.pages.html import split_html
from cleaner.pages.page import Blocks, Elements, Markup

WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

CODE = """
from cleaner.features.attributes import attribute_tokens
from cleaner.features.elements import join_pages
from cleaner.pages.html import split_html
page = "<div class='teaser story-list big'><p id='a-lead'>One <b class='x hot new-item'>two</b></p>"
tokens = attribute_tokens(join_pages([split_html(page).markup]))
print(tokens.buckets.tolist(), tokens.bucket_indptr.tolist(), tokens.groups.tolist())
"""
HEAD = "<title>A wall fell — It’s OLD — Paper</title><meta property=og:title content='{}'>"


def bucket(word, salt):
    return ((crc32(word.encode()) ^ salt * 0x9E3779B1) * 0x85EBCA6B >> 9) & 0xFFFF


def words_of(tag, values):
    words = {word.lower() for value in values for word in WORD.findall(value)}
    return {f"<{tag}>"} | words | {f"{tag}.{word}" for word in words if len(word) > 1}


def link_words(link):
    try:
        parts = urlsplit(link)
    except ValueError:
        return ["broken"]
    words = WORD.findall(parts.path)
    return [
        f"depth{min(parts.path.strip('/').count('/'), 4)}",
        f"words{min(len(words), 8)}",
        parts.scheme,
        "host" if parts.netloc else "local",
        "query" if parts.query else "plain",
        *(word.lower() for word in words[:2]),
    ]


def kind_of(elements, element):
    return elements.kinds[elements.kind[element]]


def of_row(values, indptr, row):
    return values[indptr[row] : indptr[row + 1]]


def tokens_of(elements, blocks, row):
    """The buckets of a block's tokens."""
    found, at = [], blocks.element[row]
    for salt, reach in LEVELS:
        words = set()
        for _ in range(reach):
            if at >= 0:
                words |= words_of(*kind_of(elements, at))
                at = elements.parent[at]
        found += {bucket(word, salt) for word in words}
    for i in of_row(blocks.inline, blocks.inline_indptr, row):
        found += {bucket(word, INLINE_SALT) for word in words_of(*elements.kinds[i])}
    for link in of_row(blocks.targets, blocks.target_indptr, row):
        found += [bucket(word, LINK_SALT) for word in link_words(link)]
    return sorted(found)


def numbers_of(elements, blocks, row):
    """The features of a block from the markup around it."""
    own = blocks.element[row]
    chars, link_chars, links, external_links, emphasis, time = blocks.counts[row].tolist()

    def chain(element):
        while element >= 0:
            yield element
            element = elements.parent[element]

    def key(element):
        return elements.parent[element], elements.kind[element]

    alike = Counter(map(key, range(len(elements.kind))))
    siblings = [math.log1p(alike[key(element)]) for element in range(len(elements.kind))]

    def size(element):
        inside = [
            count
            for count, holder in zip(blocks.counts.tolist(), blocks.element, strict=True)
            if element in chain(holder)
        ]
        chars = sum(count[0] for count in inside)
        return [math.log1p(chars) / 4, sum(count[1] for count in inside) / max(chars, 1)]

    above = {kind_of(elements, element)[0] for element in chain(own)}
    depth = len(list(chain(own))) - 1
    previous = blocks.element[max(row - 1, 0)]
    found = [float(kind_of(elements, own)[0] == tag) for tag in TAGS]
    found += [float(tag in above) for tag in AROUND]
    found += [
        link_chars / max(chars, 1),
        math.log1p(links),
        external_links / max(links, 1),
        math.log1p(depth) / 2,
        siblings[own],
    ]
    levels = list(chain(own))[:4]
    levels += [0] * (4 - len(levels))
    for n, element in enumerate(levels):
        found += [*size(element), *([siblings[element]] if n else [])]
    found.append(math.log1p(abs(depth - len(list(chain(previous))) + 1)))
    found.append(float(elements.parent[own] == elements.parent[previous]))
    return [*found, float(emphasis), float(time)]


def titles_of(text, names, body):
    """How a block matches what the page calls itself, and its story's text."""

    def letters(text):
        return "".join(filter(str.isalnum, text.casefold()))

    def words(text):
        return set(map(letters, text.split()[:60])) - {""}

    own = words(text)
    known = [t for t in map(words, names) if len(t) >= 3]
    share = max((len(own & t) / len(own | t) for t in known if own), default=0.0)
    same = share > 0.7 or (len(own) >= 3 and any(own <= t for t in known))
    start = letters(text[:200])
    in_body = 0.0 if not body else 1.0 if len(start) > 20 and start in letters(body) else -1.0
    return [share, float(same), in_body]


def rows_of(tokens):
    """The buckets of each block."""
    return (buckets.tolist() for buckets in tokens.of_blocks())


def check(sources):
    pages = [page for source in sources if (page := split_html(source)).texts]
    if not pages:
        return
    offset = np.cumsum([0, *(len(page.texts) for page in pages)])
    markup = [page.markup for page in pages]
    joined = join_pages(markup)
    tokens = attribute_tokens(joined)
    words = read_words([text for page in pages for text in page.texts])
    titles = title_features(markup, [page.texts for page in pages], words, offset)
    found = np.hstack([markup_features(joined, offset), titles])
    rows = list(rows_of(tokens))
    assert tokens.counts.tolist() == list(map(len, rows))
    assert len(rows) == len(found)
    row = 0
    for page in pages:
        its = page.markup
        for i, text in enumerate(page.texts):
            assert sorted(rows[row]) == tokens_of(its.elements, its.blocks, i)
            expected = numbers_of(its.elements, its.blocks, i)
            expected += titles_of(text, its.titles, its.body)
            assert np.allclose(found[row], expected, atol=1e-5)
            row += 1


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
        min_size=1,
        max_size=6,
    )
)  # fmt: skip
def test_links(links):
    rows = np.arange(len(links) + 1)
    none = np.zeros(0, np.int64)
    zeros = np.zeros(len(links), np.int64)
    blocks = Blocks(
        element=zeros,
        counts=np.ones((len(links), 6), np.int64),
        inline=none,
        inline_indptr=0 * rows,
        targets=links,
        target_indptr=rows,
    )
    elements = Elements([("html", ())], zeros[:1], zeros[:1] - 1, zeros[:1])
    tokens = attribute_tokens(join_pages([Markup(elements, blocks)]))
    of_page = [bucket("<html>", 1)]
    for row, link in zip(rows_of(tokens), links, strict=True):
        assert sorted(row) == sorted(of_page + [bucket(w, LINK_SALT) for w in link_words(link)])


def test_many_words_around_many_blocks_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(attributes, "MAX_PAGE_TOKENS", 1 << 15)
    monkeypatch.setattr(attributes, "MAX_BLOCK_TOKENS", 1 << 4)
    words = " ".join("".join(word) for word in permutations("abcdefgh", 4))
    page = f"<div class='{words}'>" + "<section><div><p>x</p></div></section>" * 2000
    beside = split_html("<p class='a-lead big'>x <b>y</b>").markup
    tokens = attribute_tokens(join_pages([beside, split_html(page).markup, beside]))
    assert tokens.counts[1:-1].min() > 10
    assert len(tokens.buckets) < len(LEVELS) * (1 << 16)
    first, *_, last = rows_of(tokens)
    assert first == last == next(rows_of(attribute_tokens(join_pages([beside]))))


def test_tokens_are_the_same_in_every_process():
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
