"""Whole pages of the kinds that are easily got wrong (README.md), ours and shared ones: how they
are split, and what of them is the story."""

import json
from pathlib import Path

import pytest

from cleaner.labels import ID, STORY_IDS
from cleaner.pages import Page, split_page
from cleaner.training.align import carry_labels
from cleaner.training.views import word_counts

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "cases"
SHARED_KINDS = ("hidden-", "inline-", "shift-jis", "utf8-")

STORY_KINDS = ("bio-", "captions-", "comments", "cookies-", "feature-", "flat-p", "listicle",
               "liveblog", "pitches-", "russian-", "several-")  # fmt: skip
"""Shared pages on which a story is mixed with what is none of it. Their labels are not of the very
blocks that we split a page into."""

RIGHT_WITHIN = 0.02
"""Share of wrong and of missing words up to which a page is right."""

ON_SHARED_PAGES = {
    "shift-jis": ("©", "?"),  # its charset has no such sign
    "utf8-one-bad-byte": ("Library board", "Caf\ufffd opens, library board"),
}
"""What stands in the labels of shared pages, and what in the pages."""

MISLABELLED = {
    "br-body-japanese.html": "a notice of copyright counts as sponsored",
    "br-poem.html": "what a frame costs counts as sponsored",
    "charset-euc-jp.txt": "a paragraph counts as of another kind than the story",
    "charset-iso-2022-jp-undeclared.txt": "a paragraph counts as of another kind than the story",
    "charset-iso-2022-jp.html": "a notice of copyright counts as sponsored",
    "charset-windows-1252-undeclared.html": "a sentence with a price counts as sponsored",
    "twice-mobile-and-desktop.html": "a short sentence counts as caption",
}
"""What the packaged models get wrong, so that a better model is noticed: short pages tell little of
what surrounds a sentence, and what it says decides."""


NOT_RIGHT = {
    "bio-and-notices.html": "a biography and a print note are kept",
    "bio-and-notices.txt": "a biography and a print note are kept",
    "captions-as-paragraphs.html": "captions are kept",
    "captions-as-paragraphs.txt": "captions are kept",
    "comments.txt": "two comments are kept",
    "comments-disqus.html": "two comments are kept",
    "comments-forum-table.html": "four comments are kept",
    "listicle.txt": "entries of a table of contents and an offer are kept",
    "liveblog.txt": "an explainer is kept, times are dropped",
    "pitches-in-prose.html": "three pitches are kept",
    "pitches-in-prose.txt": "three pitches are kept",
    "several-posts.html": "later posts are kept",
    "several-posts.txt": "later posts are kept",
}
"""Pages of `STORY_KINDS` that the packaged models get wrong, and how."""


def name_of(page):
    return page.name if page else "shared"


def pages_in(folder, kinds=("",)):
    listed = sorted(path.name.removesuffix(".labels.json") for path in folder.glob("*.labels.json"))
    pages = [folder / f"{name}.{kind}" for name in listed for kind in ("html", "txt")]
    return [page for page in pages if page.name.startswith(kinds) and page.exists()]


OURS, OTHERS = pages_in(HERE), pages_in(SHARED, SHARED_KINDS)
MIXED = pages_in(SHARED, STORY_KINDS)
NOT_HERE = pytest.param(None, marks=pytest.mark.skip("needs ../shared/cases, which is not here"))

each_page = pytest.mark.parametrize("page", [*OURS, *(OTHERS or [NOT_HERE])], ids=name_of)


def read(page, ending):
    path = page.with_suffix(f".{ending}.json")
    return json.loads(path.read_text(encoding="utf-8"))


def paragraphs_of(page):
    """The paragraphs that a page has, each with its label."""
    listed = [(p["text"], p["label"]) for p in read(page, "labels")]
    if page.parent == SHARED and page.stem in ON_SHARED_PAGES:
        listed = [(text.replace(*ON_SHARED_PAGES[page.stem]), label) for text, label in listed]
    if page.parent == SHARED and page.stem == "utf8-cut-in-a-character":
        text, label = listed[-1]  # the next one, a copy of it, is cut and not listed
        listed.append(("8" + text[1 : text.index("üssen")] + "\ufffd", label))
    return listed


@each_page
def test_a_page_is_split_into_its_paragraphs(page):
    assert split_page(Page(page.read_bytes())).texts == [text for text, _ in paragraphs_of(page)]


@each_page
def test_its_paragraphs_get_their_labels(cleaner, request, page):
    if page.name in MISLABELLED:
        request.applymarker(pytest.mark.xfail(reason=MISLABELLED[page.name], strict=True))
    document = cleaner.label(page)
    assert list(zip(document.texts, document.labels, strict=True)) == paragraphs_of(page)


@pytest.mark.parametrize("page", MIXED or [NOT_HERE], ids=name_of)
def test_the_story_is_told_from_what_it_is_mixed_with(cleaner, request, page):
    if page.name in NOT_RIGHT:
        request.applymarker(pytest.mark.xfail(reason=NOT_RIGHT[page.name], strict=True))
    document = cleaner.label(page)
    listed = [(p["text"], ID[p["label"]]) for p in read(page, "labels")]
    labels = carry_labels(document.texts, listed)
    kept = [ID[label] in STORY_IDS for label in document.labels]
    rows = [
        (words, label in STORY_IDS, keeps)
        for words, label, keeps in zip(word_counts(document.texts), labels, kept, strict=True)
        if label is not None
    ]
    wrong = sum(words for words, of_story, keeps in rows if keeps and not of_story)
    missing = sum(words for words, of_story, keeps in rows if of_story and not keeps)
    assert wrong <= RIGHT_WITHIN * sum(words for words, _, keeps in rows if keeps)
    assert missing <= RIGHT_WITHIN * sum(words for words, of_story, _ in rows if of_story)


@pytest.mark.parametrize(
    "page", [page for page in OURS if page.with_suffix(".document.json").exists()], ids=name_of
)
def test_what_else_comes_out(cleaner, page):
    document, expected = cleaner.label(page), read(page, "document")
    found = {"title": document.title, "text": document.text().split("\n\n")}
    assert {name: found[name] for name in expected} == expected


def test_every_kind_has_cases():
    kinds = [page.name.split("-")[0] for page in OURS]
    for kind in ("hidden", "charset", "whole", "pre", "br", "flat", "twice", "title"):
        assert kinds.count(kind) >= 3, kind
