import gzip
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from broken_html import TAGS_AND_TEXTS
from documents import document
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_text import text_of

from cleaner import LABELS, Document, UsageError
from cleaner.pages import Page, split_page

DEV = Path(__file__).parents[3] / "shared" / "data" / "dev.jsonl.gz"


def markdown(source, *args, **options):
    return document(source, *args, url="https://e.example/news/a").markdown(LABELS, **options)


def words(text):
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<h1>One</h1><h3>Two</h3><p>a<p>b", "# One\n\n### Two\n\na\n\nb"),
        ("<h2>One<div>a</div><div>b</div><div>c</div></h2>", "One\n\na\n\nb\n\nc"),
        ("<h2>C#</h2>", "## C\\#"),
        ("<p>a <b>b c</b> <i>d</i>, <em>e</em>f", "a **b c** *d*, *e*f"),
        ("<p>a<b> b </b>c<i> </i>d", "a **b** c d"),
        ("<p><b>a <i>b</i></b> <i>c <b>d</b> e</i>", "**a *b*** *c **d** e*"),
        ("<p><strong>a</strong> <b>b</b>", "**a b**"),
        ("<p>这是<b>重点</b>内容", "这是**重点**内容"),
        ('<p>a <a href="b?c=1&amp;d">e <b>f</b></a>!', "a [e **f**](https://e.example/news/b?c=1&d)!"),
        ('<p>Wow!<a href="//f.example/(x)">a]</a>', "Wow\\![a\\]](https://f.example/%28x%29)"),
        ('<p><b>a <a href="/b">c</a> d</b>', "**a [c](https://e.example/b) d**"),
        ('<p><a href="javascript:x()">a</a> <a href="http://[b">b</a> <a>c</a>', "a b c"),
        ('<p><a href="mailto:a@b.example">a</a>', "[a](mailto:a@b.example)"),
        ("<p>use <code>a`b</code> or <code>``c</code>", "use ``a`b`` or ``` ``c ```"),
        ("<p>one<br>two<br>3. three", "one\\\ntwo\\\n3\\. three"),
        ("<p>- a<p># b<p>1) c<p>> d", "\\- a\n\n\\# b\n\n1\\) c\n\n\\> d"),
        ("<p>+ e<p>===<p>- - -<p>1.5 f", "\\+ e\n\n\\===\n\n\\- - -\n\n1.5 f"),
        ("<p>2*3*4 a_b _c_ [d]", "2\\*3\\*4 a_b \\_c\\_ \\[d\\]"),
        ("<p>&lt;e> AT&amp;T &amp;amp; f~g\\", "\\<e> AT&T \\&amp; f\\~g\\\\"),
    ],
)  # fmt: skip
def test_texts(source, expected):
    assert markdown(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<ul><li>a<li>b<ul><li>c</ul><li>d</ul><p>e", "- a\n- b\n  - c\n- d\n\ne"),
        ("<ol><li>a<li value=7>b<li>c</ol>", "1. a\n7. b\n8. c"),
        ("<ol start=9><li>a<li><p>b<p>c</ol>", "9. a\n10. b\n\n    c"),
        ("<ul><li>a<ol start=3><li>b</ol></ul>", "- a\n\n  3. b"),
        ("<ul><li>a</ul><ul><li>b</ul><ol><li>c</ol><ol><li>d</ol>", "- a\n\n* b\n\n1. c\n\n1) d"),
        ("<li>a<li>b", "- a\n- b"),
        (
            "<blockquote>a<p>b<ul><li>c</ul></blockquote><blockquote>d",
            "> a\n>\n> b\n>\n> - c\n\n> d",
        ),
        ("<ul><li><ul><li>a</ul><li><pre>b\n\n c</pre></ul>", "- - a\n\n- ```\n  b\n\n   c\n  ```"),
        ("<pre>x = 1\n\n  y `` ```</pre>", "````\nx = 1\n\n  y `` ```\n````"),
        ('<pre><code class="hljs language-c++">\n  a\n b</code></pre>', "```c++\n  a\n b\n```"),
        ("<pre><div>a</div><div>b</div></pre>", "```\na\nb\n```"),
    ],
)
def test_lists_quotes_and_code(source, expected):
    assert markdown(source) == expected


def test_lists_in_each_other_end_somewhere():
    deep = "".join(f"<ul><li>{n}" for n in range(20))
    assert text_of(markdown(deep)) == " ".join(map(str, range(20)))


TABLE = (
    "<table><caption>C</caption><tr><th>N<th>V<th>W<tr><td>a|b<td><b>1</b><td>x"
    "<tr><td>c<td><p>2<p>3<td>y</table>"
)


def test_tables():
    assert markdown(TABLE) == (
        "C\n\n| N | V | W |\n| --- | --- | --- |\n| a\\|b | **1** | x |\n| c | 2 <br> 3 | y |"
    )


def test_a_table_stays_one_without_some_of_its_cells():
    dropped = {"C", "V", "x", "2", "3", "y", "c"}
    labels = ["sponsored" if text in dropped else "article" for text in document(TABLE).texts]
    expected = "| N |  | W |\n| --- | --- | --- |\n| a\\|b | **1** |  |"
    assert document(TABLE, labels).markdown() == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table>",
         "|  |  |\n| --- | --- |\n| a | b |\n| c | d |"),
        ("<table><thead><tr><td>a<td>b</thead><tr><td>c<td>d</table>",
         "| a | b |\n| --- | --- |\n| c | d |"),
        ("<table><tr><th>a<th colspan=2>b<th>e<tr><td>1<td>2<td>3<td>4</table>",
         "| a | b |  | e |\n| --- | --- | --- | --- |\n| 1 | 2 | 3 | 4 |"),
        ("<table><tr><th>a<th>b<tr><td rowspan=2>1<td>2<tr><td>3</table>",
         "| a | b |\n| --- | --- |\n| 1 | 2 |\n|  | 3 |"),
        ("<ul><li><table><tr><th>a<th>b<tr><td>c<td>d</table></ul>",
         "- | a | b |\n  | --- | --- |\n  | c | d |"),
    ],
)  # fmt: skip
def test_cells_stand_in_their_columns(source, expected):
    assert markdown(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "<table><tr><td>a<td>b</table>",
        "<table><tr><td>a<tr><td>b</table>",
        "<table><tr><td>a<td><h2>b</h2><tr><td>c<td>d</table>",
        "<table role=presentation><tr><td>a<td>b<tr><td>c<td>d</table>",
        "<table><tr><td>a<td><p>b<p>b<p>b<p>b<tr><td>c<td>d</table>",
        "<table><tr><td><table><tr><td>a<tr><td>b</table><td>c<tr><td>d<td>e</table>",
        "<table>" + f"<tr>{'<td colspan=90>a' * 2}" * 2 + "</table>",
    ],
)
def test_tables_that_lay_out_a_page_are_none(source):
    assert "|" not in markdown(source)


def test_a_headline_is_a_heading_also_where_html_does_not_call_it_so():
    labels = ["headline", "article", "boilerplate"]
    source = "<div>One</div><p>two</p><p>three</p>"
    assert document(source, labels).markdown() == "# One\n\ntwo"
    assert document("One\ntwo *\nthree", labels, kind="text").markdown() == "# One\n\ntwo \\*"


def test_links_can_be_left_out():
    assert markdown('<p>a <a href="/b">b <i>c</i></a>', links=False) == "a b *c*"


@pytest.mark.parametrize(
    ("head", "url", "expected"),
    [
        ("", None, "b"),
        ("", "https://e.example/c/d", "https://e.example/c/b"),
        ("<link rel=canonical href=https://f.example/x/y>", None, "https://f.example/x/b"),
        ("<base href=/g/>", "https://e.example/c/d", "https://e.example/g/b"),
        ("<link rel=canonical href=/x><base href=g/h>", None, "g/b"),
    ],
)
def test_links_start_where_the_page_says(head, url, expected):
    source = f"<head>{head}</head><p><a href=b>a</a>"
    assert document(source, url=url).markdown() == f"[a]({expected})"


FIGURE = (
    "<div><p>Story</p><figure><picture><img src=data:x data-src=/a.jpg alt='A [b]'></picture>"
    "<noscript><img src=/no.jpg></noscript><img hidden src=/no.jpg><figcaption>Cap</figcaption>"
    "</figure><img src=/other.jpg><div><img src=/c.jpg><p>Cap two</p></div></div>"
)


def test_images_of_kept_captions():
    found = document(FIGURE, ["article", "caption", "caption"], url="https://e.example/")
    keep = ("article", "caption")
    assert found.markdown(keep) == "Story\n\nCap\n\nCap two"
    assert found.markdown(images=True) == "Story"
    assert found.markdown(keep, images=True) == (
        "Story\n\n![A \\[b\\]](https://e.example/a.jpg)\n\nCap\n\n"
        "![](https://e.example/c.jpg)\n\nCap two"
    )


def test_what_is_hidden_and_shown_has_its_marks_too():
    story = "".join(f"<p>{n} The crane <b>fell</b> on Monday, and nobody stood under it, "
                    "the harbour master said.</p>" for n in range(9))  # fmt: skip
    assert markdown(f"<p>Menu</p><div hidden>{story}</div>").count("**fell**") == 9


def test_a_document_that_was_pickled_gives_the_same():
    found = document(TABLE)
    assert pickle.loads(pickle.dumps(found)).markdown() == found.markdown()


def test_an_unknown_label_is_refused():
    with pytest.raises(UsageError, match="unknown label"):
        document("<p>a").markdown(["menu"])


SIGNS = st.lists(
    st.sampled_from(
        """
        <p> </p> <b> </b> <i> </i> <em> </em> <a|href="/x?(a)&amp;lt;`*_|>"> <a|href="javascript:x">
        </a> <code> </code> <br> <ul> </ul> <ol> <ol|start=7> </ol> <li> </li> <li|value=3>
        <blockquote> </blockquote> <table> </table> <tr> <td> <td|colspan=2> <td|rowspan=2> <th>
        <thead> <caption> <h1> </h1> <pre> </pre> <img|src=x|alt="a]b"> <figure> </figure> <strong>
        </strong> <div> </div> * ** *** _ __ ` `` ``` ~ ~~ \\ ! [ ] ( ) < > # ## - -- --- + = === :
        1. 2) 10. &amp; &amp;amp; &lt;b&gt; &lt;!-- [a](b) [^1] | | | | |-|| a b foo 日本 “ ” " ' €
        ^ . , ; www.x.example &#10; &#8203; &nbsp; x* *x _x x_ :-- ||
        """.split()
    ).map(lambda piece: piece.replace("|", " ") if piece[0] == "<" or piece == "|" else piece),
    max_size=50,
).map("".join)


@pytest.mark.parametrize("options", [{}, {"links": False}, {"images": True}])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SIGNS | TAGS_AND_TEXTS, st.integers(0, 5))
@example("<p><a href=/x>'<code>.]:</code></a>", 0)
@example("<p><a href=/x><b>a</a> b <i>c</i></b> *", 0)
@example('<p>a<b>b</b><i>c</i> <b>"d"</b>e<i>f<b>g</b>h</i>', 0)
def test_no_text_is_lost_or_changed(options, source, seed):
    page = split_page(Page(source, "html"))
    scores = np.random.default_rng(seed).random((len(page.texts), len(LABELS)), np.float32)
    found = Document(page.texts, scores, source=source, url="https://e.example/")
    for keep in (LABELS, LABELS[:3]):
        assert text_of(found.markdown(keep, **options)) == words(found.text(keep))
        found.text(keep, structure=True)


@settings(max_examples=150, deadline=None)
@given(SIGNS)
def test_no_text_of_a_plain_page_is_lost_or_changed(source):
    found = document(source, kind="text")
    assert text_of(found.markdown()) == words(found.text())


@pytest.mark.skipif(not DEV.exists(), reason="needs ../shared/data, which is not here")
def test_labelled_pages_come_out_whole():
    with gzip.open(DEV, "rt", encoding="utf-8") as file:
        pages = [json.loads(line) for line in file]
    sources = [page["html"] for page in pages if page.get("html")][::4]
    assert sources
    for source in sources:
        found = document(source)
        assert text_of(found.markdown()) == words(found.text())
