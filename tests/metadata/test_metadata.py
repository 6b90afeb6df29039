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


def labelled(*lines, head=""):
    """A document of HTML with these paragraphs, each given with the first letter of its label."""
    name = {label[0]: label for label in LABELS}
    body = "".join(f"<p>{text}</p>" for _, text in lines)
    source = f"<html><head>{head}</head><body>{body}</body></html>"
    page = split_page(Page(source, "html"))
    ids = [ID[name[letter]] for letter, _ in lines]
    scores = np.eye(len(LABELS), dtype=np.float32)[ids]
    return Document(page.texts, scores, title=page.title, source=source)


def story(*beside, head="", before=(), behind=()):
    """A document with lines beside its headline."""
    return labelled(
        *(("b", line) for line in before),
        ("h", "The gate held back the tide"),
        *(("b", line) for line in beside),
        *(("a", line) for line in STORY),
        *(("b", line) for line in behind),
        head=head,
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
