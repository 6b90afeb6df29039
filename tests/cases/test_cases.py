"""Whole pages of the kinds that splitting has to get right (README.md), ours and shared ones."""

import json
from pathlib import Path

import pytest

from cleaner.pages import Page, split_page

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "cases"
SHARED_KINDS = ("hidden-", "inline-", "shift-jis", "utf8-")

ON_SHARED_PAGES = {
    "shift-jis": ("©", "?"),  # its charset has no such sign
    "utf8-one-bad-byte": ("Library board", "Caf\ufffd opens, library board"),
}
"""What stands in the labels of shared pages, and what in the pages."""

MISLABELLED = {
    "shift-jis.txt": "related links and pitches count as boilerplate, and a byline as headline",
}
"""What the packaged models get wrong on shared pages, so that a better model is noticed."""


def name_of(page):
    return page.name if page else "shared"


def pages_in(folder, kinds=("",)):
    listed = sorted(path.name.removesuffix(".labels.json") for path in folder.glob("*.labels.json"))
    pages = [folder / f"{name}.{kind}" for name in listed for kind in ("html", "txt")]
    return [page for page in pages if page.name.startswith(kinds) and page.exists()]


OURS, OTHERS = pages_in(HERE), pages_in(SHARED, SHARED_KINDS)
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
