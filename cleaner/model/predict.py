"""From paragraphs to probabilities: a linear model of n-grams, networks over the page, a decoder.

    n-grams, marks ──linear model──▶ guess ─┐
    shape, position, markup ────────────────┼─networks─▶ probabilities ─decoder─▶ probabilities
    topics, by the guess ───────────────────┘

The linear model sees a paragraph alone. The networks read the page both ways, and see how much of
a paragraph's content the likely story shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cleaner.features import context
from cleaner.features.markup import Marks, markup_features
from cleaner.features.shape import shape_features
from cleaner.features.words import (
    F32,
    I64,
    Words,
    last_sentences,
    paragraph_ngrams,
    read_words,
    token_ngrams,
)
from cleaner.labels import LABELS
from cleaner.model.article import article_probability, page_features
from cleaner.model.decoder import decode, sharpen
from cleaner.model.network import Arrays, run_network, scale_inputs, softmax
from cleaner.model.steps import line_up
from cleaner.model.store import Model
from cleaner.pages.page import Markup

PARAGRAPH_WEIGHT = 0.5
"""Value of a paragraph's own n-grams beside its tokens' (whose squares sum to about 1)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Pages as the model sees them, before any guess."""

    words: Words
    offset: I64
    """Where each page's paragraphs begin, pages + 1 entries."""
    own: F32
    """Features of each paragraph that do not depend on guesses."""
    topics: context.Topics
    marks: Marks | None
    """Hashed marks of each block of HTML pages, None for text."""


def label_pages(
    model: Model, pages: Sequence[Sequence[str]], markup: Sequence[Markup] | None = None
) -> tuple[F32, F32]:
    """Return the probabilities of all paragraphs of `pages`, end to end, shape (paragraphs, 6),
    and of each page that it is an article.

    `pages` are lists of paragraphs, HTML pages with their `markup`.
    """
    arrays = model.arrays
    if not any(pages):
        return np.zeros((0, len(LABELS)), np.float32), np.zeros(len(pages), np.float32)
    batch = read_batch(pages, arrays["idf"], markup)
    inputs = scale_inputs(network_input(batch, linear_guess(batch, arrays)), arrays)
    steps = line_up(batch.offset)
    members = range(model.about["members"])
    said = [run_network(inputs, _part(arrays, n), steps).probabilities for n in members]
    guess = np.power(np.mean(said, axis=0), np.float32(model.about["node_power"]))
    marginals = decode(guess, arrays["transitions"], steps)
    probabilities = sharpen(marginals, model.about["sharpen_power"])
    features = page_features(probabilities, batch.words.counts, batch.offset)
    return probabilities, article_probability(features, arrays) * (np.diff(batch.offset) > 0)


def _part(arrays: Arrays, member: int) -> Arrays:
    """The arrays of one network, without its name before theirs."""
    name = f"network{member}_"
    return {key.removeprefix(name): a for key, a in arrays.items() if key.startswith(name)}


def read_batch(
    pages: Sequence[Sequence[str]], idf: F32, markup: Sequence[Markup] | None = None
) -> Batch:
    """Turn pages, each a list of paragraphs, into arrays; HTML pages with their `markup`."""
    words = read_words([text for page in pages for text in page])
    offset = np.concatenate(([0], np.cumsum([len(page) for page in pages], dtype=np.int64)))
    marks = None
    shape = shape_features(words)
    own = [shape, context.position_features(words, offset)]
    own.append(context.neighbour_features(shape[:, :8], offset, (-2, -1, 1, 2)))
    if markup is not None:
        numbers, marks = markup_features(markup)
        own += [numbers, context.neighbour_features(numbers, offset, (-1, 1))]
    topics = context.find_topics(words, offset, idf)
    return Batch(words, offset, np.hstack(own).astype(np.float32), topics, marks)


def linear_guess(batch: Batch, arrays: Arrays) -> F32:
    """The first guess, shape (paragraphs, 12): each label's probability from the paragraph's
    n-grams and marks alone, then from the n-grams of its last sentence.

    A pitch tells its news first and then what to do: "Learn more", "Subscribe".
    """
    bias = arrays["ngrams_bias"]
    scores = _ngram_scores(batch.words, arrays)
    last = softmax(scores + bias)
    sentences, several = last_sentences(batch.words)
    last[several] = softmax(_ngram_scores(sentences, arrays) + bias)
    if batch.marks is not None:
        sums = context.segment_sums(arrays["marks"][batch.marks.buckets], batch.marks.offset)
        scores += sums * mark_scale(batch.marks)[:, None]
    return np.hstack([softmax(scores + bias), last])


def _ngram_scores(words: Words, arrays: Arrays) -> F32:
    weights = arrays["ngrams"]
    per_token = weights[token_ngrams(words)].sum(axis=1)
    scores = context.segment_sums(per_token, words.token_offset) * token_scale(words)[:, None]
    scores += PARAGRAPH_WEIGHT * weights[paragraph_ngrams(words)].sum(axis=1)
    return scores


def mark_scale(marks: Marks) -> F32:
    """Value of each mark of a block, so that their squares sum to 1."""
    scale: F32 = (1 / np.sqrt(np.maximum(np.diff(marks.offset), 1))).astype(np.float32)
    return scale


def token_scale(words: Words) -> F32:
    """Value of each token's n-grams: long paragraphs are scaled to the length of short ones."""
    scale: F32 = (1 / np.sqrt(4 * np.maximum(words.counts, 1))).astype(np.float32)
    return scale


def network_input(batch: Batch, guess: F32) -> F32:
    """What a network sees of each paragraph: its features, the linear guess, and its topics."""
    topics = context.topic_features(batch.topics, guess[:, : len(LABELS)], batch.offset)
    return np.hstack([batch.own, np.log(guess + 1e-4) / 4, topics]).astype(np.float32)
