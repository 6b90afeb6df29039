"""Pages that hold far more than any article: read all the same, or failed, in time and memory."""

import json
import subprocess
import sys

import numpy as np
import pytest
import trafilatura
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner import LABELS, Document, Page, PageError
from cleaner.metadata.declared import Declared, read_declared
from cleaner.pages import split_page
from cleaner.pages.bounds import (
    MAX_ATTRIBUTES,
    MAX_ELEMENTS,
    MAX_PARAGRAPHS,
    MAX_SEARCHED,
    TITLE_CHARS,
)

HOSTILE = {
    "attributes": "'<p' + ''.join(f' a{i}=1' for i in range(100_000)) + '>'",
    "attributes without values": "'<p' + ''.join(f' a{i}' for i in range(100_000)) + '>'",
    "attributes that hold tags": "'<p' + ''.join(f' a{i}=\"<b>\"' for i in range(60_000)) + '>'",
    "attributes with odd names": "'<p' + ''.join(f' {{a{i}<\"=1' for i in range(60_000)) + '>'",
    "attributes behind others": "'<p =\"><p b=\">\"' + ''.join(f' a{i}' for i in range(90_000))",
    "end tags": "'</div>' * 300_000",
    "roots": "'<html a=b><head><body class=x>' * 30_000",
    "frames": "'<frameset><frame>' * 30_000",
    "ends": "'</html><p>x' * 30_000",
    "titles": "'<title>x</title>' * 50_000",
    "a title": "'<title>' + 'word - ' * 500_000 + '</title>'",
    "headings in headings": "'<h1>' * 2000 + '<img>' * 60_000",
    "titles in titles": "'<h2 class=title>' * 2000 + 'x' * 3_000_000",
    "comments": "'<!-- --!> <!-- x -->' * 60_000",
    "open comments": "'<!--' * 100_000",
    "CDATA": "'<![CDATA[' * 100_000",
    "instructions": "'<?php <? x ?>' * 60_000",
    "entities": "'&amp;&eacute;&foo&#1;' * 60_000",
    "zeros": "'&#' + '0' * 1_000_000",
    "deep": "'<div class=\"a b\">' * 60_000",
    "deep inlines": "'<b><i class=x>y' * 40_000",
    "links": "'<a href=x><p>y' * 40_000",
    "foreign": "'<svg><math><mi>x' * 30_000",
    "brackets": "'<' * 300_000",
    "JSON, deep": "'<script type=\"application/ld+json\">' + '[' * 500_000",
    "JSON, long": "'<script type=\"application/ld+json\">[' + '{},' * 100_000 + '{}]</script>'",
    "JSON, often": "'<script type=\"application/ld+json\">{}</script>' * 20_000",
    "high bytes": "b'\\xff\\xfe\\x81 ' * 300_000",
    "broken UTF-8": "'<p>日本'.encode() * 60_000 + b'\\xff'",
    "emoji": "'<p>\\U0001f600\\ud83d' * 60_000",
}
"""Pages as expressions, which a shell line could hold."""

LABEL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_DATA, (900_000_000, 900_000_000))
from cleaner import LABELS, Document, Page, PageError
from cleaner.pages import split_page
for name, page in eval(sys.stdin.read()).items():
    print(name, flush=True)
    try:
        split_page(Page(eval(page), "html"))
    except PageError:
        pass
"""


def test_hostile_pages_end():
    """In a process of its own, so that a page that hangs fails and does not block."""
    done = subprocess.run(
        [sys.executable, "-c", LABEL],
        input=repr(HOSTILE),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, (done.stdout[-100:], done.stderr)


@pytest.mark.parametrize(
    ("page", "kind", "reason"),
    [
        ("a\n" * (MAX_PARAGRAPHS + 1), "text", "1,000,001 paragraphs"),
        ("<br>" * (MAX_ELEMENTS + 1), "html", "1,000,001 elements"),
        ("<p" + "".join(f" a{n}" for n in range(40_000)) + ">x", "html", "40,000 attributes"),
    ],
)
def test_what_is_too_much_is_said(page, kind, reason):
    with pytest.raises(PageError, match=f"^holds {reason}.*; at most "):
        split_page(Page(page, kind))


def test_as_many_attributes_as_may_be_are_read():
    tag = "<p" + "".join(f" a{n}=1" for n in range(MAX_ATTRIBUTES)) + " >one"
    assert split_page(Page(tag + "<p>two", "html")).texts == ["one", "two"]


def test_titles_are_bounded_and_the_text_is_not():
    page = f"<title>{'Title ' * 9999}</title><p>one<p>two"
    found = split_page(Page(page, "html"))
    assert found.texts == ["one", "two"]
    assert found.markup.titles == (("Title " * 9999)[:TITLE_CHARS].strip(),)


@pytest.mark.parametrize("blocks", [9, 3000])
def test_a_story_in_json_is_searched_as_long_as_there_are_few_blocks(blocks):
    body = "The wall fell on Monday. " * 40_000
    script = f"<script type='application/ld+json'>{json.dumps({'articleBody': body})}</script>"
    found = split_page(Page(script + "<p>x" * blocks, "html")).markup.body
    assert body.startswith(found)
    assert len(found) == min(len(body), MAX_SEARCHED // blocks)


def test_of_a_huge_page_the_author_in_its_head_is_read():
    page = "<title>The wall fell</title><meta name=author content='Ada Lind'><h1>Another</h1>"
    for filling in ("", "<p>x" * 50_000):
        assert split_page(Page(page + filling, "html")).title == "The wall fell"
        assert read_declared(page + filling).authors == ("Ada Lind",)


def test_where_trafilatura_stumbles_what_is_declared_is_read(monkeypatch):
    def stumble(*_args, **_options):
        raise ValueError("Growing nodeset hit limit")

    monkeypatch.setattr(trafilatura, "extract_metadata", stumble)
    page = "<title>The wall</title><meta name=author content='Ada Lind'><p>It fell"
    assert read_declared(page) == Declared(authors=("Ada Lind",))


NAMES = st.text(st.sampled_from("a é\ud83d\ude00\udfff\ud800\n<p>"), max_size=12)


@settings(deadline=None)
@given(NAMES, NAMES, st.sampled_from(["utf-16", "utf-8", "utf-7"]))
def test_all_that_is_read_can_be_written(text, name, charset):
    said = json.dumps({"@type": "NewsArticle", "author": {"name": name}, "headline": name})
    script = f"<script type='application/ld+json'>{said}</script>"
    page = f"<title>{name}</title><meta property=og:title content='{name}'>{script}<p>{text}"
    for source in (page, page.encode(charset, "surrogatepass")):
        for kind in ("text", "html"):
            try:
                found = split_page(Page(source, kind))
            except PageError:  # a text of halves alone is in no charset
                assert kind == "text"
                continue
            scores = np.eye(len(LABELS), dtype=np.float32)[np.zeros(len(found.texts), int)]
            document = Document(found.texts, scores, title=found.title, source=source)
            metadata = document.metadata
            read = [*found.texts, *(metadata.pop("tags") or ()), *metadata.values()]
            if found.markup:
                read += [*found.markup.titles, found.markup.body]
            "".join(filter(None, read)).encode()
