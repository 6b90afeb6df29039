"""A paragraph beside its neighbours and its page.

Pages are set end to end; `page_offsets` (pages + 1 entries) says where each begins. Everything here
is computed for all pages at once, and no page sees another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cleaner.features.arrays import F32, I64, U64, begin_runs
from cleaner.features.surface import log1p
from cleaner.features.words import (
    IDEOGRAPH,
    IDF_SALT,
    REPEAT_SALT,
    SECOND,
    STOP,
    TERM_SALT,
    UPPER,
    Words,
    bucket,
    mix,
    pick,
)

F64 = NDArray[np.float64]
T = TypeVar("T", np.float32, np.uint64)

IDF_BITS = 16
"""Buckets of the table of inverse document frequencies."""

MIN_TERM_LETTERS = 4
"""Letters from which a token is a term, which can tell what a text is about; a pair of ideographs
is one as well."""

MIN_LONG_TOKENS = 20
"""Tokens from which a paragraph counts as long: headings, menus and credits are shorter."""

POSITION_COLUMNS = (
    "log_before", "log_after", "place", "log_paragraphs",
    "log_words_before", "log_words_after", "words_before", "share_of_words",
    "log_long_before", "log_long_after", "repeats_before", "repeats_after",
    "log_since_long", "log_until_long",
)  # fmt: skip
"""The columns of position features: paragraphs before and after, the share of the page's that are
before, and how many it has; the same of words, with the share of the page's that stand here; long
paragraphs before and after; how often the paragraph stands before and after; paragraphs since the
last long one, and until the next."""

WORDS_DIVISOR = 3
"""Divides logarithms of counts of words and of sums over terms, as `surface.SHARE_FACTOR` does."""

MAX_REPEATS = 3
"""Repeats of a paragraph from which more say no more."""

BEGINNINGS = (120, 400)
"""Words of the likely story that are its beginning: what a later paragraph shares with it is more
of the story than what it shares with any other paragraph, as a second story's do among each
other."""

GAIN_STEPS = 1024
"""Steps that a word's gain is rounded to, so that sums of gains are exact."""

MIN_TOTAL = 1e-6
"""What the terms of a paragraph weigh at least: where it has none, nothing is shared."""


@dataclass(frozen=True, slots=True)
class SharedTerms:
    """Which terms the paragraphs of a page share: a sparse matrix (CSR) with a column for each
    paragraph, and a row for each term that stands in several paragraphs of a page.

    Weights are inverse document frequencies, once for all terms, and once for names, 0 for other
    terms. A name is written with a capital, not at a sentence's beginning.
    """

    indptr: I64
    """Where each row's entries begin, rows + 1 entries."""
    indices: I64
    """The paragraph of each entry; rises within a row."""
    row: I64
    """The row of each entry."""
    weights: F64
    """The weight of each entry's term, shape (2, entries)."""
    totals: F64
    """Sum over all terms of each paragraph, shared or not, shape (2, paragraphs)."""


def page_of(page_offsets: I64) -> I64:
    """The page that each paragraph belongs to."""
    return np.repeat(np.arange(len(page_offsets) - 1), np.diff(page_offsets))


def term_hashes(words: Words) -> tuple[I64, np.ndarray]:
    """Tokens that are terms: their indices, and the hash each counts by."""
    lengths = words.token_end - words.token_start
    single = pick(words.classes, words.token_start) == IDEOGRAPH
    hashes = words.hashes.copy()
    pair = np.zeros(len(single), dtype=bool)
    pair[:-1] = single[:-1] & single[1:] & (words.token_end[:-1] == words.token_start[1:])
    follower = np.flatnonzero(pair)
    hashes[follower] += words.hashes[follower + 1] * SECOND
    chosen = np.flatnonzero((lengths >= MIN_TERM_LETTERS) & ~single | pair)
    return chosen, pick(hashes, chosen)


def find_shared_terms(words: Words, page_offsets: I64, idf: F32) -> SharedTerms:
    """Find which terms each page's paragraphs share. `idf` has 2^`IDF_BITS` entries."""
    chosen, hashes = term_hashes(words)
    paragraph = pick(words.paragraph, chosen)
    order, new_row = _bring_together(hashes, pick(page_of(page_offsets), paragraph), TERM_SALT)
    paragraph = pick(paragraph, order)
    new_entry = new_row.copy()
    new_entry[1:] |= paragraph[1:] != paragraph[:-1]
    entries = np.flatnonzero(new_entry)
    paragraph, order, new_row = pick(paragraph, entries), pick(order, entries), new_row[entries]
    token = pick(chosen, order)
    start = pick(words.token_start, token)
    name = pick(words.classes, start) == UPPER
    name &= pick(words.classes, np.maximum(start - 2, 0)) != STOP
    name &= token != pick(words.token_offsets, paragraph)
    weights = np.empty((2, len(entries)))
    weights[0] = pick(idf, bucket(mix(pick(hashes, order), IDF_SALT), IDF_BITS))
    np.multiply(weights[0], name, out=weights[1])
    alone = new_row & np.append(new_row[1:], True)
    shared = np.flatnonzero(~alone)
    new_row = new_row[shared]
    return SharedTerms(
        indptr=np.append(np.flatnonzero(new_row), len(shared)),
        indices=paragraph[shared],
        row=np.cumsum(new_row) - 1,
        weights=weights.take(shared, axis=1),
        totals=_sum_by(paragraph, weights, int(page_offsets[-1])),
    )


def _bring_together(hashes: U64, page: I64, salt: int) -> tuple[I64, NDArray[np.bool_]]:
    """Order in which equal hashes of a page stand together, each in its order, and which of these
    is the first of its like."""
    key = mix(hashes + page.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15), salt)
    # Sorted by parts of 16 bits, for which numpy has a radix sort. 48 bits tell keys apart: of
    # 100,000 words two would share them in one of 50,000 batches, and stand as another row each.
    order = np.lexsort(key.view(np.uint16).reshape(-1, 4).T[:3])
    return order, begin_runs(pick(key, order))


def _sum_by(paragraph: I64, values: F64, rows: int) -> F64:
    """Sum each row of `values` over the columns of each paragraph, shape (…, paragraphs)."""
    return np.stack([np.bincount(paragraph, weights=row, minlength=rows) for row in values])


def position_features(words: Words, page_offsets: I64) -> F32:
    """Where each paragraph stands: shape (paragraphs, 14), columns as in `POSITION_COLUMNS`."""
    page = page_of(page_offsets)
    rows = np.arange(len(page))
    start, end = page_offsets[:-1][page], page_offsets[1:][page]
    before, after = rows - start, end - 1 - rows
    counts = words.counts.astype(np.float64)
    total = np.concatenate(([0.0], np.cumsum(counts)))
    words_before, words_after = total[rows] - total[start], total[end] - total[rows + 1]
    long = words.counts >= MIN_LONG_TOKENS
    long_total = np.concatenate(([0], np.cumsum(long)))
    long_before = long_total[rows] - long_total[start]
    long_after = long_total[end] - long_total[rows + 1]
    same_before, same_after = _repeats(words.paragraph_hash, page)
    size = np.maximum(end - start, 1)
    all_words = np.maximum(total[end] - total[start], 1)
    return np.array(
        [
            log1p(before),
            log1p(after),
            before / size,
            log1p(size),
            log1p(words_before) / WORDS_DIVISOR,
            log1p(words_after) / WORDS_DIVISOR,
            words_before / all_words,
            counts / all_words,
            log1p(long_before),
            log1p(long_after),
            np.minimum(same_before, MAX_REPEATS),
            np.minimum(same_after, MAX_REPEATS),
            log1p(_distance(long, start)),
            log1p(_distance(long[::-1], (len(rows) - end)[::-1])[::-1]),
        ],
        np.float32,
    ).T


def _repeats(hashes: np.ndarray, page: I64) -> tuple[I64, I64]:
    """How often the same paragraph stood before, and stands after, on its page."""
    order, new = _bring_together(hashes, page, REPEAT_SALT)
    starts = np.flatnonzero(new)
    sizes = np.diff(np.append(starts, len(page)))
    place = np.arange(len(page)) - np.repeat(starts, sizes)
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


def neighbour_features(values: F32, page_offsets: I64, steps: tuple[int, ...]) -> F32:
    """The values of the paragraphs `steps` away, zeros beyond the page."""
    page = page_of(page_offsets)
    there = np.arange(len(page))[:, None] + np.array(steps)
    inside = (there >= page_offsets[page][:, None]) & (there < page_offsets[page + 1][:, None])
    padded = np.vstack([values, np.zeros((1, values.shape[1]), np.float32)])
    return pick(padded, np.where(inside, there, len(page))).reshape(len(page), -1)


def neighbour_columns(columns: Sequence[str], steps: tuple[int, ...]) -> tuple[str, ...]:
    """The columns of `neighbour_features`, given those of its values."""
    return tuple(f"{name}{step:+d}" for step in steps for name in columns)


def story_beginnings(story: F32, words: Words, page_offsets: I64) -> F32:
    """How probably each paragraph is of the story's first words, shape (paragraphs,
    len(BEGINNINGS)): `story`, how probably it is of the story, times the share of it that is in
    them where the words of all before count as much as these are probably of it. Only the
    `likeliest_run` of a page counts, so that teasers before the story are not its beginning."""
    story = np.where(likeliest_run(story, words.counts, page_offsets), story, np.float32(0))
    expected = story * words.counts
    ends = np.cumsum(expected, dtype=np.float64)
    begins = ends - expected
    begins -= np.append(0.0, ends)[page_offsets[:-1]][page_of(page_offsets)]
    left = np.array(BEGINNINGS) - begins[:, None]
    shares: F32 = np.clip(left / np.maximum(expected, MIN_TOTAL)[:, None], 0, 1).astype(np.float32)
    return shares * story[:, None]


def likeliest_run(story: F32, counts: I64, page_offsets: I64) -> NDArray[np.bool_]:
    """Whether each paragraph is in the run of a page's paragraphs that is most of the story: the
    one with the largest sum of words, each counting by how much more probably it is of the story
    than not (maximum subsequence: Pasternack and Roth, 2009). All are, where no sum is above 0.

    `story` says how probably each paragraph is of the story, `counts` how many words it has.
    """
    # Whole numbers, so that no sum depends on what was added before.
    gains = np.rint((story - 0.5) * counts * GAIN_STEPS).astype(np.int64)
    ends = np.cumsum(gains)
    begins = ends - gains
    # Each page stands below the one before, so that no lowest sum before goes on into the next;
    # seen from behind, no highest sum after.
    drop = page_of(page_offsets) * (2 * np.abs(gains).sum() + 1)
    lowest = np.minimum.accumulate(begins - drop)
    highest = np.maximum.accumulate((ends - drop)[::-1])[::-1]
    through = highest - lowest
    filled = np.diff(page_offsets) > 0
    most = np.maximum.reduceat(through, page_offsets[:-1][filled]) if filled.any() else through
    most = np.repeat(most, np.diff(page_offsets)[filled])
    chosen: NDArray[np.bool_] = (through == most) | (most <= 0)
    return chosen


def term_overlap_features(terms: SharedTerms, likely: F32) -> F32:
    """How much of a paragraph's content is shared with what the page's other paragraphs likely are.

    `likely`, shape (paragraphs, n), says how probably each paragraph is of the story, and of each
    of its `BEGINNINGS`, and then how probably it is each of the other things. Returns shape
    (paragraphs, 2 (n + 4)): for all words, and for names. A term weighs its inverse document
    frequency. It overlaps as far as the sum of a probability over the other paragraphs that hold it
    goes, at most 1: of the story before, after and in all, of the others in all. The last column is
    what is shared with other paragraphs and not with the story's longest beginning.
    """
    rows = len(likely)
    overlaps = _overlaps(terms, np.ascontiguousarray(likely.T, np.float64))
    overlaps = np.vstack([overlaps, 1 - overlaps[2 + len(BEGINNINGS)]])
    features = np.empty((2, 1 + len(overlaps), rows), np.float32)
    for of_terms, weights, total in zip(features, terms.weights, terms.totals, strict=True):
        of_terms[0] = log1p(total) / WORDS_DIVISOR
        shares = _sum_by(terms.indices, overlaps * weights, rows)
        of_terms[1:] = shares / np.maximum(total, MIN_TOTAL)
    return features.reshape(-1, rows).T


def term_overlap_columns(likely: Sequence[str]) -> tuple[str, ...]:
    """The columns of `term_overlap_features`, given those of `likely`."""
    story = likely[0]
    shares = ("log_total", f"{story}_before", f"{story}_after", *likely, "elsewhere")
    return tuple(f"{of}_{name}" for of in ("terms", "names") for name in shares)


def segment_sums(values: NDArray[T], indptr: I64) -> NDArray[T]:
    """Sum the rows of `values` between neighbours of `indptr`; zeros where there are none."""
    filled = np.diff(indptr) > 0
    if not filled.any():
        return np.zeros((len(filled), values.shape[1]), values.dtype)
    sums: NDArray[T] = np.add.reduceat(values, indptr[:-1][filled], axis=0)
    if not filled.all():
        sums = pick(sums, np.maximum(np.cumsum(filled) - 1, 0))
        sums[~filled] = 0
    return sums


def _overlaps(terms: SharedTerms, values: F64) -> F64:
    """How far each entry's term overlaps, shape (n + 2, entries): the sums of `values`, shape
    (n, paragraphs), over the other paragraphs with the term, at most 1: of the first value before,
    after and in all, of each of the others in all."""
    own = values.take(terms.indices, axis=1)
    sums = np.zeros((len(own), own.shape[1] + 1))
    np.cumsum(own, axis=1, out=sums[:, 1:])
    bounds = sums.take(terms.indptr, axis=1)
    total = np.diff(bounds, axis=1).take(terms.row, axis=1) - own
    before = sums[0, :-1] - bounds[0].take(terms.row)
    overlaps: F64 = np.clip(np.vstack([before, total[0] - before, total]), 0, 1)
    return overlaps
