"""From paragraphs to probabilities: a linear model of each paragraph, then networks over the page.

    word vectors ──small layer──▶ meaning ─┬──────────────────────────────────┐
                                           │                                  │
    n-grams, attributes ──linear model─────┴─▶ first-stage probabilities ─────┤
                                                        │                     │
    terms that paragraphs share ────────────────────────┴─▶ overlap, likeness ┤
    surface, position, markup ────────────────────────────────────────────────┴─networks─▶ labels

The linear model, the first stage, sees a paragraph alone. The networks read the page in both
directions, and see how much of a paragraph's content the likely story and its beginning share.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import ThreadpoolController

from cleaner.features.arrays import F32, I64, begin_runs
from cleaner.features.context import segment_sums
from cleaner.features.meaning import MEANING, meanings
from cleaner.features.words import Words, last_sentences, paragraph_ngrams, pick, token_ngrams
from cleaner.labels import LABELS
from cleaner.model.article import article_probability, page_features
from cleaner.model.batches import in_batches
from cleaner.model.inputs import (
    PARAGRAPH_WEIGHT,
    Batch,
    attribute_scale,
    network_input,
    offsets_of,
    read_batch,
    token_scale,
)
from cleaner.model.junk import junk_features, junk_probability
from cleaner.model.network import Arrays, apply_temperature, run_network, scale_inputs, softmax
from cleaner.model.scan import cut_chunks
from cleaner.model.store import MARK_ARRAYS, Model
from cleaner.pages.page import Markup

if TYPE_CHECKING:
    from cleaner.features.attributes import AttributeTokens

NETWORK_ROWS = 1_000
"""Paragraphs that the networks read at once: arrays of this size stay in the cache, and are memory
that is handed out again and again."""


def label_pages(
    model: Model, pages: Sequence[Sequence[str]], markup: Sequence[Markup] | None = None
) -> tuple[F32, F32, F32]:
    """Return the probabilities of all paragraphs of `pages`, end to end, shape (paragraphs,
    labels), and of each page that it is an article, and that what is kept of it is not right.

    `pages` are lists of paragraphs, HTML pages with their `markup`.
    """
    found = [np.zeros((0, len(LABELS)), np.float32)]
    counts = [np.zeros(0, np.int64)]
    meaning = [np.zeros((0, MEANING), np.float32)]
    # Threads would wait for each other longer than such small products take, and for other
    # processes: on a busy machine a page took six times as long with two as with one.
    with _linear_algebra().limit(limits=1, user_api="blas"):
        for texts, marked in in_batches(pages, markup):
            batch = read_batch(texts, model.arrays, marked)
            probabilities = _label_batch(model, batch)
            if "marks" in model.arrays:
                probabilities = _corrected(probabilities, batch, marked, model)
            found.append(probabilities)
            counts.append(batch.words.counts)
            meaning.append(batch.meaning)
    probabilities, words, page_offsets = (
        np.concatenate(found), np.concatenate(counts), offsets_of(pages)
    )  # fmt: skip
    features = page_features(probabilities, words, np.concatenate(meaning), page_offsets)
    is_article = article_probability(features, model.arrays) * (np.diff(page_offsets) > 0)
    features, kept = junk_features(probabilities, words, is_article, page_offsets)
    return probabilities, is_article, junk_probability(features, kept, model.arrays)


def _corrected(
    probabilities: F32, batch: Batch, markup: Sequence[Markup] | None, model: Model
) -> F32:
    """Those of an adapted model."""
    from cleaner.features.marks import paragraph_marks  # most models are none
    from cleaner.model.corrections import correct

    marks = paragraph_marks(batch.words, markup)
    return correct(probabilities, marks, *(model.arrays[name] for name in MARK_ARRAYS))


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
    firsts = np.searchsorted(page_offsets, some, side="right") - 1
    firsts = firsts[begin_runs(firsts)]
    for first, end in zip(firsts, [*firsts[1:], len(page_offsets) - 1], strict=True):
        rows = slice(page_offsets[first], page_offsets[end])
        chunks = cut_chunks(page_offsets[first : end + 1] - page_offsets[first])
        said = [run_network(inputs[rows], network, chunks) for network in model.networks]
        found[rows] = np.mean(said, axis=0)
    return apply_temperature(found, model.about["temperature"])


def first_stage_probabilities(batch: Batch, arrays: Arrays) -> F32:
    """Each label's probability by each of `inputs.FIRST_STAGES` of the kind of page, side by side:
    shape (paragraphs, 2 labels) for text, (paragraphs, 3 labels) for HTML.

    They are told by the paragraph's n-grams and meaning, for HTML together with attribute tokens
    first, and by those of its last sentence: a pitch tells its news first and then what to do,
    "Learn more", "Subscribe".
    """
    words = batch.words
    ngrams, own = token_ngrams(words), paragraph_ngrams(words)
    weights = _table(arrays, "ngrams")
    per_token = _sum_weights(weights, ngrams)
    scores = _ngram_scores(words, per_token, own, weights)
    scores += batch.meaning @ arrays["first_meaning"]
    whole = softmax(scores + arrays["ngrams_bias"])
    last = whole.copy()
    sentences, several, tokens = last_sentences(words)
    # A sentence ends where its paragraph does, so its tokens have the n-grams that they have there.
    per_token = pick(per_token, tokens)
    scores = _ngram_scores(sentences, per_token, paragraph_ngrams(sentences), weights)
    scores += meanings(sentences, arrays) @ arrays["first_meaning"]
    last[several] = softmax(scores + arrays["ngrams_bias"])
    if batch.attributes is None:
        return np.hstack([whole, last])
    weights = _table(arrays, "marked_ngrams")
    per_token = _sum_weights(weights, ngrams)
    scores = _ngram_scores(words, per_token, own, weights)
    scores += batch.meaning @ arrays["marked_meaning"]
    scores += _attribute_scores(batch.attributes, _table(arrays, "attributes"))
    return np.hstack([softmax(scores + arrays["marked_bias"]), whole, last])


def _ngram_scores(words: Words, per_token: F32, own: I64, weights: F32) -> F32:
    """Scores from the sums of each token's weights and the paragraphs' `own` n-grams."""
    of_tokens = segment_sums(per_token[:, : len(LABELS)], words.token_offsets)
    of_paragraphs = _sum_weights(weights, own)[:, : len(LABELS)]
    return of_tokens * token_scale(words)[:, None] + PARAGRAPH_WEIGHT * of_paragraphs


def _attribute_scores(tokens: AttributeTokens, weights: F32) -> F32:
    groups = segment_sums(pick(weights, tokens.buckets), tokens.bucket_indptr)
    sums = segment_sums(pick(groups, tokens.groups), tokens.group_indptr)
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
