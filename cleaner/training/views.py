"""Render labelled pages as the kinds of page that come in: whole text, extractor output, flattened
text, a story with others appended, HTML.

A view is what `Cleaner` would split a page of that kind into, with the label of each paragraph.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import groupby

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
from cleaner.training.data import LabelledPage
from cleaner.training.extractors import extract_lines, extractors
from cleaner.training.parallel import map_parallel

HEADLINE, ARTICLE, CAPTION = ID["headline"], ID["article"], ID["caption"]
RELATED, SPONSORED, BOILERPLATE = ID["related-links"], ID["sponsored"], ID["boilerplate"]
UNKNOWN = -1
"""Label of a paragraph that could not be aligned: not trained on, not counted."""

PAGES_AT_ONCE = 8
"""Pages that a process renders at a time."""

SMALL_STORY, SMALL_STRETCH = (4, 16), (1, 3)
"""Paragraphs of the story of a small page, and blocks of each stretch of other things."""

NAMELESS = 0.5
"""Share of small pages whose elements have no classes and ids."""

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
    """"whole", "extractor", "flat", "appended", "html" or "small"."""
    source: str
    """Which extractor made it, else the kind."""
    texts: list[str]
    labels: list[int]
    markup: Markup | None = None

    @property
    def has_story(self) -> bool:
        """Whether a paragraph is of a story: what makes a page an article."""
        return ARTICLE in self.labels


@dataclass(slots=True)
class Donors:
    """Pieces of pages that are appended to other pages' stories, by language."""

    stories: dict[str, list[Story]] = field(default_factory=lambda: defaultdict(list))
    related: dict[str, list[list[str]]] = field(default_factory=lambda: defaultdict(list))
    sponsored: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


@dataclass(slots=True)
class Story:
    """The parts of a story that turn up behind another one."""

    page: str
    site: str
    headline: str
    lead: list[str]
    text: list[str]
    """All of its paragraphs."""
    captions: list[str]


def text_views(
    pages: Sequence[LabelledPage],
    *,
    selling: Sequence[LabelledPage] = (),
    seed: int = 0,
    appended: int = 1,
    folds: int = 1,
    jobs: int = 1,
) -> list[View]:
    """Render each labelled page as every kind of text, its views together and in page order.

    `appended` is the number of appended views of a page. What is appended comes from pages of the
    same of `folds` folds, so that cross-fitting sees no text twice; blurbs come also from
    `selling`, pages that are not rendered. The same seed gives the same views, on whatever number
    of processes.
    """
    by_fold: list[list[LabelledPage]] = [[] for _ in range(folds)]
    for page in [*pages, *selling]:
        by_fold[fold_of(page.site, folds)].append(page)
    donors = [collect_donors(fold) for fold in by_fold]
    views = map_parallel(_text_views, pages, jobs, at_once=PAGES_AT_ONCE)
    result = []
    for page, page_views in zip(pages, views, strict=True):
        result += page_views
        if page.html:
            for n in range(appended):
                rng = random.Random(f"{seed} {n} {page.id}")
                if view := append_stories(page, donors[fold_of(page.site, folds)], rng):
                    result.append(view)
    return result


def html_views(pages: Sequence[LabelledPage], *, jobs: int = 1) -> list[View]:
    """Render labelled pages as HTML, those that have any."""
    chosen = [page for page in pages if page.html]
    return map_parallel(html_view, chosen, jobs, at_once=PAGES_AT_ONCE)


def html_view(page: LabelledPage) -> View:
    """Split a page's HTML as `Cleaner` does, and carry its labels over. Raises `UsageError` where
    it can't be."""
    try:
        split = split_page(Page(page.html.encode(), "html"))
    except PageError as error:
        raise UsageError(f"page {page.id!r}: {error}; take it out of the data") from None
    labels = carry_labels(split.texts, page.paragraphs)
    return _view(page, "html", "html", split.texts, labels, split.markup)


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


def _text_views(page: LabelledPage) -> list[View]:
    texts = [" ".join(text.split()) for text, _ in page.paragraphs]
    labels = [label for _, label in page.paragraphs]
    if not page.html:
        return [_view(page, page.kind, page.kind, texts, labels)]
    views = [_view(page, "whole", "whole", texts, labels)]
    seen: set[tuple[str, ...]] = set()
    for name, extract in extractors().items():
        extracted = extract_lines(extract, page)
        if extracted and tuple(extracted) not in seen:
            seen.add(tuple(extracted))
            carried = carry_labels(extracted, page.paragraphs)
            views.append(_view(page, "extractor", name, extracted, carried))
    return views


def flat_views(pages: Sequence[LabelledPage]) -> list[View]:
    """Render each labelled page that has HTML as one line. For figures only."""
    return [flat_view(page, random.Random(f"flat {page.id}")) for page in pages if page.html]


def flat_view(page: LabelledPage, rng: random.Random) -> View:
    """Render a page as one line, in which some programs leave a space between paragraphs and others
    none."""
    line = rng.choice(("", " ")).join(" ".join(text.split()) for text, _ in page.paragraphs)
    texts = split_text(line)
    return _view(page, "flat", "flat", texts, carry_labels(texts, page.paragraphs))


MIN_LEAD_CHARS = 80
"""Characters from which a story's paragraph can stand as the lead of a teaser."""
WHOLE_STORY = 0.04
"""Chance that a teaser is most of its story: some pages hold several stories, one after another."""
SELLING_TYPES = ("service", "product", "collection")
"""Types of page whose `body` sells: its first paragraphs are blurbs."""
MAX_BLURBS, MAX_BLURB_CHARS = 4, 900
"""Blurbs taken of such a page, and their most characters."""
MIN_BLURB_CHARS = 60
"""Characters from which a sponsored paragraph is a blurb and not a button."""


def collect_donors(pages: list[LabelledPage]) -> Donors:
    """Gather what may be appended: leads and captions of stories, link boxes, blurbs."""
    donors = Donors()
    for page in pages:
        headline = next((t for t, label in page.paragraphs if label == HEADLINE), page.title)
        if page.has_story:
            texts = [t for t, label in page.paragraphs if label == ARTICLE]
            captions = [t for t, label in page.paragraphs if label == CAPTION]
        elif page.body and page.type in SELLING_TYPES:
            blurbs = [
                t for t in split_text(page.body) if MIN_BLURB_CHARS <= len(t) <= MAX_BLURB_CHARS
            ]
            donors.sponsored[page.language] += blurbs[:MAX_BLURBS]
            continue
        else:
            continue
        lead = [t for t in texts[:8] if len(t) >= MIN_LEAD_CHARS][:3]
        if lead:
            donors.stories[page.language].append(
                Story(page.id, page.site, headline, lead, texts, captions)
            )
        boxes = _runs(page.paragraphs, RELATED)
        donors.related[page.language] += [box for box in boxes if len(box) > 1]
        donors.sponsored[page.language] += [
            t for t, label in page.paragraphs if label == SPONSORED and len(t) >= MIN_BLURB_CHARS
        ]
    return donors


def _runs(paragraphs: Iterable[tuple[str, int]], wanted: int) -> list[list[str]]:
    runs: list[list[str]] = [[]]
    for text, label in paragraphs:
        if label == wanted:
            runs[-1].append(text)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


_BORDERS = {
    "en": ("More from {site}", "More from {name}", "Read more", "Related", "Related stories",
           "You may also like", "More stories", "Latest news", "Recommended", "Also in {name}",
           "More on this topic", "Don't miss", "Keep reading", "Top stories", "Trending",
           "Most read", "Up next", "Editor's picks", "More news"),
    "de": ("Mehr zum Thema", "Lesen Sie auch", "Mehr von {name}", "Weitere Artikel",
           "Das könnte Sie auch interessieren", "Meistgelesen", "Aktuelle Nachrichten",
           "Mehr aus {name}"),
    "fr": ("À lire aussi", "Sur le même sujet", "Plus d'articles", "Les plus lus", "Lire aussi",
           "Plus de {name}", "À ne pas manquer"),
    "es": ("Más noticias", "Te puede interesar", "Lee también", "Noticias relacionadas",
           "Lo más leído", "Más de {name}"),
    "ja": ("関連記事", "おすすめ記事", "あわせて読みたい", "{name}の他の記事", "人気記事"),
    "zh": ("相关新闻", "推荐阅读", "延伸阅读", "更多{name}报道"),
    "it": ("Leggi anche", "Altre notizie", "Ti potrebbe interessare"),
    "pt": ("Leia também", "Mais notícias", "Veja também"),
    "pl": ("Czytaj także", "Zobacz również", "Więcej"),
    "ru": ("Читайте также", "Ещё новости", "Другие материалы"),
}  # fmt: skip

_CREDITS = ("{n}/Reuters", "Photo: {n}", "{n} / AP", "Courtesy of {n}", "{n}/Getty Images",
            "Foto: {n}/dpa", "{n} via AFP", "Handout via {n}", "Reuters", "{n}")  # fmt: skip
_NAMES = ("Jane Doe", "A. Müller", "Carlos Vega", "Lena Novak", "Tom Hale", "S. Okafor", "Mia Lind",
          "J. Ferrand", "Yuki Mori", "P. Costa")  # fmt: skip


def append_stories(page: LabelledPage, donors: Donors, rng: random.Random) -> View | None:
    """Render a page as its story with pieces of other pages behind it, mostly without a border."""
    stories = [s for s in donors.stories[page.language] if s.page != page.id]
    if not page.has_story or not stories:
        return None
    lines = _story_lines(page, rng)
    lines += _border(page, rng)
    blurbs = donors.sponsored[page.language]
    same_site = [s for s in stories if s.site == page.site]
    for _ in range(rng.randint(2, 9)):
        pool = same_site if same_site and rng.random() < 0.3 else stories
        lines += _teaser(rng.choice(pool), rng)
        if blurbs and rng.random() < 0.3:
            lines += [(rng.choice(blurbs), SPONSORED)]
        if donors.related[page.language] and rng.random() < 0.1:
            box = rng.choice(donors.related[page.language])
            lines += [(t, RELATED) for t in box[: rng.randint(1, 6)]]
    texts, labels = zip(*lines, strict=True)
    return View(page.id, page.site, page.language, page.type, "appended", "appended",
                [" ".join(t.split()) for t in texts], list(labels))  # fmt: skip


def _story_lines(page: LabelledPage, rng: random.Random) -> list[tuple[str, int]]:
    """The story with the small parts around it that an extractor would have kept."""
    lines: list[tuple[str, int]] = []
    of_story = [i for i, (_, label) in enumerate(page.paragraphs) if label in STORY_IDS]
    first, last = of_story[0], of_story[-1]
    keep_captions, keep_small = rng.random() < 0.5, rng.random() < 0.5
    drop_headline, headlines = rng.random() < 0.25, 0
    for text, label in page.paragraphs[first : last + 1]:
        if label == HEADLINE:
            headlines += 1
            if drop_headline or headlines > 1:
                continue
            lines += [(text, HEADLINE)] * rng.choice((1, 1, 2))
        elif (
            label == ARTICLE
            or (label == CAPTION and keep_captions)
            or (label == BOILERPLATE and keep_small and len(lines) < 4)
            or (label != CAPTION and label != BOILERPLATE and rng.random() < 0.3)
        ):
            lines.append((text, label))
    if not any(label == HEADLINE for _, label in lines) and page.title and rng.random() < 0.2:
        lines.insert(0, (page.title, HEADLINE))
    return lines


def _border(page: LabelledPage, rng: random.Random) -> list[tuple[str, int]]:
    if rng.random() < 0.5:
        return []
    name = page.site.split(".")[0].replace("-", " ").title()
    border = rng.choice(_BORDERS.get(page.language, _BORDERS["en"]))
    return [(border.format(site=page.site, name=name), RELATED)]


def _teaser(story: Story, rng: random.Random) -> list[tuple[str, int]]:
    """A piece of another story: some of caption, credit, headline and lead; seldom a whole one."""
    if rng.random() < WHOLE_STORY:
        whole = [story.headline, *story.text][: rng.randint(5, 25)]
        return [(part, RELATED) for part in whole if part]
    parts = []
    if story.captions and rng.random() < 0.6:
        parts.append(rng.choice(story.captions))
    if rng.random() < 0.35:
        parts.append(rng.choice(_CREDITS).format(n=rng.choice(_NAMES)))
    if story.headline and rng.random() < 0.35:
        parts.append(story.headline)
    if rng.random() < 0.85 or not parts:
        parts += story.lead[: rng.choice((1, 1, 1, 2, 3))]
    return [(part, RELATED) for part in parts]


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
