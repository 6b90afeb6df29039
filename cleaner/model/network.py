"""From paragraphs to probabilities: a linear model of n-grams, then two networks over the page.

    n-grams, marks ──linear model──▶ guess ─┐
    shape, position, topics, markup ────────┼─first network──▶ guess ─┐
                                            └─────────────────────────┴─second network──▶ decoder

A network sees a paragraph with its neighbours' guesses, means of the guesses before and after it,
and how much of its content the likely story shares. Through the first network's guesses the second
sees farther; the decoder sees the whole page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner.features import context
from cleaner.features.markup import Marks, markup_features
from cleaner.features.shape import shape_features
from cleaner.features.words import F32, I64, Words, paragraph_ngrams, read_words, token_ngrams
from cleaner.model.decoder import decode, sharpen
from cleaner.model.store import Model
from cleaner.pages.page import Markup

Arrays = dict[str, NDArray[np.float32]]

PARAGRAPH_WEIGHT = 0.5
"""Value of a paragraph's own n-grams beside its tokens' (whose squares sum to about 1)."""

CLIP = 3.0
"""Deviations from the mean beyond which an input says no more: rare signs and endless paragraphs
would rule a network otherwise. 0.61 to 0.63 in mean F1 over the kinds of text, cross-validated."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Pages as the networks see them, before any guess."""

    words: Words
    offset: I64
    """Where each page's paragraphs begin, pages + 1 entries."""
    own: F32
    """Features of each paragraph that do not depend on guesses."""
    topics: context.Topics
    marks: Marks | None
    """Hashed marks of each block of HTML pages, None for text."""


def label_probabilities(
    model: Model, pages: Sequence[Sequence[str]], markup: Sequence[Markup] | None = None
) -> F32:
    """Return the probabilities of all paragraphs of `pages`, end to end: shape (paragraphs, 6).

    `pages` are lists of paragraphs, HTML pages with their `markup`.
    """
    arrays = model.arrays
    if not any(pages):
        return np.zeros((0, arrays["ngrams"].shape[1]), np.float32)
    batch = read_batch(pages, arrays["idf"], markup)
    linear = linear_guess(batch, arrays)
    first = network(network_input(batch, linear), _part(arrays, "first"))
    guess = network(network_input(batch, first, linear), _part(arrays, "second"))
    guess = np.power(guess, np.float32(model.about["node_power"]))
    marginals = decode(guess, arrays["transitions"], batch.offset)
    return sharpen(marginals, model.about["sharpen_power"])


def _part(arrays: Arrays, name: str) -> Arrays:
    """The arrays of one network, without its name before theirs."""
    return {key.removeprefix(f"{name}_"): a for key, a in arrays.items() if key.startswith(name)}


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
    """The first guess: probabilities from each paragraph's n-grams and marks alone."""
    words, weights = batch.words, arrays["ngrams"]
    per_token = weights[token_ngrams(words)].sum(axis=1)
    scores = context.segment_sums(per_token, words.token_offset) * token_scale(words)[:, None]
    scores += PARAGRAPH_WEIGHT * weights[paragraph_ngrams(words)].sum(axis=1)
    if batch.marks is not None:
        sums = context.segment_sums(arrays["marks"][batch.marks.buckets], batch.marks.offset)
        scores += sums * mark_scale(batch.marks)[:, None]
    return softmax(scores + arrays["ngrams_bias"])


def mark_scale(marks: Marks) -> F32:
    """Value of each mark of a block, so that their squares sum to 1."""
    scale: F32 = (1 / np.sqrt(np.maximum(np.diff(marks.offset), 1))).astype(np.float32)
    return scale


def token_scale(words: Words) -> F32:
    """Value of each token's n-grams: long paragraphs are scaled to the length of short ones."""
    scale: F32 = (1 / np.sqrt(4 * np.maximum(words.counts, 1))).astype(np.float32)
    return scale


def network_input(batch: Batch, guess: F32, *before: F32) -> F32:
    """What a network sees of each paragraph: its features, the last guess, and guesses before."""
    words, offset = batch.words, batch.offset
    logs = [np.log(g + 1e-4) / 4 for g in (guess, *before)]
    return np.hstack(
        [
            batch.own,
            *logs,
            context.neighbour_features(guess, offset, context.NEIGHBOURS),
            context.window_features(guess, words, offset),
            context.heading_features(guess, words, offset),
            context.topic_features(batch.topics, guess, offset),
        ]
    ).astype(np.float32)


def network(inputs: F32, arrays: Arrays) -> F32:
    """Probabilities of a network for inputs as `network_input` gives them."""
    return layers(scale_inputs(inputs, arrays), arrays)


def layers(scaled: F32, arrays: Arrays) -> F32:
    """Probabilities for scaled inputs: a layer of rectified units, then softmax."""
    hidden: F32 = scaled @ arrays["hidden"]
    hidden += arrays["hidden_bias"]
    np.maximum(hidden, 0, out=hidden)
    return softmax(hidden @ arrays["out"] + arrays["out_bias"])


def scale_inputs(inputs: F32, arrays: Arrays, out: F32 | None = None) -> F32:
    """Bring inputs to mean 0 and deviation 1, and what is far off to `CLIP` deviations."""
    scaled = np.subtract(inputs, arrays["mean"], out=out)
    scaled *= arrays["scale"]
    return np.clip(scaled, -CLIP, CLIP, out=scaled)


def softmax(scores: F32) -> F32:
    """Probabilities from scores, row by row."""
    scores = scores - scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores
