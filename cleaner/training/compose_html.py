"""HTML views put together of several pages: lines put into the story's element or beside it,
another story's element behind it, classes taken away; and text views as bare HTML."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from html import escape

from cleaner.labels import ID
from cleaner.training import tree
from cleaner.training.compose import KINDS, donors_by_fold, draw_lines, written_views
from cleaner.training.data import LabelledPage
from cleaner.training.donors import Donors, Line, choose_story
from cleaner.training.parallel import map_parallel
from cleaner.training.views import (
    ARTICLE,
    HEADLINE,
    PAGES_AT_ONCE,
    View,
    fold_of,
    html_view,
    small_view,
)

VIEWS = {"inserted": 6, "endless": 1, "bare": 2}
"""Views of a page."""

PLACES, STORIES = (1, 4), (1, 2)
"""Places at which lines are put into a story, and stories that are put behind one."""

TELLING, SMALL, NAMELESS, HASHED = 0.4, 0.3, 0.35, 0.15
"""Chances that what is put into a page stands in an element whose class tells what it is, that a
page is made small, and that its names are taken away or hashed."""

BARE_HEADING = 0.6
"""Chance that the headline of bare HTML is a heading."""

CLASSES = {
    ID["sponsored"]: ("newsletter-box", "signup", "promo", "donate-banner", "ad-text", "cta",
                      "subscribe-inline", "partner-content", "shop-box", "app-teaser"),
    ID["boilerplate"]: ("author-bio", "article-footer", "notice", "copyright", "paywall-info",
                        "comment", "byline", "cookie-hint", "meta", "correspondent"),
    ID["related-links"]: ("related", "read-more", "teaser", "more-on-this", "recommended-inline"),
    ID["caption"]: ("caption", "image-credit", "photo-text", "wp-caption-text", "media-legend"),
    ID["article"]: ("text", "article-text", "body-copy", "content"),
}  # fmt: skip
"""Classes of elements that such lines stand in, by label."""


def composed_html_views(
    pages: Sequence[LabelledPage],
    *,
    others: Sequence[LabelledPage] = (),
    seed: int = 0,
    folds: int = 1,
    jobs: int = 1,
) -> list[View]:
    """Render each page with HTML and a story as HTML views of each of `VIEWS`, together and in page
    order. What is put into it comes from where `compose.composed_views` takes it, and the same seed
    gives the same views."""
    chosen = [page for page in pages if page.html and page.has_story]
    by_fold: list[dict[str, LabelledPage]] = [{} for _ in range(folds)]
    for page in chosen:
        by_fold[fold_of(page.site, folds)][page.id] = page
    render = partial(_views, donors_by_fold(pages, others, folds), by_fold, seed)
    views = map_parallel(render, chosen, jobs, at_once=PAGES_AT_ONCE)
    return [view for page_views in views for view in page_views]


def _views(
    donors: Sequence[Donors],
    by_fold: Sequence[Mapping[str, LabelledPage]],
    seed: int,
    page: LabelledPage,
) -> list[View]:
    fold = fold_of(page.site, len(donors))
    result = []
    for kind, count in VIEWS.items():
        for n in range(count):
            rng = random.Random(f"{seed} {n} {page.id} html {kind}")
            if view := RENDER[kind](page, donors[fold], by_fold[fold], rng):
                view.kind = view.source = kind
                result.append(view)
    return result


def _inserted(
    page: LabelledPage, donors: Donors, _: Mapping[str, LabelledPage], rng: random.Random
) -> View | None:
    places = [i for i, (_, label) in enumerate(page.paragraphs) if label == ARTICLE]
    changed = None
    for place in sorted(rng.choices(places, k=rng.randint(*PLACES)), reverse=True):
        drawn = draw_lines(page, donors, rng)
        lines = [tree.Line(text, label, _elements(label, rng)) for text, label in drawn]
        changed = tree.insert_paragraphs(changed or page, place, lines) or changed
    return None if changed is None else _render(changed, rng)


def _elements(label: int, rng: random.Random) -> tuple[tuple[str, str], ...]:
    """The elements around a line; none where it stands as the story's paragraphs do."""
    if rng.random() >= TELLING or label not in CLASSES:
        return ()
    name = rng.choice(CLASSES[label])
    own = rng.choice((("p", name), ("div", name)))
    return rng.choice(((own,), (("div", name), ("p", "")), (("aside", name), ("p", ""))))


def _endless(
    page: LabelledPage, donors: Donors, pages: Mapping[str, LabelledPage], rng: random.Random
) -> View | None:
    stories = donors.stories_beside(page)
    if not stories:
        return None
    changed = None
    for _ in range(rng.randint(*STORIES)):
        if other := pages.get(choose_story(stories, page.site, 0.6, rng).page):
            changed = tree.append_story(changed or page, other) or changed
    return None if changed is None else _render(changed, rng)


def _render(page: LabelledPage, rng: random.Random) -> View:
    chance = rng.random()
    if chance < NAMELESS:
        page = tree.strip_names(page)
    elif chance < NAMELESS + HASHED:
        page = tree.hash_names(page, rng)
    view = html_view(page)
    return small_view(view, rng) if rng.random() < SMALL else view


def _bare(
    page: LabelledPage, donors: Donors, _: Mapping[str, LabelledPage], rng: random.Random
) -> View | None:
    lines = KINDS[rng.choice([*KINDS])](page, donors, rng)
    if not lines:
        return None
    heading = rng.choice(("h1", "h2")) if rng.random() < BARE_HEADING else "p"
    return _in_paragraphs(page, lines, heading)


def written_html_views(written: Sequence[LabelledPage], *, seed: int = 0) -> list[View]:
    """Render each line that was written for training as an HTML page of its own."""
    lines = zip(written, written_views(written, seed=seed), strict=True)
    return [
        replace(_in_paragraphs(page, [(view.texts[0], view.labels[0])], "p"), kind="written")
        for page, view in lines
    ]


def _in_paragraphs(page: LabelledPage, lines: Sequence[Line], heading: str) -> View:
    """Lines as a page of `<p>`, the headline as `heading`."""
    tags = [heading if label == HEADLINE else "p" for _, label in lines]
    parts = [f"<{tag}>{escape(text)}</{tag}>" for tag, (text, _) in zip(tags, lines, strict=True)]
    html = "\n".join(["<!DOCTYPE html><html><body>", *parts, "</body></html>"])
    return html_view(replace(page, html=html, paragraphs=tuple(lines)))


Render = Callable[[LabelledPage, Donors, Mapping[str, LabelledPage], random.Random], View | None]
RENDER: Mapping[str, Render] = {"inserted": _inserted, "endless": _endless, "bare": _bare}
