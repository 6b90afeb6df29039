"""Views put together of several pages: a story with others or parts of them behind it, or with
single lines in it that are not of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from cleaner.labels import STORY_IDS
from cleaner.training.data import LabelledPage
from cleaner.training.donors import (
    Donors,
    Line,
    Story,
    choose_story,
    collect_donors,
    story_span,
)
from cleaner.training.views import (
    ARTICLE,
    BOILERPLATE,
    CAPTION,
    HEADLINE,
    RELATED,
    SPONSORED,
    View,
    fold_of,
    labelled_view,
)

WHOLE_STORY = 0.04
"""Chance that a teaser is most of its story: some pages hold several stories, one after another."""

STORIES, MAX_STORY_BLOCKS = (1, 3), 30
"""Whole stories behind another one, and the most blocks of each."""

APPENDED, AHEAD = (2, 9), (2, 12)
"""Pieces of other stories behind a story, and before it."""

BLURB = 0.4
"""Chance that a blurb stands behind such a piece."""

INSERTED = (1, 6)
"""Places of a story at which something is put into it."""

MAX_AROUND = 20
"""The most blocks before and behind a story that are left of its page."""

WRITTEN, SEVERAL = 0.5, 0.2
"""Chances that what is put into a story was written for it, and that it is of several lines."""

INSERTED_LABELS = {SPONSORED: 0.35, BOILERPLATE: 0.3, RELATED: 0.2, CAPTION: 0.15}
"""How often a line of another page that is put into a story has each label."""

SMALL, SMALL_STORY = 0.3, (3, 12)
"""Chance that a story with lines in it is cut to its first paragraphs, and to how many."""

NO_HEADLINE = 0.15
"""Chance that the headline of a page that is put together is missing."""


def composed_views(
    pages: Sequence[LabelledPage],
    counts: Mapping[str, int],
    *,
    others: Sequence[LabelledPage] = (),
    seed: int = 0,
    folds: int = 1,
) -> list[View]:
    """Render each page with a story so many times as each kind of `counts`, with pieces of other
    pages in it: "appended", "endless", "ahead" and "inserted", in page order.

    What is put into a page comes from pages of the same of `folds` folds, so that cross-fitting
    sees no text twice; and from `others`, pages that sell and lines that were written, which are
    not rendered. The same seed gives the same views.
    """
    donors = donors_by_fold(pages, others, folds)
    result = []
    for page in pages:
        if not (page.html and page.has_story):
            continue
        for kind, count in counts.items():
            for n in range(count):
                name = f"{seed} {n} {page.id}" + ("" if kind == "appended" else f" {kind}")
                found = KINDS[kind](page, donors[fold_of(page.site, folds)], random.Random(name))
                if found:
                    result.append(labelled_view(page, kind, found))
    return result


def donors_by_fold(
    pages: Sequence[LabelledPage], others: Sequence[LabelledPage], folds: int
) -> list[Donors]:
    """What the pages of each fold have to give."""
    by_fold: list[list[LabelledPage]] = [[] for _ in range(folds)]
    for page in [*pages, *others]:
        by_fold[fold_of(page.site, folds)].append(page)
    return [collect_donors(fold) for fold in by_fold]


def written_views(written: Sequence[LabelledPage], *, seed: int = 0) -> list[View]:
    """Render each line that was written for training as a page of its own."""
    views = []
    for page in written:
        rng = random.Random(f"{seed} {page.id}")
        lines = [(fill(text, rng.choice(_SITES), rng), label) for text, label in page.paragraphs]
        views.append(labelled_view(page, "written", lines))
    return views


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
_SITES = ("Harbour Courier", "The Ledger", "Anzeiger", "La Tribuna", "Le Relais", "Dagbladet Nord",
          "Kurier", "City Times", "Field Notes", "Mittwochspost")  # fmt: skip
_PLACES = ("Aarlund", "Bad Weiler", "Corvale", "Dunmore", "Estrela", "Farsund", "Galway", "Hanau",
           "Leiria", "Nagoya", "Port Elm", "Saint-Rémy", "Torún", "Wexcombe")  # fmt: skip


def append_stories(page: LabelledPage, donors: Donors, rng: random.Random) -> list[Line]:
    """The story of a page with pieces of other pages behind it, mostly without a border; nothing
    where there are none."""
    stories = donors.stories_beside(page)
    if not stories:
        return []
    lines = _story_lines(page, rng)
    lines += _border(page, rng)
    return lines + _teasers(page, donors, stories, rng.randint(*APPENDED), rng)


def _teasers(
    page: LabelledPage, donors: Donors, stories: Sequence[Story], count: int, rng: random.Random
) -> list[Line]:
    """Pieces of other stories, with blurbs and boxes of links between them."""
    lines: list[Line] = []
    for _ in range(count):
        lines += _teaser(choose_story(stories, page.site, 0.3, rng), rng)
        if rng.random() < BLURB and (blurb := _blurb(page, donors, stories, rng)):
            lines += [(blurb, SPONSORED)]
        if donors.related[page.language] and rng.random() < 0.1:
            box = rng.choice(donors.related[page.language])
            lines += [(t, RELATED) for t in box[: rng.randint(1, 6)]]
    return lines


def _blurb(page: LabelledPage, donors: Donors, stories: Sequence[Story], rng: random.Random) -> str:
    """A pitch of another page or one written for it, or some news with such a one at its end, as
    those of podcasts and sponsors tell theirs; empty where there is none."""
    found, written = donors.sponsored[page.language], donors.pitches[page.language]
    if not written or (found and rng.random() < 0.5):
        return rng.choice(found) if found else ""
    pitch = fill(rng.choice(written), site_name(page), rng)
    if rng.random() < 0.5:
        return pitch
    news = rng.choice(found) if found and rng.random() < 0.5 else rng.choice(stories).lead[0]
    return f"{news} {pitch}"


def _story_lines(page: LabelledPage, rng: random.Random) -> list[Line]:
    """The story with the small parts around it that an extractor would have kept."""
    lines: list[Line] = []
    first, last = story_span(page.paragraphs)
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


def _border(page: LabelledPage, rng: random.Random) -> list[Line]:
    if rng.random() < 0.5:
        return []
    border = rng.choice(_BORDERS.get(page.language, _BORDERS["en"]))
    return [(border.format(site=page.site, name=site_name(page)), RELATED)]


def _teaser(story: Story, rng: random.Random) -> list[Line]:
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


def follow_with_stories(page: LabelledPage, donors: Donors, rng: random.Random) -> list[Line]:
    """A page, or its story alone, with whole other stories behind it, each with what stands around
    it; nothing where there are none."""
    stories = donors.stories_beside(page)
    if not stories:
        return []
    if rng.random() < 0.5:
        lines = _story_lines(page, rng)
        behind: Sequence[Line] = ()
    else:
        _, last = story_span(page.paragraphs)
        end = last + 1 + rng.randint(0, MAX_AROUND)
        lines, behind = [*page.paragraphs[:end]], page.paragraphs[end:]
    for _ in range(rng.randint(*STORIES)):
        blocks = choose_story(stories, page.site, 0.5, rng).blocks
        lines += blocks[: rng.randint(MAX_STORY_BLOCKS // 4, MAX_STORY_BLOCKS)]
    return _without_headline([*lines, *behind], rng)


def precede_with_teasers(page: LabelledPage, donors: Donors, rng: random.Random) -> list[Line]:
    """The story of a page, with or without what stands around it, and pieces of other pages before
    it; nothing where there are none."""
    stories = donors.stories_beside(page)
    if not stories:
        return []
    lines = _story_lines(page, rng) if rng.random() < 0.5 else _around_story(page, rng)
    ahead = _teasers(page, donors, stories, rng.randint(*AHEAD), rng)
    return _without_headline([*ahead, *lines], rng)


def insert_lines(page: LabelledPage, donors: Donors, rng: random.Random) -> list[Line]:
    """The story of a page, with or without what stands around it, and between its paragraphs lines
    of other pages and such as were written for it."""
    lines = _story_lines(page, rng) if rng.random() < 0.5 else _around_story(page, rng)
    lines = _without_headline(lines, rng)
    places = [i for i, (_, label) in enumerate(lines, 1) if label == ARTICLE]
    if rng.random() < SMALL:
        places = places[: rng.randint(*SMALL_STORY)]
        of_story = (*STORY_IDS, CAPTION)
        lines = [
            line for i, line in enumerate(lines, 1) if line[1] not in of_story or i <= places[-1]
        ]
        places = [i for i, (_, label) in enumerate(lines, 1) if label == ARTICLE]
    chosen = rng.choices(places, k=rng.randint(*INSERTED))
    for place in sorted(chosen, reverse=True):
        lines[place:place] = draw_lines(page, donors, rng)
    return lines


def draw_lines(page: LabelledPage, donors: Donors, rng: random.Random) -> list[Line]:
    """A line to be put into the story of a page, or several; none where there are none."""
    count = rng.randint(2, 3) if rng.random() < SEVERAL else 1
    written, found = donors.written[page.language], donors.found[page.language]
    if written and rng.random() < WRITTEN:
        site = site_name(page)
        return [(fill(text, site, rng), label) for text, label in rng.choices(written, k=count)]
    labels = [label for label in INSERTED_LABELS if found[label]]
    if not labels:
        return []
    (label,) = rng.choices(labels, [INSERTED_LABELS[label] for label in labels])
    return [(text, label) for text in rng.choices(found[label], k=count)]


def fill(text: str, site: str, rng: random.Random) -> str:
    """Put names into the places that a written line has for them."""
    name, place = rng.choice(_NAMES), rng.choice(_PLACES)
    for slot, value in (("{site}", site), ("{name}", name), ("{place}", place)):
        text = text.replace(slot, value)
    return text


def site_name(page: LabelledPage) -> str:
    """What a site may be called, from its domain."""
    return page.site.split(".")[0].replace("-", " ").title()


def _around_story(page: LabelledPage, rng: random.Random) -> list[Line]:
    """The story with some of what stands before and behind it."""
    first, last = story_span(page.paragraphs)
    before, behind = rng.randint(0, MAX_AROUND), rng.randint(0, MAX_AROUND)
    return [*page.paragraphs[max(first - before, 0) : last + 1 + behind]]


def _without_headline(lines: list[Line], rng: random.Random) -> list[Line]:
    """The lines, now and then without the headline, as some programs leave it out."""
    if rng.random() >= NO_HEADLINE:
        return lines
    return [line for line in lines if line[1] != HEADLINE]


KINDS: Mapping[str, Callable[[LabelledPage, Donors, random.Random], list[Line]]] = {
    "appended": append_stories,
    "endless": follow_with_stories,
    "ahead": precede_with_teasers,
    "inserted": insert_lines,
}
