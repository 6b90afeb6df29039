"""A paragraph beside its neighbours and its page.

Pages are set end to end; `offset` (pages + 1 entries) says where each begins. Everything here is
computed for all pages at once, and no page sees another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner.features.words import F32, I64, IDEOGRAPH, STOP, UPPER, Words, bucket, mix

IDF_BITS = 16
"""Buckets of the table of inverse document frequencies."""

CONTENT_LETTERS = 4
"""Letters from which a token can tell a topic; pairs of ideographs do as well."""

LONG = 20
"""Tokens from which a paragraph counts as long: headings, menus and credits are shorter."""


@dataclass(frozen=True, slots=True)
class Topics:
    """Which paragraphs of a page share which content words: a row for each (page, word, paragraph).

    Rows are sorted by page and word, then by paragraph.
    """

    paragraph: I64
    group_start: I64
    """First row of each group of rows with the same page and word."""
    group: I64
    """Group of each row."""
    weight: F32
    """Inverse document frequency of the row's word."""
    name: NDArray[np.bool_]
    """Whether the word is written with a capital, not at a sentence's beginning."""


def page_of(offset: I64) -> I64:
    """The page that each paragraph belongs to."""
    return np.repeat(np.arange(len(offset) - 1), np.diff(offset))


def content_hashes(words: Words) -> tuple[I64, np.ndarray]:
    """Tokens that can tell a topic: their indices, and the hash each counts by."""
    lengths = words.token_end - words.token_start
    single = words.classes[words.token_start] == IDEOGRAPH
    hashes = words.hashes.copy()
    pair = np.zeros(len(single), dtype=bool)
    pair[:-1] = single[:-1] & single[1:] & (words.token_end[:-1] == words.token_start[1:])
    follower = np.flatnonzero(pair)
    hashes[follower] += words.hashes[follower + 1] * np.uint64(3)
    chosen = np.flatnonzero((lengths >= CONTENT_LETTERS) & ~single | pair)
    return chosen, hashes[chosen]


def find_topics(words: Words, offset: I64, idf: F32) -> Topics:
    """Find which content words each page's paragraphs share. `idf` has 2^`IDF_BITS` entries."""
    chosen, hashes = content_hashes(words)
    paragraph = words.paragraph[chosen]
    page = page_of(offset)[paragraph]
    key = mix(hashes + page.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15), 20)
    order = np.argsort(key, kind="stable")
    key, paragraph = key[order], paragraph[order]
    new_group = np.empty(len(key), dtype=bool)
    new_group[:1] = True
    new_group[1:] = key[1:] != key[:-1]
    new_row = new_group.copy()
    new_row[1:] |= paragraph[1:] != paragraph[:-1]
    rows = np.flatnonzero(new_row)
    group_start = np.flatnonzero(new_group[rows])
    token = chosen[order][rows]
    before = words.classes[np.maximum(words.token_start[token] - 2, 0)]
    name = (words.classes[words.token_start[token]] == UPPER) & (before != STOP)
    name &= token != words.token_offset[:-1][paragraph[rows]]
    return Topics(
        paragraph=paragraph[rows],
        group_start=group_start,
        group=np.cumsum(new_group[rows]) - 1,
        weight=idf[bucket(mix(hashes[order][rows], 21), IDF_BITS)],
        name=name,
    )


def position_features(words: Words, offset: I64) -> F32:
    """Where each paragraph stands: shape (paragraphs, 14)."""
    page = page_of(offset)
    rows = np.arange(len(page))
    start, end = offset[:-1][page], offset[1:][page]
    before, after = rows - start, end - 1 - rows
    counts = words.counts.astype(np.float64)
    total = np.concatenate(([0.0], np.cumsum(counts)))
    words_before, words_after = total[rows] - total[start], total[end] - total[rows + 1]
    long_total = np.concatenate(([0], np.cumsum(words.counts >= LONG)))
    long_before = long_total[rows] - long_total[start]
    long_after = long_total[end] - long_total[rows + 1]
    same_before, same_after = _repeats(words.paragraph_hash, page)
    size = np.maximum(end - start, 1)
    all_words = np.maximum(total[end] - total[start], 1)
    return np.stack(
        [
            np.log1p(before),
            np.log1p(after),
            before / size,
            np.log1p(size),
            np.log1p(words_before) / 3,
            np.log1p(words_after) / 3,
            words_before / all_words,
            counts / all_words,
            np.log1p(long_before),
            np.log1p(long_after),
            np.minimum(same_before, 3),
            np.minimum(same_after, 3),
            np.log1p(_distance(words.counts >= LONG, start)),
            np.log1p(_distance((words.counts >= LONG)[::-1], (len(rows) - end)[::-1])[::-1]),
        ],
        axis=1,
    ).astype(np.float32)


def _repeats(hashes: np.ndarray, page: I64) -> tuple[I64, I64]:
    """How often the same paragraph stood before, and stands after, on its page."""
    key = mix(hashes + page.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15), 22)
    order = np.argsort(key, kind="stable")
    new = np.empty(len(key), dtype=bool)
    new[:1] = True
    new[1:] = key[order][1:] != key[order][:-1]
    starts = np.flatnonzero(new)
    sizes = np.diff(np.append(starts, len(key)))
    place = np.arange(len(key)) - np.repeat(starts, sizes)
    before, after = np.empty_like(place), np.empty_like(place)
    before[order] = place
    after[order] = np.repeat(sizes, sizes) - 1 - place
    return before, after


def _distance(flag: NDArray[np.bool_], start: I64) -> I64:
    """Paragraphs since the last one, before this, with `flag`; to the page's start where none."""
    rows = np.arange(len(flag))
    last = np.maximum.accumulate(np.where(flag, rows, -1))
    previous = np.concatenate(([-1], last[:-1]))
    return rows - np.maximum(previous, start - 1)


def neighbour_features(values: F32, offset: I64, steps: tuple[int, ...]) -> F32:
    """The values of the paragraphs `steps` away, zeros beyond the page."""
    page = page_of(offset)
    rows = np.arange(len(page))
    start, end = offset[:-1][page], offset[1:][page]
    columns = []
    for step in steps:
        there = rows + step
        inside = (there >= start) & (there < end)
        columns.append(values[np.clip(there, 0, max(len(rows) - 1, 0))] * inside[:, None])
    return np.hstack(columns)


def topic_features(topics: Topics, probabilities: F32, offset: I64) -> F32:
    """How much of a paragraph's content the page's likely story shares: shape (paragraphs, 16).

    Each content word weighs its inverse document frequency. Its support is the sum of a label's
    probability over the other paragraphs that hold it, at most 1: before and after for article, in
    all for headline, related-links, sponsored and boilerplate. For all words, and for names.
    """
    rows = int(offset[-1])
    story, other = probabilities[:, 0] + probabilities[:, 1], probabilities[:, 2:]
    before, after = _support(topics, story)
    supports = [before, after, np.minimum(before + after, 1)]
    for values in (probabilities[:, 0], other[:, 1], other[:, 2], other[:, 3]):
        supports.append(_support_in_all(topics, values))
    columns = []
    for weight in (topics.weight, topics.weight * topics.name):
        total = np.bincount(topics.paragraph, weights=weight, minlength=rows)
        columns.append(np.log1p(total) / 3)
        for support in supports:
            share = np.bincount(topics.paragraph, weights=weight * support, minlength=rows)
            columns.append(share / np.maximum(total, 1e-6))
    return np.stack(columns, axis=1).astype(np.float32)


def segment_sums(values: F32, offset: I64) -> F32:
    """Sum the rows of `values` between neighbouring offsets; zeros where there are none."""
    sums = np.zeros((len(offset) - 1, values.shape[1]), np.float32)
    filled = np.flatnonzero(np.diff(offset))
    if len(filled):
        sums[filled] = np.add.reduceat(values, offset[filled], axis=0)
    return sums


def _support(topics: Topics, values: F32) -> tuple[np.ndarray, np.ndarray]:
    """Sum of `values` over the earlier and the later paragraphs with the same word, at most 1."""
    if not len(topics.paragraph):
        return np.zeros(0), np.zeros(0)
    own = values[topics.paragraph].astype(np.float64)
    sums = np.cumsum(own)
    first = (sums - own)[topics.group_start]
    total = np.add.reduceat(own, topics.group_start)
    before = sums - own - first[topics.group]
    after = total[topics.group] - before - own
    return np.clip(before, 0, 1), np.clip(after, 0, 1)


def _support_in_all(topics: Topics, values: F32) -> np.ndarray:
    """Sum of `values` over all other paragraphs with the same word, at most 1."""
    if not len(topics.paragraph):
        return np.zeros(0)
    own = values[topics.paragraph].astype(np.float64)
    total = np.add.reduceat(own, topics.group_start)
    return np.clip(total[topics.group] - own, 0, 1)
