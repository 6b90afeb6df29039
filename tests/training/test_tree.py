import random
import re
from dataclasses import replace

import pytest

from cleaner.labels import ID
from cleaner.training.data import LabelledPage, read_pages
from cleaner.training.tree import Line, append_story, hash_names, insert_paragraphs, strip_names
from cleaner.training.views import html_view

ARTICLE, CAPTION = ID["article"], ID["caption"]
RELATED, SPONSORED, BOILERPLATE = ID["related-links"], ID["sponsored"], ID["boilerplate"]

FERRY = (
    ("Menu", BOILERPLATE),
    ("Ferry returns to the island", ID["headline"]),
    ("The ferry came back on Monday, two days late.", ARTICLE),
    ("The ferry at the pier. Photo: Ida Holm", CAPTION),
    ("“It was the storm,” its captain said.", ARTICLE),
    ("Tickets are as dear as they were.", ARTICLE),
    ("Tags: ferries", BOILERPLATE),
    ("Imprint", BOILERPLATE),
)
FERRY_HTML = """
<html><head><title>Ferry</title></head><body class="page"><nav class="menu">Menu</nav>
<article id="story" class="story main"><h1 id="top">Ferry returns to the island</h1>
<p class="text lead" id="p1" lang="en">The <em>ferry</em> came back on <a href="/mon">Monday</a>,
two days late.</p>
<figure class="picture">The ferry at the pier. Photo: Ida Holm</figure>
<div class="text"><p><span><b>“It was the storm,”</b> its captain said.</span></p></div>
<p class="text">Tickets are as dear as they were.</p>
<p class="tags">Tags: ferries</p></article>
<footer><div hidden class="dialog">The ferry came back on Monday, two days late.</div>
Imprint</footer></body></html>
"""

WHALE = (
    ("Home", BOILERPLATE),
    ("A whale in the harbour", ID["headline"]),
    ("Nobody had asked it to come, and nobody knew what it wanted.", ARTICLE),
    ("Rent a boat today", SPONSORED),
    ("By Tom Ager", BOILERPLATE),
    ("It left before the evening.", ARTICLE),
    ("Lovely! said a reader", BOILERPLATE),
    ("The whale. Photo: Tom Ager", CAPTION),
    ("Contact", BOILERPLATE),
)
WHALE_HTML = """
<body><div>Home</div><main class="whale"><h2>A whale in the harbour</h2>
<p>Nobody had asked it to come, and nobody knew what it wanted.</p><p>Rent a boat today</p>
<p>By Tom Ager</p><p>It left before the evening.</p><div>Lovely! said a reader</div>
<div>The whale. Photo: Tom Ager</div></main><div>Contact</div>
"""

PITCH = "Sign up for our letter from the pier."


def page(html=FERRY_HTML, paragraphs=FERRY):
    return LabelledPage("a", "a.example", "en", "article", "", html, paragraphs, "", "html")


def blocks(page):
    view = html_view(page)
    return list(zip(view.texts, view.labels, strict=True))


def tag_around(html, text):
    return re.search(rf"<([^<>]*)>{re.escape(text)}<", html)[1]


def test_a_line_stands_behind_a_paragraph_in_an_element_like_its_own():
    new = insert_paragraphs(page(), 2, [Line(PITCH, SPONSORED)])
    expected = [*FERRY[:3], (PITCH, SPONSORED), *FERRY[3:]]
    assert list(new.paragraphs) == expected
    assert blocks(new) == expected
    assert tag_around(new.html, PITCH) == 'p class="text lead" lang="en"'


def test_an_inline_element_is_none_of_its_own():
    new = insert_paragraphs(page(), 4, [Line(PITCH, SPONSORED)])
    assert tag_around(new.html, PITCH) == "p"
    assert blocks(new) == [*FERRY[:5], (PITCH, SPONSORED), *FERRY[5:]]


def test_lines_with_the_same_elements_around_stand_in_them_together():
    box = ("aside", "letter box"), ("div", "")
    lines = [
        Line("From the pier", SPONSORED, (*box, ("h3", ""))),
        Line(PITCH, SPONSORED, (*box, ("p", ""))),
        Line("More about ferries", RELATED, (("p", "teaser"),)),
        Line("Photo: A. Nym", CAPTION),
    ]
    new = insert_paragraphs(page(), 5, lines)
    assert (
        '<aside class="letter box"><div><h3>From the pier</h3>'
        f'<p>{PITCH}</p></div></aside><p class="teaser">More about ferries</p>'
        '<p class="text">Photo: A. Nym</p>' in new.html
    )
    assert blocks(new) == [*FERRY[:6], *((x.text, x.label) for x in lines), *FERRY[6:]]


def test_several_places_from_the_last_to_the_first():
    new = page()
    for place in (5, 4, 1):
        new = insert_paragraphs(new, place, [Line(f"{PITCH} {place}", BOILERPLATE)])
    texts = [text for text, _ in blocks(new) if text.startswith(PITCH)]
    assert texts == [f"{PITCH} {place}" for place in (1, 4, 5)]
    assert [b for b in blocks(new) if not b[0].startswith(PITCH)] == list(FERRY)


def test_text_behind_the_element_stays_behind_the_line():
    html = "<div><h2>Old ferries</h2>They were slow, <b>and</b> they were few.</div>"
    paragraphs = (("Old ferries", ARTICLE), ("They were slow, and they were few.", ARTICLE))
    new = insert_paragraphs(page(html, paragraphs), 0, [Line(PITCH, SPONSORED)])
    assert blocks(new) == [paragraphs[0], (PITCH, SPONSORED), paragraphs[1]]


def test_of_a_text_that_stands_twice_the_right_one_is_found():
    twice = ("It was late again.", ARTICLE)
    paragraphs = (*FERRY[1:3], twice, FERRY[4], twice, FERRY[5])
    html = "".join(f"<p class=n{n}>{text}</p>" for n, (text, _) in enumerate(paragraphs))
    for place in (2, 4):
        new = insert_paragraphs(page(html, paragraphs), place, [Line(PITCH, SPONSORED)])
        assert tag_around(new.html, PITCH) == f'p class="n{place}"'
        assert [text for text, _ in blocks(new)].index(PITCH) == place + 1


@pytest.mark.parametrize(
    "html",
    [
        "", " ", "<!-- nothing -->", "<p>Other words.</p>",
        "<body>It sails.", "<p hidden>It sails.</p>", "<script>It sails.</script>",
    ],
)  # fmt: skip
def test_without_an_element_of_its_own_no_line_is_put_in(html):
    there = page(html, (("It sails.", ARTICLE),))
    assert insert_paragraphs(there, 0, [Line(PITCH, SPONSORED)]) is None
    assert append_story(there, page()) is None
    assert append_story(page(), there) is None


def test_a_line_among_others_has_no_element_of_its_own():
    there = page("<p>It sails.<br>It floats.</p>", (("It sails.", ARTICLE),))
    assert insert_paragraphs(there, 0, [Line(PITCH, SPONSORED)]) is None


def test_another_story_stands_behind_the_element_of_this_one():
    new = append_story(page(), page(WHALE_HTML, WHALE))
    other = [
        ("A whale in the harbour", RELATED),
        ("Nobody had asked it to come, and nobody knew what it wanted.", RELATED),
        ("Rent a boat today", SPONSORED),
        ("By Tom Ager", RELATED),
        ("It left before the evening.", RELATED),
        ("Lovely! said a reader", BOILERPLATE),
        ("The whale. Photo: Tom Ager", RELATED),
    ]
    assert blocks(new) == [*FERRY[:7], *other, *FERRY[7:]]
    assert list(new.paragraphs) == blocks(new)
    assert '</article><main class="whale">' in new.html


def test_stories_go_behind_one_another_on_the_seeds(request):
    pages = [p for p in read_pages([request.config.rootpath / "seeds"]) if p.html and p.has_story]
    for one, other in zip(pages, [*pages[1:], pages[0]], strict=True):
        before = blocks(one)
        after = blocks(append_story(one, other))
        added = len(after) - len(before)
        assert added > 3
        places = [n for n in range(len(before)) if after[:n] + after[n + added :] == before]
        assert places
        assert not {ID["headline"], ARTICLE} & {label for _, label in after[places[0] :][:added]}


def named(html):
    return re.findall(r'(?:class|id|data-testid)="([^"]*)"', html)


def test_names_are_taken_away_but_those_of_hidden_elements():
    new = strip_names(page())
    assert named(new.html) == ["dialog"]
    assert 'lang="en"' in new.html
    assert blocks(new) == list(FERRY)


def test_a_class_has_the_same_new_name_everywhere():
    html = FERRY_HTML.replace('<p class="text">', '<p data-testid="x" class="text x">')
    styles = set()
    for seed in range(20):
        new = hash_names(page(html), random.Random(seed))
        menu, story, lead, _, box, text, tags = (n for n in named(new.html)[1:] if n != "dialog")
        assert text.split()[0] == lead.split()[0] == box
        assert len({menu, *story.split(), *lead.split(), *text.split(), tags}) == 7
        assert 'id="' not in new.html
        assert not {"text", "lead", "menu"} & set(" ".join(named(new.html)).split())
        assert blocks(new) == list(FERRY)
        assert new == hash_names(page(html), random.Random(seed))
        styles.add(re.sub("[a-z0-9]+$", "", menu) + str(len(menu)))
    assert len(styles) > 2


def test_labels_of_all_seeds_stay(request):
    for one in read_pages([request.config.rootpath / "seeds"]):
        if not one.html:
            continue
        before = blocks(one)
        for new in (strip_names(one), hash_names(one, random.Random(1))):
            assert blocks(new) == before
            assert new == replace(one, html=new.html)
        for place, (text, _) in enumerate(one.paragraphs):
            new = insert_paragraphs(one, place, [Line(PITCH, SPONSORED)])
            if new:
                after = blocks(new)
                at = after.index((PITCH, SPONSORED))
                assert after[:at] + after[at + 1 :] == before
                assert "".join(after[at - 1][0].split()).endswith("".join(text.split()))
