from collections import Counter
from dataclasses import replace

import pytest

from cleaner.labels import ID
from cleaner.training.data import LabelledPage, read_pages
from cleaner.training.inserted import INSERTED_KINDS, inserted_views
from cleaner.training.sentences import SENTENCES
from cleaner.training.views import html_view, whole_view

ARTICLE = ID["article"]
PROSE = [
    f"Paragraph {n} has more words than a heading would have, so that it is prose {n}."
    for n in "12345"
]


def page(prose=PROSE, language="en", id="a", html=None):
    texts = ["Menu", "A headline", *prose, "A heading", "Imprint"]
    labels = [5, 0, *[ARTICLE] * len(prose), ARTICLE, 5]
    html = html or "".join(f'<p class="c{n}">{text}</p>' for n, text in enumerate(texts))
    paragraphs = tuple(zip(texts, labels, strict=True))
    return LabelledPage(id, "s", language, "article", "", html, paragraphs, "", "html")


def sentences_of(views):
    return [view.texts[view.sentence] for view in views]


@pytest.mark.parametrize(
    ("language", "count"), [("en", 34), ("de", 20), ("es", 12), ("fr", 12), ("ja", 8), ("zh", 8)]
)
def test_sentences_are_paragraphs_of_their_own(language, count):
    sentences = SENTENCES[language]
    assert len({sentence.text for sentence in sentences}) == count
    for sentence in sentences:
        assert sentence.label not in (ID["headline"], ARTICLE)
        assert sentence.elements
        assert language in ("ja", "zh") or 8 <= len(sentence.text.split()) <= 35


def test_a_sentence_stands_at_three_places_of_the_prose():
    views = inserted_views([page()])
    assert Counter(view.kind for view in views) == dict.fromkeys(INSERTED_KINDS, 3)
    for kind in INSERTED_KINDS:
        some = [view for view in views if view.kind == kind]
        assert [view.texts[view.sentence - 1] for view in some] == [PROSE[1], PROSE[2], PROSE[3]]
        assert len({*sentences_of(some)}) == 3
    assert len({*sentences_of(views)}) == 3


def test_all_else_is_as_it_was(request):
    seeds = read_pages([request.config.rootpath / "seeds"])
    pages = {p.id: p for p in seeds if p.html and p.type == "article"}
    views = inserted_views([*pages.values()])
    assert len({view.page for view in views}) > 2
    for view in views:
        one = pages[view.page]
        before = (whole_view if INSERTED_KINDS[view.kind] == "whole" else html_view)(one)
        texts, labels = [*view.texts], [*view.labels]
        del texts[view.sentence]
        assert labels.pop(view.sentence) not in (ID["headline"], ARTICLE)
        assert (texts, labels) == (before.texts, before.labels)


def test_classes_tell_in_one_kind_of_html_alone():
    bare, told = (
        [view for view in inserted_views([page()]) if view.kind == kind]
        for kind in ("inserted bare html", "inserted html")
    )
    for view in bare:
        kinds, element = view.markup.elements, view.markup.blocks.element
        own, before = (kinds.kind[element[view.sentence - n]] for n in (0, 1))
        assert own == before
    known = {value for _, values in html_view(page()).markup.elements.kinds for value in values}
    for view in told:
        there = {value for _, values in view.markup.elements.kinds for value in values}
        assert there - known


def test_sentences_go_round():
    pages = [page(id=f"page {n}") for n in range(12)]
    count = Counter(sentences_of(inserted_views(pages)))
    assert len(count) == len(SENTENCES["en"])
    assert {*count.values()} == {3, 6}
    assert sentences_of(inserted_views(pages[::-1])) == sentences_of(inserted_views(pages))
    assert sentences_of(inserted_views(pages, jobs=2)) == sentences_of(inserted_views(pages))


@pytest.mark.parametrize(
    "one",
    [
        page(PROSE[:2]), page(language="ko"), replace(page(), html=""),
        page(html="<br>".join(PROSE)), page(html="<p>Another page.</p>"),
    ],
    ids=["short", "other language", "text", "no elements", "no story"],
)  # fmt: skip
def test_pages_that_get_none(one):
    assert inserted_views([one]) == []
