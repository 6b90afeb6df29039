"""HTML views put together of several pages: as `test_compose`, in elements."""

from collections import Counter

import pytest
from made_up_pages import (
    ARTICLE,
    HEADLINE,
    RELATED,
    SPONSORED,
    behind_what,
    lines_of,
    make_captioned_page,
    make_line,
    make_offers,
    make_page,
    source_of,
)

from cleaner.training.compose import site_name
from cleaner.training.compose_html import VIEWS, composed_html_views, written_html_views
from cleaner.training.data import read_pages
from cleaner.training.views import fold_of, html_views

FOLDS = 2
PAGES = [make_page(n) for n in range(20)] + [make_page(n, html=False) for n in range(20, 24)]
WRITTEN = [make_line(n, label) for n, label in enumerate((SPONSORED, ARTICLE, RELATED) * 4)]
OTHERS = [*WRITTEN, *(make_offers(n) for n in range(30, 36))]
SITES = {page.id: page.site for page in (*PAGES, *OTHERS)}
NAMES = {"home", "menu", "story", "title", "byline", "text", "ad", "ask", "more", "letter"}
"""The classes and ids of the made-up pages."""


@pytest.fixture(scope="module")
def views():
    return composed_html_views(PAGES, others=OTHERS, folds=FOLDS)


def names_of(view):
    return {name for _, values in view.markup.elements.kinds for v in values for name in v.split()}


def test_each_page_with_a_story_in_html_is_rendered_as_each_kind(views):
    count = Counter((view.page, view.kind) for view in views)
    assert {page for page, _ in count} == {page.id for page in PAGES[:20]}
    assert all(count[page, kind] <= VIEWS[kind] for page, kind in count)
    assert {kind for _, kind in count} == VIEWS.keys()
    assert count.total() > 90
    for view in views:
        assert view.source == view.kind
        assert len(view.texts) == len(view.labels) == len(view.markup.blocks.element)
        assert min(view.labels) >= 0


def test_all_that_is_put_into_a_page_is_of_its_fold(views):
    kinds = Counter()
    for view in views:
        for text, label, source in lines_of(view):
            if source is None:
                assert (view.kind, label) == ("bare", RELATED), text
            else:
                assert fold_of(SITES[source], FOLDS) == fold_of(view.site, FOLDS), text
                kinds[view.kind, source == view.page, source.rstrip("0123456789")] += 1
    for kind in ("inserted", "bare"):
        assert {(kind, True, "page"), (kind, False, "page"), (kind, False, "line")} <= kinds.keys()
    assert {key[1:] for key in kinds if key[0] == "endless"} == {(True, "page"), (False, "page")}


def test_the_story_keeps_its_order_and_its_labels(views):
    lengths = Counter()
    for view in views:
        page = PAGES[int(view.page.removeprefix("page"))]
        story = [text for text, label in page.paragraphs if label == ARTICLE]
        found = [text for text, _, source in lines_of(view) if text in story]
        lengths[len(found)] += 1
        assert found == story[: len(found)]
        own = dict(page.paragraphs) | {page.title: HEADLINE}
        own_lines = [
            line[:2]
            for line in lines_of(view)
            if line[2] == page.id and not line[0].startswith("News: ")
        ]
        assert own_lines == [(text, own[text]) for text, _ in own_lines]
    assert lengths[6] > len(views) / 2  # of small pages some paragraphs are left


def test_stories_of_others_are_related_links(views):
    whole = Counter()
    for view in views:
        parts = Counter()
        for text, label, source in lines_of(view):
            if source != view.page and text.startswith(("Story of page", "The harbour gate of")):
                assert label == RELATED
                parts[source] += 1
        whole[view.kind] += 7 in parts.values()
    assert whole["endless"] > 5
    assert whole["inserted"] == 0


def test_lines_are_put_behind_paragraphs_of_the_story():
    sites = [f"{n}.example" for n in range(30)]  # of both folds
    pages = [make_captioned_page(n + 50, site) for n, site in enumerate(sites)]
    views = composed_html_views([*PAGES, *pages], others=OTHERS, folds=FOLDS)
    some = [view for view in views if view.site in sites and view.kind == "inserted"]
    whole = [view for view in some if "Part 4" in " ".join(view.texts)]  # small ones may lack it
    assert {text[:6] for text in behind_what(whole)} == {f"Part {n}" for n in "1234"}


def test_slots_of_written_lines_are_filled(views):
    for view in views:
        name = site_name(PAGES[int(view.page.removeprefix("page"))])
        for text, _, source in lines_of(view):
            assert "{" not in text
            assert not (source or "").startswith("line") or f" of {name} you know what " in text


def test_elements_of_lines_tell_at_times_what_they_are(views):
    names = [names_of(view) for view in views if view.kind == "inserted"]
    assert NAMES in names  # as they were
    assert any(some > NAMES for some in names)
    assert set() in names
    assert any(some and not some & NAMES for some in names)  # as builds of style sheets make them


def test_bare_views_are_paragraphs_and_headings(views):
    tags = Counter()
    for view in (view for view in views if view.kind == "bare"):
        assert not names_of(view)
        kinds, element = view.markup.elements, view.markup.blocks.element
        of_blocks = [kinds.kinds[kinds.kind[n]][0] for n in element]
        for tag, label in zip(of_blocks, view.labels, strict=True):
            tags[tag, label == HEADLINE] += 1
        assert {tag for tag, _ in kinds.kinds} <= {"html", "body", "p", "h1", "h2"}
    assert tags.keys() == {("p", False), ("p", True), ("h1", True), ("h2", True)}


def test_the_same_seed_gives_the_same_views(views):
    def texts(views):
        return [(view.texts, view.labels, view.markup.elements.kinds) for view in views]

    again = composed_html_views(PAGES, others=OTHERS, folds=FOLDS, jobs=2)
    assert texts(again) == texts(views)
    other = composed_html_views(PAGES, others=OTHERS, folds=FOLDS, seed=1)
    assert texts(other) != texts(views)


def test_stories_of_the_seeds_keep_their_order(request):
    pages = [p for p in read_pages([request.config.rootpath / "seeds"]) if p.html and p.has_story]
    views = composed_html_views(pages, others=WRITTEN)
    assert {view.kind for view in views} == VIEWS.keys()
    stories = {view.page: long_paragraphs(view) for view in html_views(pages)}
    for view in views:
        own = stories[view.page]
        found = [text for text in long_paragraphs(view) if text in own]
        assert found == own[: len(found)] != []


def long_paragraphs(view):
    """Those of the story that stand once on their page."""
    pairs = zip(view.texts, view.labels, strict=True)
    return [text for text, label in pairs if label == ARTICLE and len(text) > 60]


def test_a_written_line_is_a_paragraph_of_its_own():
    views = written_html_views(WRITTEN)
    assert [(view.page, view.kind) for view in views] == [(page.id, "written") for page in WRITTEN]
    for view, page in zip(views, WRITTEN, strict=True):
        assert view.labels == [page.paragraphs[0][1]]
        assert source_of(*view.texts) == page.id
        assert "{" not in view.texts[0]
        assert not names_of(view)
