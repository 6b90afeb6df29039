"""Views put together of several pages: what comes in, from where, and that the story stays."""

from collections import Counter
from dataclasses import replace

import pytest
from made_up_pages import (
    ARTICLE,
    BOILERPLATE,
    CAPTION,
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

from cleaner.labels import STORY_IDS
from cleaner.training.compose import KINDS, composed_views, site_name, written_views
from cleaner.training.data import read_pages
from cleaner.training.views import fold_of

FOLDS = 3
PAGES = [make_page(n) for n in range(14)] + [make_page(n, html=False) for n in range(14, 18)]
WRITTEN = [make_line(n, label) for n, label in enumerate((SPONSORED, ARTICLE, RELATED) * 5)]
OTHERS = [*WRITTEN, *(make_offers(n) for n in range(30, 36))]
SITES = {page.id: page.site for page in (*PAGES, *OTHERS)}
TIMES = {"appended": 6, "endless": 6, "ahead": 6, "inserted": 20}


def compose(pages=PAGES, counts=TIMES, others=OTHERS, seed=0):
    return composed_views(pages, counts, others=others, seed=seed, folds=FOLDS)


@pytest.fixture(scope="module")
def views():
    return compose()


def test_each_page_with_a_story_in_html_is_rendered_so_many_times(views):
    expected = [(page, kind) for page in PAGES[:14] for kind in KINDS for _ in range(TIMES[kind])]
    for view, (page, kind) in zip(views, expected, strict=True):
        assert (view.page, view.kind) == (page.id, kind)
        assert (view.site, view.language, view.type) == (page.site, "en", "article")
        assert len(view.texts) == len(view.labels)
        assert view.has_story
        assert view.markup is None


def test_all_that_is_put_into_a_page_is_of_its_fold(views):
    kinds = Counter()
    for view in views:
        fold = fold_of(view.site, FOLDS)
        for text, label, source in lines_of(view):
            if source is None:
                assert label == RELATED, text  # the name of a box, a credit
            else:
                assert fold_of(SITES[source], FOLDS) == fold, text
                kinds[source == view.page, source.rstrip("0123456789"), label] += 1
    assert {label for own, what, label in kinds if not own and what == "line"} == {
        SPONSORED, ARTICLE, RELATED,
    }  # fmt: skip
    assert {label for own, what, label in kinds if not own and what == "page"} == {
        CAPTION, RELATED, SPONSORED, BOILERPLATE,
    }  # fmt: skip


def test_blurbs_come_from_pages_that_sell(views):
    lines = [line for view in views for line in lines_of(view)]
    assert len({source for text, _, source in lines if text.startswith("Offer")}) == 6


def test_news_with_a_pitch_at_its_end_is_a_blurb(views):
    lines = [(view.kind, *line) for view in views for line in lines_of(view)]
    news = [(kind, label, text) for kind, text, label, _ in lines if text.startswith("News: ")]
    assert {kind for kind, *_ in news} == {"appended", "ahead"}
    assert {label for _, label, _ in news} == {SPONSORED}
    starts = Counter(text.split()[1] for *_, text in news)
    assert starts["Story"] > 5
    assert starts["Offer"] > 5


@pytest.mark.parametrize("kind", KINDS)
def test_the_story_keeps_its_order_and_its_labels(views, kind):
    lengths = set()
    for view in views:
        if view.kind != kind:
            continue
        page = PAGES[int(view.page.removeprefix("page"))]
        story = [text for text, label in page.paragraphs if label == ARTICLE]
        found = [text for text, label, source in lines_of(view) if text in story]
        lengths.add(len(found))
        assert found == story[: len(found)]
        own = dict(page.paragraphs) | {page.title: HEADLINE}
        for text, label, source in lines_of(view):
            if source == view.page and not text.startswith("News: "):
                assert own[text] == label
    assert lengths == ({3, 4, 5, 6} if kind == "inserted" else {6})


def test_stories_of_others_are_related_links(views):
    whole = Counter()
    for view in views:
        of_others = [
            (label, source)
            for text, label, source in lines_of(view)
            if source != view.page and text.startswith(("Story of page", "The harbour gate of"))
        ]
        assert {label for label, _ in of_others} <= {RELATED}
        whole[view.kind] += any(n == 7 for n in Counter(s for _, s in of_others).values())
    assert whole["appended"] > 0
    assert whole["endless"] > 40
    assert whole["inserted"] == 0


@pytest.mark.parametrize("kind", ["appended", "endless"])
def test_other_stories_stand_behind_the_story(views, kind):
    for view in views:
        if view.kind == kind:
            lines = lines_of(view)
            last = max(i for i, (_, label, _) in enumerate(lines) if label == ARTICLE)
            assert {source for *_, source in lines[: last + 1]} == {view.page}
            others = {source for *_, source in lines[last + 1 :]} - {view.page, None}
            assert others
            if kind == "appended":
                after = {label for _, label, _ in lines[last + 1 :]}
                assert after <= {RELATED, SPONSORED}


def test_pieces_of_other_stories_stand_before_the_story(views):
    for view in views:
        if view.kind == "ahead":
            lines = lines_of(view)
            first = min(i for i, (_, label, _) in enumerate(lines) if label in STORY_IDS)
            last = max(i for i, (_, label, _) in enumerate(lines) if label in STORY_IDS)
            assert {source for *_, source in lines[:first]} - {view.page, None}
            assert {source for *_, source in lines[first : last + 1]} == {view.page}


def test_lines_are_put_behind_paragraphs_of_the_story():
    page = make_captioned_page(50)
    views = compose([*PAGES, page], {"inserted": 40})[-40:]
    before = behind_what(views)
    assert before.keys() == {f"Part {n} of page50." for n in "1234"}


def test_slots_of_written_lines_are_filled(views):
    for view in views:
        assert not any("{" in text or "}" in text for text in view.texts)
        name = site_name(PAGES[int(view.page.removeprefix("page"))])
        for text, _, source in lines_of(view):
            if source and source.startswith("line"):
                assert f" of {name} you know what " in text


def test_now_and_then_the_headline_is_missing(views):
    for kind in KINDS:
        assert {HEADLINE in view.labels for view in views if view.kind == kind} == {True, False}
    whole = [view for view in views if view.texts[0].startswith("Menu")]
    assert {HEADLINE in view.labels for view in whole} == {True, False}


def test_the_same_seed_gives_the_same_views(views):
    assert compose() == views
    again = compose(seed=1)
    assert all(one.texts != other.texts for one, other in zip(views[:14], again[:14], strict=True))


def test_a_page_alone_of_its_language_gets_no_stories_but_lines():
    line = make_line(40, language="de")
    views = compose([*PAGES, make_page(20, "de")], others=[])
    assert {view.kind for view in views if view.language == "de"} == {"inserted"}
    folds = [fold_of(f"{n}", FOLDS) for n in range(50)]
    page = make_page(20, "de", site=f"{folds.index(fold_of(line.site, FOLDS))}")
    (*_, view) = compose([page], {"inserted": 40}, others=[line, *WRITTEN])
    assert {*(source for *_, source in lines_of(view))} <= {"page20", "line40"}


def test_stories_of_the_seeds_have_only_others_behind_them(request):
    pages = read_pages([request.config.rootpath / "seeds"])
    views = composed_views(pages, {"appended": 5})
    assert len(views) >= 20
    for view in views:
        last = max(i for i, label in enumerate(view.labels) if label in (HEADLINE, ARTICLE))
        assert {*view.labels[last + 1 :]} <= {RELATED, SPONSORED}


def test_a_written_line_is_a_page_of_its_own():
    views = written_views(WRITTEN)
    assert [view.page for view in views] == [page.id for page in WRITTEN]
    for view, page in zip(views, WRITTEN, strict=True):
        assert (view.kind, view.type, view.markup) == ("written", None, None)
        assert view.labels == [page.paragraphs[0][1]]
        assert "{" not in view.texts[0]
        assert source_of(view.texts[0]) == page.id
    assert written_views(WRITTEN) == views != written_views(WRITTEN, seed=1)
    assert len({view.texts[0].split("know")[0].split("of")[1] for view in views}) > 3
    (view,) = written_views([replace(WRITTEN[0], paragraphs=((" A\nline. ", SPONSORED),))])
    assert view.texts == ["A line."]
