import json
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.pages import Page, split_page
from cleaner.pages.html import metadata, parse


def texts(source, kind="html"):
    return split_page(Page(source, kind)).texts


def letters(texts):
    return "".join(c for text in texts for c in text if c.isalnum())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>One <b>bold</b> <a href=x>link</a>.</p><p>Two</p>", ["One bold link.", "Two"]),
        ("<ul><li>a<li>b<ul><li>c</ul></ul>", ["a", "b", "c"]),
        ("<table><tr><td>1<td>2<tr><td>3</table>", ["1", "2", "3"]),
        ("<p>one<br>two<br><br>three</p>", ["one two", "three"]),
        ("<p><a>Home</a><a>News</a> <b>T</b><i>wo</i></p>", ["Home News Two"]),
        ("<p><span>T</span><span>he</span> wall</p>", ["The wall"]),
        ("before<p>in</p>after", ["before", "in", "after"]),
        ("<div>a<div>b</div>c</div>", ["a", "b", "c"]),
        ("<!doctype html>\n<html lang=en/><head></head><body><p>x</p></body></html>", ["x"]),
        ("<h1>a&#11;b&#x1;c</h1>", ["a b c"]),
        ("<html style='display: none'><body hidden><p>x</p><p hidden>y</p>", ["x"]),
        ("<p>caf&eacute; &amp; bar&nbsp;x</p>", ["café & bar x"]),
        ("<p>seen</p><script>x</script><style>y</style><p hidden>z</p>", ["seen"]),
        ("<p style='display: none'>z</p><p>seen<!-- not --> too</p>", ["seen too"]),
        ("<html><body><p>one</p></body></html><p>two</p>", ["one", "two"]),
        ("<p>one</p></html><!doctype html><HTML><p>two</HTML ><p>three", ["one", "two", "three"]),
        ('<p {{"a"}}>one<p {"=1>two<p {a}b"=1 title=\'&#xFFFE;\'>three', ["one", "two", "three"]),
        ("", []),
        ("<html><body></body></html>", []),
    ],
)
def test_blocks(source, expected):
    assert texts(source) == expected
    assert texts(source.encode()) == expected


def test_seed_pages_split_into_their_labelled_paragraphs(seed_pages):
    for page in seed_pages:
        if page["kind"] == "html":
            blocks = texts(page["html"])
            wanted = [p["text"] for p in page["paragraphs"]]
            assert letters(blocks) == letters(wanted)
            assert sum(block in wanted for block in blocks) > 0.85 * len(blocks)


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
def test_charsets(charset):
    page = f'<html><head><meta charset="{charset}"></head><body><p>Füße, déjà vu</p><p>x</p></body>'
    assert texts(page.encode(charset), "auto" if charset != "utf-16" else "html")[0] == (
        "Füße, déjà vu"
    )


@pytest.mark.parametrize(
    "charset", ["punycode", "idna", "utf-7", "rot13", "hex", "uu", "unicode_escape", "undefined"]
)
def test_a_charset_that_no_browser_knows_is_as_none(charset):
    text = "Die Füße müssen schön bleiben, für Süßes aus Köln. +AGEAYg- 616263 \\x41"
    page = "<html><head>{}</head><body><p>" + text
    declared = f'<meta charset="{charset}">'
    assert texts(page.format(declared).encode("cp1252")) == texts(page.format("").encode("cp1252"))


def test_deep_pages_do_not_overflow():
    assert texts("<div>" * 100_000 + "deep" + "</div>" * 100_000) in (["deep"], [])
    assert texts("<p>first</p>" + "<i>" * 50_000 + "deep")[0] == "first"


def test_markup_says_what_the_page_calls_itself():
    script = json.dumps({"@graph": [{"headline": "The wall", "articleBody": "It fell."}]})
    page = (
        "<html><head><title>The wall - Paper</title><meta property='og:title' content='The wall'>"
        f"<script type='application/ld+json'>{script}</script></head>"
        "<body><p>It <a href='/x'>fell</a>.</p></body></html>"
    )
    markup = split_page(Page(page, "html")).markup
    assert markup.titles == ("The wall - Paper", "The wall")
    assert markup.body == "It fell."


def test_metadata_is_read():
    page = (
        "<html><head><title>T</title><meta name='author' content='Ada Lind'>"
        "<meta property='article:published_time' content='2024-05-01T10:00:00Z'>"
        "<meta property='og:site_name' content='The Paper'></head><body><p>x</p></body></html>"
    )
    assert metadata(page) == {"author": "Ada Lind", "date": "2024-05-01", "site_name": "The Paper"}
    assert metadata("") == {"author": None, "date": None, "site_name": None}


def test_threads_do_not_hear_of_each_others_pages():
    deep = "<div>" * 300 + "<p>deep" * 9
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(texts, [deep, "<p>flat"] * 400))
    finally:
        sys.setswitchinterval(0.005)
    assert found == [["deep"] * 9, ["flat"]] * 400


@given(st.text())
def test_any_text_parses(text):
    for block in texts(text):
        assert block == " ".join(block.split())
        assert block


@given(
    st.lists(st.sampled_from(["<p>", "</p>", "<b>", "</div>", "<div>", "<br>", "word ", "<li>"]))
)
def test_no_word_is_lost_in_broken_markup(parts):
    source = "<html><body>" + "".join(parts)
    assert letters(texts(source)) == letters([p for p in parts if not p.startswith("<")])


def test_parse_of_nothing_is_none():
    assert parse("  \n") is None
    assert parse(b"\0") is None


@pytest.mark.parametrize(
    "nest",
    [
        "<div>" * 260 + "</div>" * 260,
        "<div>" * 5000,
        "<font>" * 999,
        "<h1>x" * 3000,
        "<p><h2>" * 3000,
    ],
)
def test_what_stands_behind_a_deep_nest_is_not_lost(nest):
    tail = [f"Paragraph {n}" for n in range(9)]
    assert texts("<h1>Head</h1>" + nest + "".join(f"<p>{t}</p>" for t in tail))[-9:] == tail
