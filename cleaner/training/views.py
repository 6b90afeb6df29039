"""Render labelled pages as the kinds of page that come in: whole text, extractor output, flattened
text, HTML, Markdown. Those that are put together of several pages are in `compose`.

A view is what `Cleaner` would split a page of that kind into, with the label of each paragraph.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import groupby
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cleaner.errors import PageError, UsageError
from cleaner.features.elements import pick_blocks
from cleaner.features.words import read_words
from cleaner.labels import ID, STORY_IDS
from cleaner.pages import Page, split_page
from cleaner.pages.page import ElementKind, Markup
from cleaner.pages.text import split_text
from cleaner.training.align import carry_labels
from cleaner.training.data import UNKNOWN, LabelledPage
from cleaner.training.extractors import extract_lines, extractors
from cleaner.training.markdown import page_to_markdown
from cleaner.training.parallel import map_parallel

HEADLINE, ARTICLE, CAPTION = ID["headline"], ID["article"], ID["caption"]
RELATED, SPONSORED, BOILERPLATE = ID["related-links"], ID["sponsored"], ID["boilerplate"]
PAGES_AT_ONCE = 8
"""Pages that a process renders at a time."""

SMALL_STORY, SMALL_STRETCH = (4, 16), (1, 3)
"""Paragraphs of the story of a small page, and blocks of each stretch of other things."""

NAMELESS = 0.5
"""Share of small pages whose elements have no classes and ids."""

FOUND_KINDS = ("whole", "extractor", "html", "markdown")
"""Kinds of view that nothing was made up in: what tells articles from other pages is learned from
them."""

MIN_REAL_APPENDED = 0.1
"""Share of words that are related-links or sponsored which makes an extractor output appended."""


@dataclass(slots=True)
class View:
    """One rendering of a labelled page."""

    page: str
    """Id of the page."""
    site: str
    language: str
    type: str | None
    kind: str
    """"whole", "extractor", "flat", "html", "markdown", "small", of `compose.KINDS` or
    `compose_html.VIEWS`, "written", or of `inserted.INSERTED_KINDS`."""
    source: str
    """Which extractor made it, else the kind."""
    texts: list[str]
    labels: list[int]
    markup: Markup | None = None
    sentence: int | None = None
    """Of a view in `inserted.INSERTED_KINDS`, the paragraph that was put into it."""

    @property
    def has_story(self) -> bool:
        """Whether a paragraph is of a story: what makes a page an article."""
        return ARTICLE in self.labels


def text_views(pages: Sequence[LabelledPage], *, jobs: int = 1) -> list[View]:
    """Render each labelled page as whole text and as what extractors leave of it, its views
    together and in page order; a page that is text only as what it is, one of Markdown not at
    all."""
    views = map_parallel(_text_views, pages, jobs, at_once=PAGES_AT_ONCE)
    return [view for page_views in views for view in page_views]


def html_views(pages: Sequence[LabelledPage], *, jobs: int = 1) -> list[View]:
    """Render labelled pages as HTML, those that have any."""
    chosen = [page for page in pages if page.html]
    return map_parallel(html_view, chosen, jobs, at_once=PAGES_AT_ONCE)


def html_view(page: LabelledPage) -> View:
    """Split a page's HTML as `Cleaner` does, and carry its labels over. Raises `UsageError` where
    it can't be."""
    return _split_view(page, "html", lambda: page.html)


def markdown_views(pages: Sequence[LabelledPage], *, jobs: int = 1) -> list[View]:
    """Render labelled pages that have HTML as Markdown, always in the same way, and those that came
    as Markdown as what they are."""
    chosen = [page for page in pages if page.html or page.markdown]
    return map_parallel(markdown_view, chosen, jobs, at_once=PAGES_AT_ONCE)


def markdown_view(page: LabelledPage) -> View:
    """Split a page's Markdown, or its HTML turned into it, as `Cleaner` does, and carry its labels
    over. Raises `UsageError` where it can't be."""
    rng = random.Random(f"markdown {page.id}")
    return _split_view(page, "markdown", lambda: page.markdown or page_to_markdown(page, rng))


def _split_view(
    page: LabelledPage, kind: Literal["html", "markdown"], render: Callable[[], str]
) -> View:
    try:
        split = split_page(Page(render().encode(), kind))
    except PageError as error:
        raise UsageError(f"page {page.id!r}: {error}; take it out of the data") from None
    labels = carry_labels(split.texts, page.paragraphs)
    return _view(page, kind, kind, split.texts, labels, split.markup)


def small_view(view: View, rng: random.Random) -> View:
    """Render the view of an HTML page as that of a small page: with the first paragraphs of its
    story, and the first block or two of each stretch of other things.

    Menus and boxes of real pages are long; those of small sites are short, and tell less by it.
    """
    assert view.markup is not None
    story = rng.randint(*SMALL_STORY)
    rows: list[int] = []
    for label, run in groupby(range(len(view.labels)), view.labels.__getitem__):
        most = story if label in STORY_IDS else rng.randint(*SMALL_STRETCH)
        kept = [*run][:most]
        story -= len(kept) if label in STORY_IDS else 0
        rows += kept
    markup = pick_blocks(view.markup, np.array(rows, np.int64))
    if rng.random() < NAMELESS:
        kinds: list[ElementKind] = [(tag, ()) for tag, _ in markup.elements.kinds]
        markup = replace(markup, elements=replace(markup.elements, kinds=kinds))
    texts, labels = [view.texts[i] for i in rows], [view.labels[i] for i in rows]
    return replace(view, kind="small", texts=texts, labels=labels, markup=markup)


def _view(
    page: LabelledPage,
    kind: str,
    source: str,
    texts: list[str],
    labels: Sequence[int | None],
    markup: Markup | None = None,
) -> View:
    known = [UNKNOWN if label is None else label for label in labels]
    return View(page.id, page.site, page.language, page.type, kind, source, texts, known, markup)


def whole_view(page: LabelledPage) -> View:
    """Render a page as all of its text, a line for each labelled paragraph."""
    return labelled_view(page, "whole", page.paragraphs)


def labelled_view(page: LabelledPage, kind: str, lines: Sequence[tuple[str, int]]) -> View:
    """A view of a page as text, given its paragraphs and their labels."""
    texts = [" ".join(text.split()) for text, _ in lines]
    return _view(page, kind, kind, texts, [label for _, label in lines])


def _text_views(page: LabelledPage) -> list[View]:
    if page.markdown:
        return []
    if not page.html:
        return [labelled_view(page, page.kind, page.paragraphs)]
    views = [whole_view(page)]
    seen: set[tuple[str, ...]] = set()
    for name, extract in extractors().items():
        extracted = extract_lines(extract, page)
        if extracted and tuple(extracted) not in seen:
            seen.add(tuple(extracted))
            carried = carry_labels(extracted, page.paragraphs)
            views.append(_view(page, "extractor", name, extracted, carried))
    return views


def flat_views(pages: Sequence[LabelledPage]) -> list[View]:
    """Render each labelled page that has HTML as one line."""
    return [flat_view(page, random.Random(f"flat {page.id}")) for page in pages if page.html]


def flat_view(page: LabelledPage, rng: random.Random) -> View:
    """Render a page as one line, in which some programs leave a space between paragraphs and others
    none."""
    line = rng.choice(("", " ")).join(" ".join(text.split()) for text, _ in page.paragraphs)
    texts = split_text(line)
    return _view(page, "flat", "flat", texts, carry_labels(texts, page.paragraphs))


def is_real_appended(view: View) -> bool:
    """Say whether a tenth or more of an extractor output's words is other stories or selling."""
    if view.kind != "extractor":
        return False
    words, labels = word_counts(view.texts), np.array(view.labels)
    total = words[labels >= 0].sum()
    return bool(
        total and words[np.isin(labels, (RELATED, SPONSORED))].sum() >= MIN_REAL_APPENDED * total
    )


def word_counts(texts: list[str]) -> NDArray[np.int64]:
    """The words of each text as figures count them: tokens, so that Japanese has words too."""
    return read_words(texts).counts


def fold_of(site: str, folds: int) -> int:
    """The fold of cross-fitting that a site's pages belong to, the same everywhere."""
    return int.from_bytes(blake2b(site.encode(), digest_size=4).digest(), "big") % folds
