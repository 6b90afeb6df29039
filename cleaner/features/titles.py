"""How a block matches what its page's head says: the page's titles, and the story's text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cleaner.features.arrays import F32, I64, begin_runs, distinct, places_in_runs, ranges
from cleaner.features.context import page_of
from cleaner.features.words import (
    TITLE_SALT,
    Words,
    bucket,
    categories,
    lower_table,
    mix,
    powers,
    read_words,
)
from cleaner.pages.page import Markup

TITLE_COLUMNS = ("title_share", "is_title", "in_body")
"""The columns of title features: the share of words in common with the nearest title; whether the
block is a title, or part of one; whether it stands in the story's text in JSON-LD, 1 or -1, and 0
where the page has none."""

MIN_TITLE_WORDS = 3
"""Words from which a title's words in common with a block mean something."""

MAX_BLOCK_WORDS = 60
"""Words of a block that are compared with the titles."""

MIN_TITLE_SHARE = 0.7
"""Share of words in common from which a block is a title."""

MAX_BODY_CHARS, MIN_BODY_LETTERS = 200, 20
"""Characters of a block that are looked for in the story's text, and letters that tell it."""

_WORD_BITS = 40
"""Bits of a word's hash, below the number of its block or page: of a page's 10,000 words two are
taken for one in one page of 20,000."""

_NO_LETTERS = re.compile(r"[^\w\n]+|_+")


def title_features(
    pages: Sequence[Markup], texts: Sequence[Sequence[str]], words: Words, page_offsets: I64
) -> F32:
    """Return how each block matches its page's head, shape (blocks, 3), columns as in
    `TITLE_COLUMNS`.

    `words` are those of the blocks' `texts`; `page_offsets` (pages + 1 entries) says where pages
    begin.
    """
    share = is_title = np.zeros(len(words.counts), np.float32)
    titles = [" ".join(title.split()) for page in pages for title in page.titles]
    if titles:
        counts = np.array([len(page.titles) for page in pages])
        share, is_title = _words_in_common(words, page_offsets, read_words(titles), counts)
    in_body = np.zeros(len(words.counts), np.float32)
    for page, its_texts, first in zip(pages, texts, page_offsets, strict=False):
        if page.body:
            found = stand_in(its_texts, page.body)
            in_body[first : first + len(its_texts)] = np.where(found, 1, -1)
    return np.stack([share, is_title, in_body], axis=1)


def _words_in_common(
    words: Words, page_offsets: I64, titles: Words, counts: I64
) -> tuple[F32, F32]:
    """The first two of `TITLE_COLUMNS`, where each page has `counts` titles."""
    page = page_of(page_offsets)
    block, word = _word_sets(words)
    size = np.bincount(block, minlength=len(page))
    title, title_word = _word_sets(titles)
    title_size = np.bincount(title, minlength=len(titles.counts))
    told = title_size[title] >= MIN_TITLE_WORDS
    title, title_word = title[told], title_word[told]

    # All pairs of a block's word with the same word in a title of its page.
    title_page = np.repeat(np.arange(len(counts)), counts)
    key = title_page[title] << _WORD_BITS | title_word
    order = np.argsort(key, kind="stable")
    key, title = key[order], title[order]
    wanted = page[block] << _WORD_BITS | word
    low, high = np.searchsorted(key, wanted), np.searchsorted(key, wanted, side="right")
    pair = np.repeat(block, high - low) * len(title_size) + title[ranges(low, high - low)]
    pair, which = distinct(pair)
    common = np.bincount(which)
    block, title = np.divmod(pair, len(title_size))

    share = common / (size[block] + title_size[title] - common)
    part_of = (common == size[block]) & (size[block] >= MIN_TITLE_WORDS)
    most, is_title = np.zeros((2, len(page)), np.float32)
    np.maximum.at(most, block, share.astype(np.float32))
    np.maximum.at(is_title, block, ((share > MIN_TITLE_SHARE) | part_of).astype(np.float32))
    return most, is_title


def _word_sets(words: Words) -> tuple[I64, I64]:
    """The first words of each paragraph, each once: the paragraph, and the word's hash.

    A word is what stands between spaces, its letters and digits in lower case.
    """
    # The space or line feed that ends each word, and of those the first ones of each paragraph.
    end = np.flatnonzero(words.codes <= ord(" "))
    last = np.searchsorted(end, words.char_offsets[1:] - 1)
    paragraph = np.repeat(np.arange(len(last)), np.diff(last, prepend=-1))
    start = np.append(0, end + 1)[:-1]
    early = np.arange(len(end)) - np.append(-1, last)[paragraph] <= MAX_BLOCK_WORDS
    paragraph, start, end = paragraph[early], start[early], end[early]

    size = end - start
    at = ranges(start, size)
    known = np.minimum(words.codes[at], 0x10000)
    letter = _is_letter().take(known)
    word = np.repeat(np.arange(len(size)), size)[letter]
    if not len(word):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    codes = lower_table().take(known[letter])
    begins = np.flatnonzero(begin_runs(word))
    place = places_in_runs(word)
    power, _ = powers(1 << max(16, int(place.max()).bit_length()))
    hashes = mix(np.add.reduceat(codes * power.take(place), begins), TITLE_SALT)
    key = np.sort(paragraph[word[begins]] << _WORD_BITS | bucket(hashes, _WORD_BITS))
    key = key[begin_runs(key)]
    return key >> _WORD_BITS, key & (1 << _WORD_BITS) - 1


@cache
def _is_letter() -> NDArray[np.bool_]:
    """Whether each character of the basic plane is a letter or a digit; those beyond are none."""
    first_letter = categories().view(np.uint8)[::2]
    return np.append((first_letter == ord("L")) | (first_letter == ord("N")), False)


def stand_in(texts: Sequence[str], body: str) -> list[bool]:
    """Say of each block whether it stands in the story's text, by its first letters and digits."""
    body = _letters(body).replace("\n", "")
    starts = _letters("\n".join(t[:MAX_BODY_CHARS].replace("\n", " ") for t in texts)).split("\n")
    return [len(start) > MIN_BODY_LETTERS and start in body for start in starts]


def _letters(text: str) -> str:
    return _NO_LETTERS.sub("", text.casefold())
