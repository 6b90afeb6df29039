"""From paragraphs to probabilities: a linear model of n-grams, then networks over the page.

    n-grams, attributes ──linear model──▶ first-stage probabilities ─┐
                                                   │                 │
    terms that paragraphs share ───────────────────┴─▶ term overlap ─┼─networks─▶ temperature
    surface, position, markup ───────────────────────────────────────┘

The linear model, the first stage, sees a paragraph alone. The networks read the page in both
directions, and see how much of a paragraph's content the likely story shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import ThreadpoolController

from cleaner.features import context
from cleaner.features.arrays import F32, I64
from cleaner.features.surface import surface_features
from cleaner.features.words import (
    Words,
    last_sentences,
    paragraph_ngrams,
    pick,
    read_words,
    token_ngrams,
)
from cleaner.labels import GROUPS, ID, LABELS, STORY, STORY_IDS
from cleaner.model.article import article_probability, page_features
from cleaner.model.batches import in_batches
from cleaner.model.network import Arrays, apply_temperature, run_network, scale_inputs, softmax
from cleaner.model.scan import cut_chunks
from cleaner.model.store import Model
from cleaner.pages.page import Markup

if TYPE_CHECKING:
    from cleaner.features.attributes import AttributeTokens

PARAGRAPH_WEIGHT = 0.5
"""Value of a paragraph's own n-grams beside its tokens' (whose squares sum to about 1)."""

NETWORK_ROWS = 1_000
"""Paragraphs that the networks read at once: arrays of this size stay in the cache, and are memory
that is handed out again and again."""

OVERLAP_IDS = [ID["headline"], *(ID[group] for group in GROUPS if group not in STORY)]
"""The labels whose terms are looked for in a paragraph beside the story's: the headline, which says
what it is about, and the label that each other group is called by."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Pages as the model sees them, before the first stage."""

    words: Words
    page_offsets: I64
    """Where each page's paragraphs begin, pages + 1 entries."""
    own: list[F32]
    """Features of each paragraph that do not depend on the first stage, some columns each."""
    shared_terms: context.SharedTerms
    attributes: AttributeTokens | None
    """Hashed attribute tokens of each block of HTML pages, None for text."""


def label_pages(
    model: Model, pages: Sequence[Sequence[str]], markup: Sequence[Markup] | None = None
) -> tuple[F32, F32]:
    """Return the probabilities of all paragraphs of `pages`, end to end, shape (paragraphs,
    labels), and of each page that it is an article.

    `pages` are lists of paragraphs, HTML pages with their `markup`.
    """
    found = [np.zeros((0, len(LABELS)), np.float32)]
    counts = [np.zeros(0, np.int64)]
    # Threads would wait for each other longer than such small products take, and for other
    # processes: on a busy machine a page took six times as long with two as with one.
    with _linear_algebra().limit(limits=1, user_api="blas"):
        for texts, marked in in_batches(pages, markup):
            batch = read_batch(texts, model.arrays["idf"], marked)
            found.append(_label_batch(model, batch))
            counts.append(batch.words.counts)
    probabilities, page_offsets = np.concatenate(found), _page_offsets(pages)
    features = page_features(probabilities, np.concatenate(counts), page_offsets)
    return probabilities, article_probability(features, model.arrays) * (np.diff(page_offsets) > 0)


@cache
def _linear_algebra() -> ThreadpoolController:
    """The libraries behind numpy's products of matrices."""
    return ThreadpoolController()


def _label_batch(model: Model, batch: Batch) -> F32:
    """Probabilities of a batch's paragraphs."""
    arrays, page_offsets = model.arrays, batch.page_offsets
    first_stage = first_stage_probabilities(batch, arrays)
    inputs = scale_inputs(network_input(batch, first_stage), arrays)
    found = np.empty((len(inputs), len(LABELS)), np.float32)
    # Some whole pages at a time.
    some = np.arange(0, len(inputs), NETWORK_ROWS)
    firsts = np.unique(np.searchsorted(page_offsets, some, side="right") - 1)
    for first, end in zip(firsts, [*firsts[1:], len(page_offsets) - 1], strict=True):
        rows = slice(page_offsets[first], page_offsets[end])
        chunks = cut_chunks(page_offsets[first : end + 1] - page_offsets[first])
        said = [run_network(inputs[rows], network, chunks) for network in model.networks]
        found[rows] = np.mean(said, axis=0)
    return apply_temperature(found, model.about["temperature"])


def _page_offsets(pages: Sequence[Sequence[str]]) -> I64:
    page_offsets: I64 = np.cumsum([0, *map(len, pages)], dtype=np.int64)
    return page_offsets


def read_batch(
    pages: Sequence[Sequence[str]], idf: F32, markup: Sequence[Markup] | None = None
) -> Batch:
    """Turn pages, each a list of paragraphs, into arrays; HTML pages with their `markup`."""
    words = read_words([text for page in pages for text in page])
    page_offsets = _page_offsets(pages)
    attributes = None
    surface = surface_features(words)
    own = [surface, context.position_features(words, page_offsets)]
    own.append(context.neighbour_features(surface[:, :8], page_offsets, (-2, -1, 1, 2)))
    if markup is not None:
        from cleaner.features.markup import read_markup  # text starts without it

        numbers, attributes = read_markup(markup, pages, words, page_offsets)
        own += [numbers, context.neighbour_features(numbers, page_offsets, (-1, 1))]
    shared_terms = context.find_shared_terms(words, page_offsets, idf)
    return Batch(words, page_offsets, own, shared_terms, attributes)


def first_stage_probabilities(batch: Batch, arrays: Arrays) -> F32:
    """Shape (paragraphs, 2 labels): each label's probability from the paragraph's
    n-grams and attribute tokens alone, then from the n-grams of its last sentence.

    A pitch tells its news first and then what to do: "Learn more", "Subscribe".
    """
    weights, bias = _table(arrays, "ngrams"), arrays["ngrams_bias"]
    per_token = _sum_weights(weights, token_ngrams(batch.words))
    scores = _ngram_scores(batch.words, per_token, weights)
    whole = softmax(scores + bias)
    last = whole.copy()
    sentences, several, tokens = last_sentences(batch.words)
    # A sentence ends where its paragraph does, so its tokens have the n-grams that they have there.
    of_sentences = _ngram_scores(sentences, pick(per_token, tokens), weights)
    last[several] = softmax(of_sentences + bias)
    if batch.attributes is not None:
        scores += _attribute_scores(batch.attributes, _table(arrays, "attributes"))
        whole = softmax(scores + bias)
    return np.hstack([whole, last])


def _ngram_scores(words: Words, per_token: F32, weights: F32) -> F32:
    of_tokens = context.segment_sums(per_token[:, : len(LABELS)], words.token_offsets)
    of_paragraphs = _sum_weights(weights, paragraph_ngrams(words))[:, : len(LABELS)]
    return of_tokens * token_scale(words)[:, None] + PARAGRAPH_WEIGHT * of_paragraphs


def _attribute_scores(tokens: AttributeTokens, weights: F32) -> F32:
    groups = context.segment_sums(pick(weights, tokens.buckets), tokens.bucket_indptr)
    sums = context.segment_sums(pick(groups, tokens.groups), tokens.group_indptr)
    return sums[:, : len(LABELS)] * attribute_scale(tokens)[:, None]


def _table(arrays: Arrays, name: str) -> F32:
    """A table of weights, wide where the model was loaded and not just fitted."""
    return arrays.get(f"{name}_wide", arrays[name])


def _sum_weights(weights: F32, ngrams: I64) -> F32:
    """The sum of the weights of each column of n-grams."""
    sums = pick(weights, ngrams[0])
    some = np.empty_like(sums)
    for gram in ngrams[1:]:
        sums += weights.take(gram, axis=0, mode="clip", out=some)
    return sums


def attribute_scale(tokens: AttributeTokens) -> F32:
    """Value of each attribute token of a block, so that their squares sum to 1."""
    scale: F32 = (1 / np.sqrt(np.maximum(tokens.counts, 1))).astype(np.float32)
    return scale


def token_scale(words: Words) -> F32:
    """Value of each token's n-grams: long paragraphs are scaled to the length of short ones."""
    scale: F32 = (1 / np.sqrt(4 * np.maximum(words.counts, 1))).astype(np.float32)
    return scale


def network_input(batch: Batch, first_stage: F32) -> F32:
    """What a network sees of each paragraph: its features, the first stage's probabilities, and its
    term overlap."""
    story = first_stage[:, STORY_IDS].sum(axis=1, keepdims=True)
    likely = np.hstack([story, first_stage[:, OVERLAP_IDS]])
    overlap = context.term_overlap_features(batch.shared_terms, likely)
    return np.hstack([*batch.own, np.log(first_stage + 1e-4) / 4, overlap])
