"""What is told of a page: of pages whose labels are given, so that no model matters."""

import json

import numpy as np
import pytest

from cleaner import LABELS, Cleaner, Document, UsageError
from cleaner.labels import ID
from cleaner.metadata import FIELDS
from cleaner.pages import Page, split_page

STORY = (
    "The harbour gate of the old town held back the tide on Sunday night, and nobody had to carry "
    "sandbags as in the winter before, the council said.",
    "Forecasters expect the next tide in three days, and say that it will be higher than the last.",
)


def labelled(*lines, head="", url=None):
    """A document of HTML with these paragraphs, each given with the first letter of its label."""
    name = {label[0]: label for label in LABELS}
    body = "".join(f"<p>{text}</p>" for _, text in lines)
    source = f"<html><head>{head}</head><body>{body}</body></html>"
    page = split_page(Page(source, "html"))
    ids = [ID[name[letter]] for letter, _ in lines]
    scores = np.eye(len(LABELS), dtype=np.float32)[ids]
    return Document(page.texts, scores, title=page.title, source=source, url=url)


def story(*beside, head="", before=(), behind=(), url=None):
    """A document with lines beside its headline."""
    return labelled(
        *(("b", line) for line in before),
        ("h", "The gate held back the tide"),
        *(("b", line) for line in beside),
        *(("a", line) for line in STORY),
        *(("b", line) for line in behind),
        head=head,
        url=url,
    )


def ld(**fields):
    about = json.dumps({"@type": "NewsArticle", **fields})
    return f"<script type='application/ld+json'>{about}</script>"


def meta(**contents):
    return "".join(f"<meta property='{n}' content='{v}'>" for n, v in contents.items())


def test_of_nothing_known_all_is_null():
    found = Document((), np.zeros((0, len(LABELS)), np.float32)).metadata
    assert found == dict.fromkeys(FIELDS)
    assert tuple(found) == FIELDS


def test_what_a_page_declares():
    head = "<link rel=canonical href='https://courier.example/gate'>" + meta(**{
        "og:site_name": "The Courier", "og:type": "article", "og:description": "Of the tide.",
        "og:image": "https://courier.example/gate.jpg", "article:tag": "Harbour",
        "article:published_time": "2024-05-01T10:00Z", "article:author": "Ada Lind"})  # fmt: skip
    assert story(head=head).metadata == {
        "title": "The gate held back the tide",
        "author": "Ada Lind",
        "date": "2024-05-01",
        "site_name": "The Courier",
        "url": "https://courier.example/gate",
        "language": "en",
        "description": "Of the tide.",
        "image": "https://courier.example/gate.jpg",
        "tags": ["Harbour"],
        "page_type": "article",
    }


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ({"@type": "Person", "name": "Ada Lind"}, "Ada Lind"),
        ([{"name": "Ada Lind"}, {"name": "Bo Ek"}], "Ada Lind; Bo Ek"),
        ("Ada Lind and Bo Ek", "Ada Lind; Bo Ek"),
        ("By Ada Lind, PhD", "Ada Lind"),
        ("Lind, Ada", "Ada Lind"),
        ("Username", None),
        ("admin", None),
        ("https://courier.example/authors/ada", None),
        ("courier.example, Harbour, Northland", None),
        ({"name": None}, None),
        (7, None),
    ],
)
def test_the_author_of_json_ld(author, expected):
    assert story(head=ld(author=author)).author == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["By Ada Lind"], "Ada Lind"),
        (["By", "Ada Lind"], "Ada Lind"),
        (["By Ada Lind and Bo Ek | 3 min read"], "Ada Lind; Bo Ek"),
        (["Written by Ada Lind Editor"], "Ada Lind"),
        (["von Ada Lind , Nordfunk"], "Ada Lind; Nordfunk"),
        (["Por Ada Lind 1 de mayo de 2024"], "Ada Lind"),
        (["作者：林雨"], "林雨"),
        (["By the harbour, a gate"], None),
        (["By 1990 it was shut"], None),
        (["Share this story"], None),
    ],
)
def test_the_byline_beside_the_headline(lines, expected):
    assert story(*lines).author == expected


@pytest.mark.parametrize(
    "line",
    [
        "Posted by Anna Lee on November 2, 2024 at 3:15 pm",
        "Posted by Anna Lee on 2 November 2024",
        "By Anna Lee on Nov 2",
        "By Anna Lee Nov 2, 2024",
        "By Anna Lee, Nov. 2",
        "By Anna Lee Sat, November 2, 2024",
        "By Anna Lee Saturday 2 November 2024",
        "By Anna Lee Last updated 2 Nov 2024",
        "Publié par Anna Lee le samedi 2 novembre 2024",
        "Publicado por Anna Lee el 2 de noviembre de 2024",
        "Publicado por Anna Lee em 2 de novembro de 2024",
        "Pubblicato da Anna Lee il 2 novembre 2024",
        "Veröffentlicht von Anna Lee am Samstag, 2. November 2024",
        "Geplaatst door Anna Lee op 2 november 2024",
        "Publisert av Anna Lee den 2. november 2024",
        "Skrevet af Anna Lee d. 2. november 2024",
        "Opublikowane przez Anna Lee w dniu 2 listopada 2024",
        "Posted on November 2, 2024 by Anna Lee",
        "2 November 2024 by Anna Lee",
        "Sat, 2 November 2024 10:15 am | By Anna Lee",
        "Publicado el sábado, 2 de noviembre de 2024 a las 10:15 por Anna Lee",
        "Pubblicato il 2 novembre 2024 da Anna Lee",
        "November 2, 2024 | Anna Lee",
        "Anna Lee - 2 November 2024",
    ],
)
def test_a_byline_with_a_day_names_its_author_alone(line):
    assert story(line).author == "Anna Lee"
    ids = [ID[label] for label in ("headline", "boilerplate", "article", "article")]
    scores = np.eye(len(LABELS), dtype=np.float32)[ids]
    assert Document(("The gate held", line, *STORY), scores).author == "Anna Lee"


@pytest.mark.parametrize(
    "line",
    [
        "2 May 2024 | Breaking News",
        "2 May 2024 | Gull Island",
        "The Gate Holds | 2 May 2024",
        "2 May 2024 Anna Lee",
    ],
)
def test_not_all_that_stands_beside_a_day_is_a_name(line):
    assert story(line).author is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("By Anna Lee in London", "Anna Lee"),
        ("By Anna Lee for The Gull Times", "Anna Lee"),
        ("By Anna Lee of The Gull Times", "Anna Lee"),
        ("By Anna Lee at the Gull Times", "Anna Lee"),
        ("By Anna Lee — Special to The Times", "Anna Lee"),
        ("BY ANNA LEE IN LONDON", "ANNA LEE"),
        ("Por Anna Lee en Madrid", "Anna Lee"),
        ("By Anna Lee Political Correspondent", "Anna Lee"),
        ("BY ANNA LEE STAFF WRITER", "ANNA LEE"),
        ("By Anna Lee and Bo Ek, Staff Writers", "Anna Lee; Bo Ek"),
        ("By Anna Lee, Gull Times Political Editor", "Anna Lee"),
        ("By Political Editor Anna Lee", "Anna Lee"),
        ("Von Redakteur Bo Ek", "Bo Ek"),
        ("By Our Correspondent", None),
        ("By Chief Reporter", None),
        ("By Sports Editor", None),
        ("By Senior Staff Writer", None),
        ("By Contributing Writer", None),
        ("Par La Rédaction", None),
    ],
)
def test_neither_a_place_nor_a_paper_nor_a_work_is_a_name(line, expected):
    assert story(line).author == expected


@pytest.mark.parametrize(
    "name",
    [
        "Anna Read", "Bo Share", "Mark Editor-Smith", "Minnie Driver-Views", "April Lee",
        "Maria de la Cruz y García", "Anna Costa e Silva", "John E Smith", "Ludwig van Ek",
        "Anna-Maria d'Arc", "Duc Le",
    ],
)  # fmt: skip
def test_a_name_may_hold_a_word_of_pages(name):
    assert story(f"By {name}").author == name
    assert story(f"By {name} | 5 min read").author == name
    assert story(head=ld(author=name)).author == name


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("By Anna Lee Read more", "Anna Lee"),
        ("By Anna Lee Nov 2 Share", "Anna Lee"),
        ("By Anna Lee, Bo Ek, and Cy Fox", "Anna Lee; Bo Ek; Cy Fox"),
        ("Por Ana Pérez y Luis Gil", "Ana Pérez; Luis Gil"),
        ("Story: Anna Lee", "Anna Lee"),
        ("Texte : Anna Lee", "Anna Lee"),
        ("Text und Fotos: Anna Lee", "Anna Lee"),
        ("Text: Anna Lee, Foto: Bo Ek", "Anna Lee"),
        ("Foto: Bo Ek | Text: Anna Lee", "Anna Lee"),
        ("Written by Anna Lee Edited by Bo Ek", "Anna Lee"),
        ("Ein Bericht von Anna Lee", "Anna Lee"),
        ("A cura di Anna Lee", "Anna Lee"),
        ("5 min read | by Anna Lee", "Anna Lee"),
        ("Foto: Bo Ek", None),
        ("Photo by Bo Ek", None),
        ("Text Size", None),
    ],
)
def test_a_byline_names_who_wrote(line, expected):
    assert story(line).author == expected


def test_a_byline_that_names_fewer_than_the_page_declares_is_not_better():
    head = ld(author=["Anna Lee", "Bo Ek"])
    assert story("By Anna Lee", head=head).author == "Anna Lee; Bo Ek"
    assert story("By Cy Fox", head=head).author == "Cy Fox"


@pytest.mark.parametrize("name", ["name=author", "property='article:author'", "itemprop=author"])
def test_all_authors_that_a_page_declares_count(name):
    head = f"<meta {name} content='Lee, Anna'><meta {name} content='Ek, Bo'>"
    assert story(head=head).author == "Anna Lee; Bo Ek"


def test_the_authors_of_another_story_of_the_page_do_not():
    about = "<div itemscope><b itemprop=author>Anna Lee</b><b itemprop=author>Bo Ek</b></div>"
    teaser = "<div itemscope><b itemprop=author>Cy Fox</b></div>"
    assert story(behind=[about, teaser]).author == "Anna Lee; Bo Ek"


@pytest.mark.parametrize(
    ("type", "before", "behind"),
    [
        ("application/ld+json; charset=utf-8", "", ""),
        ("application/LD+JSON", "", ""),
        ("application/ld+json", "//<![CDATA[\n", "\n//]]>"),
        ("application/ld+json", "/* <![CDATA[ */", "/* ]]> */"),
        ("application/ld+json", "<!--", "-->"),
    ],
)
def test_json_ld_in_any_wrapping(type, before, behind):
    about = json.dumps({"headline": "Gate holds", "author": "Anna Lee"})
    head = f"<script type='{type}'>{before}{about}{behind}</script>"
    assert story(head=head).author == "Anna Lee"
    assert labelled(("a", STORY[0]), head=head).metadata["title"] == "Gate holds"


IMAGE = "https://courier.example/gate.jpg"


@pytest.mark.parametrize("image", [IMAGE, [IMAGE, "https://courier.example/2.jpg"],
                                   {"url": IMAGE}, [{"contentUrl": IMAGE}]])  # fmt: skip
@pytest.mark.parametrize("keywords", ["Tide; Harbour, Gate", ["Tide", "Harbour", "Gate"]])
def test_what_json_ld_tells(image, keywords):
    head = ld(image=image, keywords=keywords, description="Of the tide &amp; the gate.")
    found = story(head=head).metadata
    assert (found["image"], found["tags"]) == (IMAGE, ["Tide", "Harbour", "Gate"])
    assert found["description"] == "Of the tide & the gate."
    head += meta(**{"og:description": "Of gulls.", "og:image": IMAGE + "?og", "article:tag": "Sea"})
    found = story(head=head).metadata
    assert found["description"] == "Of gulls."
    assert (found["image"], found["tags"]) == (IMAGE + "?og", ["Sea"])


def test_what_json_ld_names_is_told_of_elsewhere_in_it():
    about = {"headline": "Gate holds", "author": {"@id": "#a"}, "image": {"@id": "#i"}}
    others = {"@id": "#a", "name": "Anna Lee"}, {"@id": "#i", "url": IMAGE}
    graph = json.dumps({"@graph": [about, *others]})
    found = story(head=f"<script type='application/ld+json'>{graph}</script>").metadata
    assert (found["author"], found["image"]) == ("Anna Lee", IMAGE)


def test_what_microdata_tell():
    about = f"<img itemprop=image src={IMAGE}><b itemprop=keywords>Tide, Harbour</b>"
    found = story(behind=[about]).metadata
    assert (found["image"], found["tags"]) == (IMAGE, ["Tide", "Harbour"])


@pytest.mark.parametrize(
    ("address", "url", "expected"),
    [
        ("/gate", "https://courier.example/a/1", "https://courier.example/gate"),
        ("gate", "https://courier.example/a/1", "https://courier.example/a/gate"),
        ("//cdn.example/gate", "https://courier.example/", "https://cdn.example/gate"),
        ("https://cdn.example/gate", None, "https://cdn.example/gate"),
        ("/gate", None, None),
        ("gate", None, None),
    ],
)
def test_addresses_are_absolute(address, url, expected):
    canonical = f"<link rel=canonical href='{address}'>"
    for head in (
        canonical + meta(**{"og:image": address}),
        meta(**{"og:url": address, "og:image": address}),
        canonical + ld(image=address),
    ):
        found = story(head=head, url=url).metadata
        assert (found["url"], found["image"]) == (expected, expected)


def test_a_byline_says_more_than_what_a_page_declares_of_all_its_stories():
    head = meta(author="The Web Desk")
    assert story("By Ada Lind", head=head).author == "Ada Lind"
    assert story("By The Web Desk", head=head).author == "The Web Desk"
    assert story(head=head).author == "The Web Desk"


def test_who_comments_is_no_author():
    about = "<span itemtype='https://schema.org/Comment'>{}</span>"
    comment = about.format("<b itemprop=author>Bo Ek</b>")
    assert story(behind=["Comments", "By Bo Ek", "posted by Username", comment]).author is None
    assert story(behind=[comment.replace("Comment", "Article")]).author == "Bo Ek"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("May 1, 2024 6:30 am", "2024-05-01"),
        ("1 May 2024", "2024-05-01"),
        ("By Ada Lind - 29 December 2023", "2023-12-29"),
        ("Wed, 1st of May, 2024", "2024-05-01"),
        ("Stand: 01.05.2024 05:00 Uhr", "2024-05-01"),
        ("1. Mai 2024 08:30 Uhr", "2024-05-01"),
        ("Publicado el 1 de mayo de 2024", "2024-05-01"),
        ("1er août 2023", "2023-08-01"),
        ("1 мая 2024", "2024-05-01"),
        ("2024年5月1日 18:05", "2024-05-01"),
        ("2024-05-01", "2024-05-01"),
        ("05/25/2024", "2024-05-25"),
        ("05/04/2024", None),
        ("Updated June 3, 2024", "2024-06-03"),
        ("Published May 1, 2024 Updated June 3, 2024", "2024-05-01"),
        ("Updated 3 June 2024. Published 1 May 2024", "2024-05-01"),
        ("Aktualisiert am 3. Juni 2024 | 1. Mai 2024", "2024-05-01"),
        ("Published by Ada Lind, updated 3 June 2024 - 1 May 2024", "2024-05-01"),
        ("31 June 2024", None),
        ("1 May 1880", None),
        ("1 May 2190", None),
        ("Read 1 more 2024", None),
    ],
)
def test_the_day_beside_the_headline(line, expected):
    assert story(line).date == expected
    assert story(before=[line]).date == expected


def test_a_day_of_publication_goes_before_that_of_a_change():
    assert story("Updated June 3, 2024", "May 1, 2024").date == "2024-05-01"


def test_a_declared_day_goes_first_but_for_another_zone():
    head = ld(datePublished="2024-05-02T03:00:00Z")
    assert story(head=head).date == "2024-05-02"
    assert story("May 1, 2024", head=head).date == "2024-05-01"
    assert story("April 1, 2021", head=head).date == "2024-05-02"


def test_no_day_is_guessed():
    assert story(head=ld(dateModified="2024-05-02")).date is None
    assert story(behind=["Copyright 2019", "Our archive since March 2, 2015"]).date is None


def test_the_title_is_the_headline_and_never_a_menu():
    assert story(head="<title>Menu</title>").metadata["title"] == "The gate held back the tide"


def test_a_plain_text_tells_what_it_can(cleaner):
    text = "\n".join(["The gate held back the tide", "By Ada Lind", "May 1, 2024", *STORY])
    ids = [ID[x] for x in ("headline", "boilerplate", "boilerplate", "article", "article")]
    found = Document(text.splitlines(), np.eye(len(LABELS), dtype=np.float32)[ids], url="u")
    assert {name: value for name, value in found.metadata.items() if value is not None} == {
        "title": "The gate held back the tide",
        "author": "Ada Lind",
        "date": "2024-05-01",
        "url": "u",
        "language": "en",
    }


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Die Fähre zur Insel fährt vom ersten Mai an wieder jeden Tag, sagt ihr Besitzer.", "de"),
        ("Le bac vers l'île reprend la mer chaque jour à partir du premier mai.", "fr"),
        ("Паром на остров снова ходит каждый день с первого мая, говорит его владелец.", "ru"),
        (
            "船は五月一日から毎日また島へ渡ると、その持ち主は話している。港の人は喜ぶ。",
            "ja",
        ),
    ],
)
def test_the_language_is_that_of_the_story(text, language):
    assert labelled(("b", STORY[0]), ("a", text)).metadata["language"] == language


def test_a_few_letters_have_the_language_that_is_declared():
    assert labelled(("a", "Oh!")).metadata["language"] is None
    head = "<meta property='og:locale' content='pt_BR'>"
    assert labelled(("a", "Oh!"), head=head).metadata["language"] == "pt"


def test_some_fields_are_chosen_in_their_order():
    document = story("May 1, 2024")
    assert document.metadata_of(["date", "title"]) == {
        "title": "The gate held back the tide", "date": "2024-05-01"
    }  # fmt: skip
    assert list(document.metadata_of(["date", "title"])) == ["title", "date"]
    with pytest.raises(UsageError, match="unknown metadata 'titel': choose from title, author"):
        document.metadata_of(["titel"])
    with pytest.raises(UsageError, match="give a list of names"):
        document.metadata_of("title")


def test_before_markdown_stands_what_is_asked_for():
    text = "The ferry came back to the harbour on Monday, its crew said, after two weeks."
    document = Cleaner().label(f"<h1>Ferry returns</h1><p>{text}</p>")
    alone = document.markdown()
    assert document.markdown(metadata=["title", "author"]) == (
        f'---\ntitle: "Ferry returns"\n---\n\n{alone}'
    )
    with pytest.raises(UsageError, match="unknown metadata 'autor'"):
        document.markdown(metadata=["autor"])


@pytest.mark.parametrize(
    "head",
    [
        "---\nauthor: [Ann Lee, 'Bo Ek']\ntags: [sea, town]\ndate: 2024-03-01\n---\n",
        '---\nauthor: ["Ann Lee", "Bo Ek"]\ntags: "sea, town"\ndate: "2024-03-01"\n---\n',
        '---\nauthors:\n  - Ann Lee\n  - name: Bo Ek\ntags:\n- sea\n- "town"\n'
        "date: 2024-03-01T10:00:00Z\n---\n",
        "+++\nauthors = ['Ann Lee', 'Bo Ek']\ndate = 2024-03-01T10:00:00Z\n[taxonomies]\n"
        "tags = ['sea', 'town']\n+++\n",
    ],
)
def test_lists_before_markdown_are_known(head):
    text = "The ferry came back to the harbour on Monday, its crew said, after two weeks."
    found = Cleaner().label(f"{head}# Ferry returns\n\n{text}\n", kind="markdown").metadata
    assert found["author"] == "Ann Lee; Bo Ek"
    assert (found["tags"], found["date"]) == (["sea", "town"], "2024-03-01")


def test_of_several_articles_that_of_the_page_counts():
    page = "<link rel=canonical href='https://x.example/pier'>"
    for address, author, day in (
        ({"url": "https://x.example/other"}, "Other Name", "2011-01-01"),
        ({"mainEntityOfPage": {"@id": "https://www.x.example/pier/#a"}}, "Ada Lind", "2024-05-01"),
    ):
        item = {"@type": "NewsArticle", "author": {"name": author}, "datePublished": day}
        page += f"<script type='application/ld+json'>{json.dumps(item | address)}</script>"
    text = "The pier came back to the harbour on Monday, its crew said, after two weeks."
    found = Cleaner().label(f"{page}<h1>The pier</h1><p>{text}</p>").metadata
    assert (found["author"], found["date"]) == ("Ada Lind", "2024-05-01")


@pytest.mark.parametrize(
    ("said", "author"),
    [
        ("Lind, Ada; Ek, Bo", "Ada Lind; Bo Ek"),
        ("Автор: Иван Петров", "Иван Петров"),
        ("Kirjoittaja: Matti Meri", "Matti Meri"),
    ],
)
def test_a_declared_author_is_read_in_its_own_way(said, author):
    text = "The pier came back to the harbour on Monday, its crew said, after two weeks."
    page = f"<meta name=author content='{said}'><h1>The pier</h1><p>{text}</p>"
    assert Cleaner().label(page).metadata["author"] == author
