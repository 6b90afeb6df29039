import json
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.pages import Page, split_page


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
        ("  \n", []),
    ],
)
def test_blocks(source, expected):
    assert texts(source) == expected
    assert texts(source.encode()) == expected


PROSE = "The crane fell on Monday, and nobody stood under it, the harbour master said."
STORY = [f"{n} {PROSE}" for n in "123456"]
PARAGRAPHS = "".join(f"<p>{text}</p>" for text in STORY)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>The <x-term>crane</x-term> fell <relative-time>on Monday</relative-time>.</p>",
         ["The crane fell on Monday."]),
        ("<p>It lasts <button>nine weeks</button>, <o:p>they</o:p> said.</p>",
         ["It lasts nine weeks, they said."]),
        ("<p>See <nobr>§ 5</nobr>: <math><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></math>.</p>",
         ["See § 5: mc2."]),
        ("<p>At <math><mfrac><mn>1</mn></mfrac><annotation>\\frac</annotation></math> x</p>",
         ["At 1 x"]),
        ("<p>H<sub>2</sub>O and x² and 5<sup>th</sup></p>", ["H2O and x² and 5th"]),
        ("<p><span>H<sub>2</sub></span>O <a>CO</a><sub>2</sub><span>x</span></p>", ["H2O CO2x"]),
        ("<x-app>before<x-card>kicker<h2>Head</h2>tail</x-card></x-app>after",
         ["before", "kicker", "Head", "tail", "after"]),
        ("one <x-a>two <x-b>three</x-b></x-a> four", ["one two three four"]),
        ("<x-a>one<br><br>two<div>three</div>four</x-a>five",
         ["one", "two", "three", "four", "five"]),
        ("<button>Share</button><button>Save</button>", ["Share Save"]),
        ("<a>Ada Marsh</a><span>, 44, and</span> <x-p>Ruiz</x-p><x-p>’s “</x-p><span>Wall</span>”",
         ["Ada Marsh, 44, and Ruiz’s “Wall”"]),
        ("<span>“T</span><span>he</span> wall", ["“The wall"]),
        ("<x-menu><x-item>Home</x-item><x-item>News</x-item></x-menu>", ["Home News"]),
        ("<dl><dt>One<dd>two</dl><fieldset><legend>Three</legend>four</fieldset>",
         ["One", "two", "Three", "four"]),
        ("<details><summary>More</summary>Text</details><dialog>no</dialog>", ["More", "Text"]),
        ("<dialog open>yes</dialog>", ["yes"]),
        ("<title>no</title><main><section>one</section><p>two</main>", ["one", "two"]),
        ("<head><meta name=x><article><p>one</article></head><body>two", ["one", "two"]),
    ],
)  # fmt: skip
def test_sentences_stay_whole_and_blocks_apart(source, expected):
    assert texts(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<pre>def f(x):\n    return x  \n</pre>after", ["def f(x):\n    return x", "after"]),
        ("<pre>\n one\n\n two</pre>", ["one\n\n two"]),
        ("<pre><code><span>a</span>\n<b>b</b></code></pre>", ["a\nb"]),
        ("<pre>one<br>two<br><br>three</pre>", ["one\ntwo\n\nthree"]),
        ("<pre>one\n<div>two\nthree</div>four</pre>x\ny", ["one", "two\nthree", "four", "x y"]),
    ],
)
def test_preformatted_text_keeps_its_lines(source, expected):
    assert texts(source) == expected


def test_single_line_breaks_between_sentences_end_paragraphs():
    body = "<br>\n".join([*STORY[:3], "What now?", *STORY[3:]])
    assert texts(f"<div>Before<p>{body}</div>") == ["Before", *STORY[:3], "What now?", *STORY[3:]]
    linked = f"{STORY[0]}<br><a href=/x>{STORY[1]}</a> <em>yes.</em><br>{STORY[2]}"
    split = split_page(Page(linked, "html"))
    assert split.texts == [STORY[0], f"{STORY[1]} yes.", STORY[2]]
    assert split.markup.blocks.counts[:, 1].tolist() == [0, len(STORY[1]), 0]
    assert split.markup.blocks.counts[:, 4].tolist() == [0, 1, 0]
    short = ["It fell at noon on Monday, in fog.", "Nobody stood under it then. Who pays now?"] * 3
    assert texts("<br>".join(short)) == short
    chinese = ["起重机在星期一倒塌了，港务长说当时没有人站在它的下面，一切都很平静。"] * 3
    assert texts("<br>".join(chinese)) == chinese


@pytest.mark.parametrize(
    "lines",
    [
        ["The crane stood tall", "against the evening light.", "It fell. We heard it.", "Night!"],
        ["Harbour Office", "12 Quay Street", "Port Tamsin"],
        ["The crane that stood for eighty years and more above the water of the port", "fell"] * 4,
    ],
)  # fmt: skip
def test_verses_and_addresses_stay_one_paragraph(lines):
    assert texts(f"<p>{'<br>'.join(lines)}</p>") == [" ".join(lines)]


HIDING = {
    "react": ("<template id=B:0></template><p>Loading…</p>", "<div hidden id=S:0>{}</div>"),
    "several": ("", "<div hidden id=S:0>{}</div><div hidden id=S:1>{}</div>"),
    "app": ("<nav><a href=/>Home</a></nav>", "<div id=app style='Display : None; x'>{}</div>"),
    "noscript": ("<p>Please wait.</p>", "<noscript>{}</noscript>"),
    "nested": ("", "<main hidden><section><div>{}</div></section></main>"),
    "some in sight": ("<p>" + STORY[0], f"<section hidden><ul>{3 * PARAGRAPHS}</ul>{{}}</section>"),
    "a footer": (f"<footer><p>{STORY[0]}<p>© The Paper</footer>", "<div hidden>{}</div>"),
}


@pytest.mark.parametrize("way", HIDING)
def test_a_story_that_a_script_will_show_is_read(way):
    in_sight, hidden = HIDING[way]
    found = texts(in_sight + hidden.format(*[PARAGRAPHS] * 2))
    assert found[-6:] == STORY
    assert found[: len(texts(in_sight))] == texts(in_sight)


def test_with_a_story_its_smallest_pieces_are_shown():
    pieces = "".join(
        f"<div hidden id=S:{n}>{text}</div>" for n, text in enumerate(["Head", *STORY])
    )
    assert texts("<p>Loading…" + pieces) == ["Loading…", "Head", *STORY]


def test_a_short_story_in_sight_hides_terms_and_letters():
    page = f"<main>{PARAGRAPHS}</main><div hidden>{3 * PARAGRAPHS}</div>"
    assert texts(page) == STORY


def test_the_rest_of_a_story_may_be_hidden_in_pieces():
    rest = "".join(f"<p hidden>{text}</p>" for text in STORY[3:])
    first = "".join(f"<p>{text}</p>" for text in STORY[:3])
    assert texts(f"<main>{first}<p>Story continues below<p>Advertisement{rest}")[-3:] == STORY[3:]


@pytest.mark.parametrize(
    "between", ["", "<button>Read full story</button>", "<p><a href=#>Weiterlesen</a></p>"]
)
@pytest.mark.parametrize("wrapper", ["{}", "<div class=teaser>{}</div>"])
def test_the_part_behind_read_full_story_is_read(wrapper, between):
    first, rest = ("".join(f"<p>{text}</p>" for text in some) for some in (STORY[:3], STORY[3:]))
    page = (
        f"<article>{wrapper.format(first)}{between}<div style=display:none>{rest}</div></article>"
    )
    assert [text for text in texts(page) if text in STORY] == STORY


@pytest.mark.parametrize(
    "junk",
    [
        "<div hidden class=cookie-banner>{}</div>",
        "<div hidden>{}</div>",
        "<noscript><p>Please switch on JavaScript to read this page, which needs it.</noscript>",
        "<dialog><p>Subscribe to our letter to read the story of the day every morning.</dialog>",
        "<ul hidden><li><a href=/1>{}</a></ul>",
        "<template><p>{}</template>",
    ],
)
def test_junk_that_is_hidden_beside_a_story_stays_out(junk):
    story = 5 * STORY
    page = f"<main>{5 * PARAGRAPHS}</main><footer>{junk.format(PARAGRAPHS)}</footer>"
    assert texts(page) == story
    assert texts(f"<title>x</title>{junk.format(STORY[0])}<p>Nothing else") == ["Nothing else"]


def test_a_shadow_tree_is_shown_beside_anything():
    page = f"<p>{STORY[0]}</p><x-y><template shadowrootmode=open><p>in it</p></template></x-y>"
    assert texts(page) == [STORY[0], "in it"]


def test_what_the_head_says_is_read_where_it_is_hidden():
    page = '<div hidden><script type=application/ld+json>{"headline": "Wall"}</script></div>x'
    assert split_page(Page(page, "html")).title == "Wall"


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
    assert texts("<div>" * 100_000 + "deep" + "</div>" * 100_000) == ["deep"]
    assert texts("<p>first</p>" + "<i>" * 50_000 + "deep")[0] == "first"


def test_markup_says_what_the_page_calls_itself():
    script = json.dumps({"@graph": [{"headline": "The wall", "articleBody": "It fell."}]})
    page = (
        "<html><head><title>The wall - Paper</title><meta property='og:title' content='The wall'>"
        f"<script type='application/ld+json'>{script}</script></head>"
        "<body><p>It <a href='/x'>fell</a>.</p></body></html>"
    )
    markup = split_page(Page(page, "html")).markup
    assert markup.titles == ("The wall", "The wall - Paper")
    assert markup.body == "It fell."


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
