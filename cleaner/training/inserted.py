"""Render labelled pages with a sentence in their story that is none of it. For figures only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from itertools import chain

from cleaner.labels import ID
from cleaner.training.data import LabelledPage
from cleaner.training.parallel import map_parallel
from cleaner.training.sentences import SENTENCES, Sentence
from cleaner.training.tree import Line, insert_paragraphs
from cleaner.training.views import PAGES_AT_ONCE, View, html_view, whole_view, word_counts

INSERTED_KINDS = {
    "inserted text": "whole",
    "inserted bare html": "html",
    "inserted html": "html",
}
"""The kinds of view, each with that of the page without the sentence. In bare HTML it stands in an
element like that of the paragraph before it, in the other in elements whose classes tell."""

PROSE_WORDS = 15
"""Words from which a paragraph of a story is prose, and no heading or entry of a list: an element
like those would tell."""

MIN_PROSE = 3
"""Paragraphs of prose from which a story has sentences put into it."""


def inserted_views(pages: Sequence[LabelledPage], *, jobs: int = 1) -> list[View]:
    """Render pages as each of `INSERTED_KINDS`, those that have HTML, a story and a language of
    `SENTENCES`: with one sentence each time, behind the second paragraph of the story's prose, in
    the middle, and before the last one.

    The sentences of a language go round its pages, which stand in an order of their own, by hashes
    of their ids. A place where the paragraph before has no element to itself is passed over.
    """
    turn: dict[str, int] = defaultdict(int)
    chosen = []
    for page in sorted(pages, key=lambda page: blake2b(page.id.encode()).digest()):
        if page.html and page.language in SENTENCES:
            chosen.append((page, turn[page.language]))
            turn[page.language] += 1
    return [*chain.from_iterable(map_parallel(_of_page, chosen, jobs, at_once=PAGES_AT_ONCE))]


def _of_page(page_and_turn: tuple[LabelledPage, int]) -> list[View]:
    page, turn = page_and_turn
    words = word_counts([text for text, _ in page.paragraphs])
    prose = [
        row
        for row, (_, label) in enumerate(page.paragraphs)
        if label == ID["article"] and words[row] >= PROSE_WORDS
    ]
    if len(prose) < MIN_PROSE:
        return []
    without = {"whole": whole_view(page), "html": html_view(page)}
    sentences = SENTENCES[page.language]
    views = []
    for n, row in enumerate((prose[1], prose[(len(prose) - 1) // 2], prose[-2])):
        sentence = sentences[(turn + n * len(sentences) // 3) % len(sentences)]
        views += _of_place(page, row, sentence, without)
    return views


def _of_place(
    page: LabelledPage, row: int, sentence: Sentence, without: dict[str, View]
) -> list[View]:
    """The page with the sentence behind a paragraph, as each kind; none where it can't be put there
    with all else as it was."""
    bare = insert_paragraphs(page, row, [Line(sentence.text, sentence.label)])
    told = insert_paragraphs(page, row, [Line(sentence.text, sentence.label, sentence.elements)])
    if bare is None or told is None:
        return []
    views = []
    made = whole_view(bare), html_view(bare), html_view(told)
    for view, (kind, before) in zip(made, INSERTED_KINDS.items(), strict=True):
        at = next((i for i, text in enumerate(view.texts) if text == sentence.text), 0)
        if view.texts[:at] + view.texts[at + 1 :] != without[before].texts:
            return []
        views.append(replace(view, kind=kind, sentence=at))
    return views
