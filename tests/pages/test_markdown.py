"""Markdown as it comes from crawlers: its blocks, what stands in them, and their lines."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_page import PAGE

from cleaner import Page, PageError
from cleaner.pages import kind_of, split_page
from cleaner.pages.bounds import MAX_LINES, MAX_MARKDOWN, MAX_SIGNS
from cleaner.pages.front_matter import NULLS, read_front_matter, write_front_matter
from cleaner.pages.page import COUNTS

LONG = "The council of the island said on Monday that the ferry would sail again in May."


def read(source):
    """The texts of a page, each with the lines that it came from."""
    page = split_page(Page(source, "markdown"))
    starts = page.lines.starts()
    found = [source[starts[first] : starts[end]] for first, end in page.lines.of_paragraphs]
    return list(zip(page.texts, found, strict=True))


def tags_of(source):
    """The tag of the element that each block of a page stands in."""
    markup = split_page(Page(source, "markdown")).markup
    kinds = [markup.elements.kinds[kind] for kind in markup.elements.kind]
    assert not any(values for _, values in kinds)
    return [kinds[element][0] for element in markup.blocks.element]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# A *b* [c](/d)", [("A b c", "# A *b* [c](/d)")]),
        ("Set\next\n===\nb", [("Set ext", "Set\next\n===\n"), ("b", "b")]),
        ("* a\n  * b\n    c\n1. d", [("a", "* a\n"), ("b c", "  * b\n    c\n"), ("d", "1. d")]),
        ("> a\n>\n> b\nc", [("a", "> a\n"), ("b c", "> b\nc")]),
        ("a\r\n\r\n**b**\r\n", [("a", "a\r\n"), ("b", "**b**\r\n")]),
        ("|a|b|\n|-|-|\n|c|d|", [(x, "|a|b|\n") for x in "ab"] + [(x, "|c|d|") for x in "cd"]),
        ("```py\na = 1\n\nb\n```\nc", [("a = 1\n\nb", "```py\na = 1\n\nb\n```\n"), ("c", "c")]),
        (r"1\. a \[b\] &amp; `c*`", [("1. a [b] & c*", r"1\. a \[b\] &amp; `c*`")]),
        ("![a](b.jpg)\n\nc", [("c", "c")]),
        ("[![a](b.jpg) c](/d)", [("c", "[![a](b.jpg) c](/d)")]),
        ("<div>a<p>b\n</div>\n\nc", [(x, "<div>a<p>b\n</div>\n") for x in "ab"] + [("c", "c")]),
        ("a [b][1] [c]\n\n[1]: /x\n[c]: /y", [("a b c", "a [b][1] [c]\n")]),
        ("        * [a](/b)\n        * c", [("a", "        * [a](/b)\n"), ("c", "        * c")]),
        ("* a\n    * b\n\n\t* c", [("a", "* a\n"), ("b", "    * b\n"), ("c", "\t* c")]),
        ("\ufeff# a", [("a", "\ufeff# a")]),
        ("a\ud83d", [("a\ufffd", "a\ud83d")]),
        ("", []),
    ],
)  # fmt: skip
def test_blocks_and_their_lines(source, expected):
    assert read(source) == expected


def test_lines_that_are_paragraphs_are_blocks_and_wrapped_ones_are_not():
    lines = [f"{LONG} It is the {n}th time." for n in range(3)]
    assert read("\n".join(lines)) == [
        (line, f"{line}\n" if line != lines[-1] else line) for line in lines
    ]
    words = (f"{LONG} " * 4).split()
    wrapped, line = [], ""
    for word in words:
        if len(line) + 1 + len(word) > 60:
            wrapped.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    paragraph = "\n".join([*wrapped, line])
    address = "[the plan](https://island.example/a-very-long-\naddress-that-was-wrapped) of May."
    source = "\n\n".join([paragraph, paragraph, address])
    assert [text for text, _ in read(source)] == [" ".join(words)] * 2 + ["the plan of May."]


def test_a_link_over_several_blocks_is_one_in_each():
    source = (
        "[![a](b.jpg)\n\n### Title\n\nThe teaser](/c)[d](/e) and [\n\nf\n\n](/g)\n\n\\[h\n\ni](/j)"
    )
    page = split_page(Page(source, "markdown"))
    assert page.texts == ["Title", "The teaser d and", "f", "[h", "i](/j)"]
    links = page.markup.blocks.counts[:, COUNTS.index("links")].tolist()
    assert [n > 0 for n in links] == [True, True, True, False, False]
    assert tags_of(source) == ["h3", "p", "p", "p", "p"]


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("---\ntitle: 'The ferry: back'\ntags: [a]\n---\n", "The ferry: back"),
        ("Title: The ferry\n\nURL Source: https://a.example/b\n\nMarkdown Content:\n", "The ferry"),
        ("---\r\nauthor: A\r\n---\r\n", None),
        ('---\ntitle: "The \\"ferry\\": back"\ndraft: true\n---\n', 'The "ferry": back'),
        ("---\ntitle: 2024\n...\n", "2024"),
        ("---\ntitle: >-\n  The ferry\n  is back\nauthor: A\n---\n", "The ferry is back"),
        ("---\ntitle: The ferry\n  is back\n---\n", "The ferry is back"),
        ("---\ntitle: The ferry # is back\nauthor:\n  name: A\n---\n", "The ferry"),
        ("---\ntitle: 'It''s \"back\"'\n---\n", 'It\'s "back"'),
        ('---\ntitle: "The \\xC5 ferry"\n---\n', "The Å ferry"),
        ("---\ntitle: [&a The ferry, *a]\nauthor: *a\n---\n", "The ferry"),
        ("\n---\ntitle: The ferry\n---\n", "The ferry"),
        ("---\ntitle: Storm: the ferry\ntags:\n- a\n---\n", "Storm: the ferry"),
        ("---\nTitle: The ferry\nimage:\n  url: /a.jpg\n---\n", "The ferry"),
        ("---\ntitle:\nauthor:\n---\n", None),
        ("---\nid: 12\nsection: Town\n---\n", None),
        ("---\nwords: 12\n---\n", None),
        ("+++\ntitle = 'The ferry'\n[extra]\nauthor = 'A'\n+++\n", "The ferry"),
        ("---\nno fields\n---\n", None),
    ],
)
def test_fields_before_the_text_are_no_text(head, title):
    page = split_page(Page(f"{head}# a\n\nb", "markdown"))
    assert page.title == title
    assert page.texts[-2:] == ["a", "b"]
    assert ("no fields" in page.texts) == ("no fields" in head)
    first, end = page.lines.of_paragraphs[-1]
    assert (first, end) == (head.count("\n") + 2, head.count("\n") + 3)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab \n>*-#[](!)|`<p&\\_1.\t\r", max_size=120))
def test_any_text_has_blocks_with_lines_of_its_own(source):
    page = split_page(Page(source, "markdown"))
    count = len(page.lines.starts()) - 1
    assert len(page.texts) == len(page.lines.of_paragraphs) == len(page.markup.blocks.element)
    for text, (first, end) in zip(page.texts, page.lines.of_paragraphs, strict=True):
        assert text.strip()
        assert 0 <= first < end <= count


@pytest.mark.parametrize(
    ("source", "things"),
    [
        ("a" * (MAX_MARKDOWN + 1), "characters of Markdown"),
        ("a\n" * (MAX_LINES + 1), "lines of Markdown"),
        ("[" * (MAX_SIGNS + 1), "signs of Markdown"),
    ],
)
def test_more_than_any_article_holds_is_refused(source, things):
    with pytest.raises(PageError, match=things):
        split_page(Page(source, "markdown"))


@pytest.mark.parametrize("sign", ["> ", "* ", "  * a\n", "[", "**a ", "<b>", "|"])
def test_hostile_nesting_is_read(sign):
    page = split_page(Page(sign * 3_000 + "\n\nThe end", "markdown"))
    assert page.texts[-1].endswith("The end")


def test_markdown_is_told_by_its_links():
    assert kind_of(PAGE) == kind_of(PAGE.encode()) == "markdown"
    assert (
        kind_of("Title: A\n\nURL Source: https://a.example/\n\nMarkdown Content:\nb") == "markdown"
    )
    assert kind_of("# A\n\nb [c](https://a.example/d)") == "markdown"
    for text in (
        "# A\n* b\n- c\n> d\n1. e\n**f** _g_ `h`",
        "a [1](b) [2](c) [3](d)",
        "see [this](/a) and [that](/b)",
        "Title: A\nb",
        "---\na: b\n---\nc",
        "| a | b |\n|---|---|",
    ):
        assert kind_of(text) == "text"
    assert kind_of(f"<html><body>{PAGE}") == "html"


@pytest.mark.parametrize(
    "text",
    [
        "# The ferry\n\nGULL ISLAND: The ferry runs again.\n\nThe council voted on Monday.\n",
        "Update: this story has a new figure.\n\nThe ferry runs again.\n",
        "Title: a line of the page\nand one that is none of YAML\n",
        "Note: the ferry runs again.\n",
        "Source: Reuters\n",
        "Date: Tuesday\n# The ferry\n- The ferry runs again.\n- The council voted.\n",
        "Source: Who pays for the ferry?\nHollins: The town does, and it has said so on Monday, as "
        "it did in the year before, and will in the next.\n",
        "source: Courier\n\n" + "    The ferry runs again, the council said on Monday.\n" * 9,
    ],
)
def test_a_text_between_two_lines_is_no_field(text):
    page = split_page(Page(f"---\n{text}---\n\nThe end", "markdown"))
    said = " ".join(page.texts)
    assert all(word in said for word in re.sub("[#-]", "", text).split())
    assert kind_of(f"---\n{text}---\n\nThe end") == "text"


@pytest.mark.parametrize("value", ["[" * 9_000, "[a, " * 9_000, "- " * 9_000, "&a [*a]", "\0"])
def test_hostile_fields_are_read(value):
    page = split_page(Page(f"---\ntitle: The ferry\ntags: {value}\n---\nText", "markdown"))
    assert page.texts[-1] == "Text"
    assert page.title in ("The ferry", None)  # None where it was taken for a text


@given(st.dictionaries(st.sampled_from(("title", "author", "tags")), st.text()))
def test_fields_that_are_written_are_read(fields):
    said = {n: [v.strip()] for n, v in fields.items() if v.strip() not in NULLS}
    assert read_front_matter(f"{write_front_matter(fields)}Text").fields == said
