"""Whether a page is an article at all, told by the labels of its paragraphs and by what those of
the likely story say.

A listing or a shop has no paragraph that is surely of a story, or many scattered ones, and speaks
of other things than stories do.
"""

from __future__ import annotations

import numpy as np

from cleaner.features.arrays import F32, I64
from cleaner.features.context import MIN_LONG_TOKENS, page_of, segment_sums
from cleaner.features.meaning import MEANING_COLUMNS
from cleaner.labels import ID, STORY_IDS
from cleaner.model.network import Arrays, logistic

PAGE_COLUMNS = (
    "log_story", "story", "log_long_story", "long_story", "related", "sponsored", "sure", "changes",
    "log_paragraphs", "headline", *MEANING_COLUMNS,
)  # fmt: skip
"""The columns of page features: words of the story, and their share; the same of long paragraphs;
the shares of words that link elsewhere and that sell; how sure the story's words are; how often a
paragraph of the story stands beside another, for each of the story's; how many there are; how
surely one is the headline; and what the story's words mean, on average."""

CERTAIN = 4.0
"""Log odds of `constant`."""


def page_features(probabilities: F32, counts: I64, meaning: F32, page_offsets: I64) -> F32:
    """What tells an article, shape (pages, 42), columns as in `PAGE_COLUMNS`, from the labels'
    probabilities, the number of words and the meaning of all paragraphs; `page_offsets` (pages + 1
    entries) says where each page begins."""
    story = probabilities[:, STORY_IDS].sum(axis=1)
    words, long = counts.astype(np.float32), (counts >= MIN_LONG_TOKENS).astype(np.float32)
    follows = np.diff(page_of(page_offsets), prepend=-1) == 0
    change = np.abs(np.diff(story, prepend=np.float32(0))) * follows
    columns = [
        np.ones_like(words), words, words * story, long, long * story, change,
        words * probabilities[:, ID["related-links"]], words * probabilities[:, ID["sponsored"]],
        words * story * story, story,
    ]  # fmt: skip
    sums = segment_sums(np.stack(columns, axis=1).astype(np.float32), page_offsets)
    rows, total, of_story, longs, long_story, changes, related, selling, sure, lines = sums.T
    headline = np.zeros(len(sums), np.float32)
    np.maximum.at(headline, page_of(page_offsets), probabilities[:, ID["headline"]])

    means = segment_sums(meaning * (words * story)[:, None], page_offsets)

    def share(part: F32, whole: F32) -> F32:
        return np.asarray(part / np.maximum(whole, 1), np.float32)

    columns = [
        np.log1p(of_story), share(of_story, total), np.log1p(long_story),
        share(long_story, longs), share(related, total), share(selling, total),
        share(sure, of_story), share(changes, lines), np.log1p(rows), headline,
    ]  # fmt: skip
    of_page = np.stack(columns, axis=1).astype(np.float32)
    return np.hstack([of_page, means / np.maximum(of_story, 1)[:, None]])


def article_probability(features: F32, arrays: Arrays) -> F32:
    """The probability that each page is an article: logistic regression on `page_features`."""
    return logistic(features @ arrays["article"] + arrays["article_bias"])


def constant(name: str, columns: int, is_so: bool) -> Arrays:
    """Weights of a name that say the same of every page: where the data does not tell both kinds,
    of which `is_so` is the one."""
    bias = np.array([CERTAIN if is_so else -CERTAIN], np.float32)
    return {name: np.zeros(columns, np.float32), f"{name}_bias": bias}
