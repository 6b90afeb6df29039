"""What a model sees of pages: n-grams and attribute tokens for its first stage, and the inputs of
its networks, with a name for each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cleaner.features import context
from cleaner.features.arrays import F32, I64
from cleaner.features.meaning import (
    LIKENESS_COLUMNS,
    MEANING_COLUMNS,
    likeness_features,
    meanings,
)
from cleaner.features.surface import SUMMARY_COLUMNS, SURFACE_COLUMNS, surface_features
from cleaner.features.words import TOKEN_NGRAMS, Words, read_words
from cleaner.labels import GROUPS, ID, LABELS, STORY, STORY_IDS
from cleaner.pages.page import Markup

if TYPE_CHECKING:
    from cleaner.features.attributes import AttributeTokens

SURFACE_STEPS, MARKUP_STEPS = (-2, -1, 1, 2), (-1, 1)
"""How far away the neighbours stand whose summary of the surface, and whose markup, an input is."""

FIRST_STAGES = {
    "text": ("paragraph", "last_sentence"),
    "html": ("marked", "paragraph", "last_sentence"),
}
"""What the first stage judges by, for each kind of page: what a paragraph says, with or without its
elements, and what its last sentence says. The first of them says what the likely story is."""

OVERLAP_IDS = [ID["headline"], *(ID[group] for group in GROUPS if group not in STORY)]
"""The labels whose terms are looked for in a paragraph beside the story's: the headline, which says
what it is about, and the label that each other group is called by."""

PARAGRAPH_WEIGHT, MEANING_WEIGHT = 0.5, 0.3
"""Value of a paragraph's own n-grams beside its tokens' (whose squares sum to about 1), and factor
of what it means, so that its squares sum to about as much as those of all n-grams."""

MIN_PROBABILITY, LOG_PROBABILITY_DIVISOR = 1e-4, 4
"""What is added to a probability before its logarithm, so that surer than this says no more; and
what divides the logarithm, as `surface.SHARE_FACTOR` does."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Pages as the model sees them, before the first stage."""

    words: Words
    page_offsets: I64
    """Where each page's paragraphs begin, pages + 1 entries."""
    own: list[F32]
    """Features of each paragraph that do not depend on the first stage, some columns each."""
    shared_terms: context.SharedTerms
    meaning: F32
    """What each paragraph means."""
    attributes: AttributeTokens | None
    """Hashed attribute tokens of each block of HTML pages, None for text."""


def read_batch(
    pages: Sequence[Sequence[str]],
    arrays: Mapping[str, NDArray[Any]],
    markup: Sequence[Markup] | None = None,
) -> Batch:
    """Turn pages, each a list of paragraphs, into arrays; HTML pages with their `markup`.

    Of a model's `arrays` it takes `idf` and those of word vectors (`features.meaning.SHAPES`).
    """
    words = read_words([text for page in pages for text in page])
    page_offsets = offsets_of(pages)
    attributes = None
    surface = surface_features(words)
    summary = surface[:, : len(SUMMARY_COLUMNS)]
    own = [surface, context.position_features(words, page_offsets)]
    own.append(context.neighbour_features(summary, page_offsets, SURFACE_STEPS))
    if markup is not None:
        from cleaner.features.markup import read_markup  # text starts without it

        numbers, attributes = read_markup(markup, pages, words, page_offsets)
        own += [numbers, context.neighbour_features(numbers, page_offsets, MARKUP_STEPS)]
    shared_terms = context.find_shared_terms(words, page_offsets, arrays["idf"])
    return Batch(words, page_offsets, own, shared_terms, meanings(words, arrays), attributes)


def offsets_of(pages: Sequence[Sequence[str]]) -> I64:
    """Where each page begins, set end to end, pages + 1 entries."""
    page_offsets: I64 = np.cumsum([0, *map(len, pages)], dtype=np.int64)
    return page_offsets


def token_scale(words: Words) -> F32:
    """Value of each token's n-grams: long paragraphs are scaled to the length of short ones."""
    ngrams = len(TOKEN_NGRAMS) * np.maximum(words.counts, 1)
    scale: F32 = (1 / np.sqrt(ngrams)).astype(np.float32)
    return scale


def attribute_scale(tokens: AttributeTokens) -> F32:
    """Value of each attribute token of a block, so that their squares sum to 1."""
    scale: F32 = (1 / np.sqrt(np.maximum(tokens.counts, 1))).astype(np.float32)
    return scale


def network_input(batch: Batch, first_stage: F32) -> F32:
    """What a network sees of each paragraph: its features, the first stage's probabilities, its
    term overlap, what it means, and how like that is to the rest. Columns as `input_columns`
    says."""
    story = first_stage[:, STORY_IDS].sum(axis=1)
    beginnings = context.story_beginnings(story, batch.words, batch.page_offsets)
    likely = np.hstack([story[:, None], beginnings, first_stage[:, OVERLAP_IDS]])
    overlap = context.term_overlap_features(batch.shared_terms, likely)
    likely = np.hstack([beginnings, story[:, None], first_stage[:, [ID["headline"]]]])
    likeness = likeness_features(batch.meaning, likely, batch.words.counts, batch.page_offsets)
    logarithms = np.log(first_stage + MIN_PROBABILITY) / LOG_PROBABILITY_DIVISOR
    return np.hstack([*batch.own, logarithms, overlap, batch.meaning, likeness])


def input_columns(kind: str) -> tuple[str, ...]:
    """The columns of `network_input` for a kind of page, "text" or "html"."""
    own = [
        *SURFACE_COLUMNS,
        *context.POSITION_COLUMNS,
        *context.neighbour_columns(SUMMARY_COLUMNS, SURFACE_STEPS),
    ]
    if kind == "html":
        from cleaner.features.markup import BLOCK_COLUMNS  # text starts without it

        own += [*BLOCK_COLUMNS, *context.neighbour_columns(BLOCK_COLUMNS, MARKUP_STEPS)]
    first_stage = [f"log_{of}_{label}" for of in FIRST_STAGES[kind] for label in LABELS]
    beginnings = [f"story_first_{words}" for words in context.BEGINNINGS]
    others = [LABELS[i] for i in OVERLAP_IDS]
    overlap = context.term_overlap_columns(["story", *beginnings, *others])
    return (*own, *first_stage, *overlap, *MEANING_COLUMNS, *LIKENESS_COLUMNS)
