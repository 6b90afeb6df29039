import random
from dataclasses import replace

import pytest

from cleaner.errors import UsageError
from cleaner.labels import STORY_IDS
from cleaner.training.data import read_pages
from cleaner.training.markdown import page_to_markdown
from cleaner.training.views import (
    RELATED,
    flat_views,
    html_views,
    is_real_appended,
    markdown_views,
    small_view,
    text_views,
)


@pytest.fixture(scope="module")
def pages(request):
    return read_pages([request.config.rootpath / "seeds"])


def test_seeds_render_as_every_kind_and_line_up(pages):
    views = [*text_views(pages), *flat_views(pages), *html_views(pages)]
    assert {view.kind for view in views} == {"whole", "extractor", "flat", "appended", "html"}
    for view in views:
        assert len(view.texts) == len(view.labels)
        assert all(view.texts)
        assert not any("\n" in text for text in view.texts)


def test_rendering_again_gives_the_same(pages):
    html = [page for page in pages if page.html][:3]
    assert text_views(html) == text_views(html, jobs=2)


@pytest.mark.parametrize("render", [html_views, markdown_views])
def test_a_view_with_markup_has_a_label_for_nearly_every_block(pages, render):
    for view in render(pages):
        assert len(view.texts) == len(view.labels) == len(view.markup.blocks.element)
        assert sum(label < 0 for label in view.labels) <= 0.02 * len(view.labels)


def test_markdown_has_the_blocks_and_labels_of_html_without_its_classes(pages):
    for html, markdown in zip(html_views(pages), markdown_views(pages), strict=True):
        assert (html.kind, markdown.kind) == ("html", "markdown")
        words = [" ".join(view.texts).split() for view in (html, markdown)]
        assert len(words[1]) == pytest.approx(len(words[0]), rel=0.02)
        assert sorted({*markdown.labels}) == sorted({*html.labels})
        assert not any(values for _, values in markdown.markup.elements.kinds)


def test_real_appended_is_a_tenth_of_other_stories(pages):
    view = text_views(pages[:1])[0]
    view.kind = "extractor"
    view.texts, view.labels = ["a " * 91, "b " * 9], [1, RELATED]
    assert not is_real_appended(view)
    view.texts[1] = "b " * 11
    assert is_real_appended(view)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nonsense", r"bad\.jsonl:2: is no JSON"),
        ('{"paragraphs": []}', r"bad\.jsonl:2: lacks the field 'id'"),
        ('{"id": 1, "paragraphs": [{"text": "a", "label": "odd"}]}', "unknown label 'odd'"),
        ("[1]", "is no labelled page"),
    ],
)
def test_bad_data_names_the_line(tmp_path, line, message):
    path = tmp_path / "bad.jsonl"
    path.write_text('{"id": "a", "body": "x"}\n' + line + "\n")
    with pytest.raises(UsageError, match=message):
        read_pages([path])


def test_missing_data(tmp_path):
    for path in (tmp_path, tmp_path / "none.jsonl"):
        with pytest.raises(UsageError):
            read_pages([path])


def test_a_small_page_keeps_its_order_and_the_beginning_of_its_story(pages):
    for view in html_views(pages):
        small = small_view(view, random.Random(1))
        assert small.kind == "small"
        assert len(small.texts) == len(small.labels) == len(small.markup.blocks.element)
        rest = iter(zip(view.texts, view.labels, strict=True))
        assert all(pair in rest for pair in zip(small.texts, small.labels, strict=True))
        story = [t for t, label in zip(view.texts, view.labels, strict=True) if label in STORY_IDS]
        kept = [t for t, label in zip(small.texts, small.labels, strict=True) if label in STORY_IDS]
        assert kept == story[: len(kept)]
        assert len(small.texts) < len(view.texts)


def test_a_page_that_came_as_markdown_is_that_view_alone(pages):
    html = next(page for page in pages if page.html)
    source = page_to_markdown(html, random.Random(1))
    page = replace(html, html="", markdown=source, kind="markdown")
    (view,) = markdown_views([page])
    assert view.labels.count(-1) <= 0.02 * len(view.labels)
    assert {*view.labels} == {*markdown_views([html])[0].labels}
    assert text_views([page]) == html_views([page]) == []
