"""How likely it is that a page's clean text is not right, told by the labels' probabilities: by
what is expected of junk in it and of story that is missing.

Labels are those of the default `precision`, whatever a caller asks for.
"""

from __future__ import annotations

import numpy as np

from cleaner.features.arrays import F32, I64
from cleaner.features.context import page_of, segment_sums
from cleaner.labels import STORY_IDS
from cleaner.model.network import Arrays, logistic

RIGHT_WITHIN = 0.02
"""Share up to which a page's kept words may be junk, and its story's words may be missing, for it
to be right (`training.evaluate`)."""

JUNK_COLUMNS = (
    "log_junk", "log_lost", "no_junk", "no_lost", "log_kept", "kept", "log_paragraphs", "article",
)  # fmt: skip
"""What tells a page that is not right: the expected share of junk in what is kept, and of the
story's words that are dropped; how probable it is that none of the kept paragraphs that would be
too much junk is any, and that none of those dropped, which would be too much to miss, is of the
story; words that are kept, and their share; paragraphs; how surely the page is an article."""

MIN_SHARE, MIN_PROBABILITY = 1e-3, 1e-4
"""Added to shares and probabilities before their logarithm."""


def junk_features(
    probabilities: F32, counts: I64, is_article: F32, page_offsets: I64
) -> tuple[F32, F32]:
    """What tells pages that are not right, shape (pages, 8), columns as in `JUNK_COLUMNS`, from the
    labels' probabilities and the number of words of all paragraphs, and the probability of each
    page that it is an article; and the number of words of each page that are kept."""
    story = probabilities[:, STORY_IDS].sum(axis=1)
    keeps = np.isin(probabilities.argmax(axis=1), STORY_IDS)
    words, page = counts.astype(np.float32), page_of(page_offsets)
    columns = [np.ones_like(words), words, words * keeps, words * keeps * (1 - story)]
    columns += [words * story, words * story * ~keeps]
    sums = segment_sums(np.stack(columns, axis=1).astype(np.float32), page_offsets)
    rows, total, kept, junk, of_story, lost = sums.T
    too_much = words > RIGHT_WITHIN * np.where(keeps, kept[page], of_story[page])
    right = np.log(np.where(keeps, story, 1 - story) + MIN_PROBABILITY) * too_much
    columns = [right * keeps, right * ~keeps]
    no_junk, no_lost = segment_sums(np.stack(columns, axis=1), page_offsets).T
    odds = np.log((is_article + MIN_PROBABILITY) / (1 - is_article + MIN_PROBABILITY))
    columns = [
        np.log(junk / np.maximum(kept, 1) + MIN_SHARE),
        np.log(lost / np.maximum(of_story, 1) + MIN_SHARE),
        no_junk, no_lost, np.log1p(kept), kept / np.maximum(total, 1), np.log1p(rows), odds,
    ]  # fmt: skip
    return np.stack(columns, axis=1).astype(np.float32), kept


def junk_probability(features: F32, kept: F32, arrays: Arrays) -> F32:
    """The probability that what is kept of each page is not right: logistic regression on
    `junk_features`; 1 where nothing is kept."""
    probability = logistic(features @ arrays["junk"] + arrays["junk_bias"])
    return np.where(kept > 0, probability, np.float32(1))
