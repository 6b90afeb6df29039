"""What speaks for a paragraph's label and against it: the model is asked again for the page without
one thing, and how much less sure of the label it is then is what the thing weighs.

Everything is measured in this way, and nothing guessed. Of many words or classes those are asked
for that the first stage makes most of, which sees a paragraph alone and takes no time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.document import Reason
from cleaner.explain.without import (
    Asked,
    Change,
    classes_of,
    find_words,
    only_paragraph,
    tags_of,
    without_class,
    without_links,
    without_paragraphs,
    without_tag,
    without_titles,
    without_word,
    without_words,
)
from cleaner.features.arrays import F32
from cleaner.features.context import IDF_BITS, term_hashes
from cleaner.features.words import IDF_SALT, bucket, mix, read_words
from cleaner.labels import ID, LABELS, STORY
from cleaner.model.batches import in_batches
from cleaner.model.inputs import read_batch
from cleaner.model.predict import first_stage_probabilities, label_pages
from cleaner.model.store import Model
from cleaner.pages import PageText
from cleaner.pages.page import COUNTS, Markup

MAX_WORDS, MAX_CLASSES, MAX_TAGS = 30, 20, 10
"""Words, classes and tags that are left out, each in a page of its own."""

MAX_CHOICES = 300
"""Words or classes, the first or nearest ones, that these are chosen from."""

MAX_NAMED = 5
"""Words in common with the story that are named, the rarest ones."""

MAX_ROWS = 200_000
"""Paragraphs that the model is asked about at once, for the sake of memory."""

MIN_PROBABILITY = 1e-12
"""Probability from which lower ones count as no lower: their logarithms would be infinite."""


class Question(NamedTuple):
    """What is left out: its kind, as in `Reason`, what it is in words, and how that is done."""

    kind: str
    what: str
    change: Change


def find_reasons(model: Model, page: PageText, labels: Sequence[str], n: int) -> tuple[Reason, ...]:
    """Return what speaks for the label of paragraph `n` and against it, what weighs most first.

    `labels` are those of all paragraphs of the page.
    """
    asked, label = Asked(page.texts, page.markup, n), ID[labels[n]]
    questions = [*_about_paragraph(model, asked, label), *_about_page(model, asked, labels)]
    odds = _ask(model, label, [asked, *(question.change(asked) for question in questions)])
    reasons = [
        Reason(question.kind, question.what, weight)
        for question, weight in zip(questions, (odds[0] - odds[1:]).tolist(), strict=True)
    ]
    return tuple(sorted(reasons, key=lambda reason: -abs(reason.weight)))


def _about_paragraph(model: Model, asked: Asked, label: int) -> Iterator[Question]:
    """What may be left out of a paragraph and of the elements that it stands in."""
    words = [
        Question("word", asked.text[slice(*places[0])], partial(without_word, places=places))
        for places in find_words([asked.text])[0].values()
    ]
    yield from _strongest(model, label, asked, words, MAX_WORDS)
    if asked.markup is None:
        return
    names = [
        Question("class", name, partial(without_class, name=name))
        for name in classes_of(asked.markup, asked.n)
    ]
    yield from _strongest(model, label, asked, names, MAX_CLASSES)
    for tag in tags_of(asked.markup, asked.n)[:MAX_TAGS]:
        yield Question("tag", tag, partial(without_tag, tag=tag))
    if asked.markup.blocks.counts[asked.n, COUNTS.index("links")]:
        yield Question("links", "", without_links)


def _about_page(model: Model, asked: Asked, labels: Sequence[str]) -> Iterator[Question]:
    """What may be left out of the rest of the page."""
    n, end = asked.n, len(labels)
    story = [i for i, label in enumerate(labels) if label in STORY and i != n]
    parts = {
        "before": range(max(n - 1, 0), n),
        "behind": range(n + 1, min(n + 2, end)),
        "all_before": range(n if n > 1 else 0),  # a single one is the neighbour
        "all_behind": range(n + 1, end if end > n + 2 else 0),
        "story": story,
    }
    for kind, rows in parts.items():
        if rows:
            what = asked.texts[rows[0]] if len(rows) == 1 else ""
            yield Question(kind, what, partial(without_paragraphs, rows=[*rows]))
    if common := _in_common(asked, story, model.arrays["idf"]):
        change = partial(without_words, rows=story, words=common.keys())
        yield Question("shared", ", ".join([*common.values()][:MAX_NAMED]), change)
    if asked.markup and (asked.markup.titles or asked.markup.body):
        yield Question("title", next(iter(asked.markup.titles), ""), without_titles)


def _in_common(asked: Asked, story: Sequence[int], idf: F32) -> dict[str, str]:
    """The terms that a paragraph has in common with those of the story, the rarest first: in lower
    case, and as it writes them."""
    own, *others = find_words([asked.text, *(asked.texts[i] for i in story)])
    theirs = {*chain.from_iterable(others)}
    common = [word for word in own if word in theirs]
    words = read_words(common)
    terms, hashes = term_hashes(words)
    rarity = np.zeros(len(common))
    np.maximum.at(rarity, words.paragraph[terms], idf[bucket(mix(hashes, IDF_SALT), IDF_BITS)])
    rarest = [common[i] for i in np.argsort(-rarity, kind="stable").tolist() if rarity[i]]
    return {word: asked.text[slice(*own[word][0])] for word in rarest}


def _strongest(
    model: Model, label: int, asked: Asked, questions: list[Question], most: int
) -> list[Question]:
    """The questions that the first stage, asked about the paragraph alone, makes most of."""
    if len(questions) <= most:
        return questions
    questions = questions[:MAX_CHOICES]
    alone = only_paragraph(asked)
    pages = [alone, *(question.change(alone) for question in questions)]
    found = [
        first_stage_probabilities(read_batch(texts, model.arrays, markup), model.arrays)
        for texts, markup in in_batches(*_for_model(pages))
    ]
    odds = _log_odds(np.concatenate(found).reshape(len(pages), -1, len(LABELS)), label)
    moved = np.abs(odds[0] - odds[1:]).max(axis=1)
    return [questions[i] for i in np.argsort(-moved, kind="stable")[:most].tolist()]


def _ask(model: Model, label: int, pages: list[Asked]) -> NDArray[np.float64]:
    """The log-odds of a label for the paragraph of each page that is asked about."""
    found = []
    some = max(1, MAX_ROWS // len(pages[0].texts))
    for first in range(0, len(pages), some):
        batch = pages[first : first + some]
        probabilities, *_ = label_pages(model, *_for_model(batch))
        before = np.cumsum([0, *(len(page.texts) for page in batch)])
        found.append(probabilities[before[:-1] + [page.n for page in batch]])
    return _log_odds(np.concatenate(found), label)


def _for_model(pages: list[Asked]) -> tuple[list[Sequence[str]], list[Markup] | None]:
    """The texts and the markup of pages, as the model takes them."""
    markup = [page.markup for page in pages if page.markup is not None]
    return [page.texts for page in pages], markup or None


def _log_odds(probabilities: F32, label: int) -> NDArray[np.float64]:
    """The logarithm of the odds of a label against all others, along the last axis."""
    own = probabilities[..., label].astype(np.float64)
    others = np.delete(probabilities, label, axis=-1).sum(axis=-1, dtype=np.float64)
    found: NDArray[np.float64] = np.log(np.maximum(own, MIN_PROBABILITY))
    found -= np.log(np.maximum(others, MIN_PROBABILITY))
    return found
