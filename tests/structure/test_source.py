"""What is kept of Markdown comes out in its own lines."""

import pytest

from cleaner import Page
from cleaner.pages import split_page
from cleaner.structure.source import lines_of_kept


def kept(source, *texts):
    """What comes out of a page if these of its texts are kept; all of them, if none is named."""
    page = split_page(Page(source, "markdown"))
    assert {*texts} <= {*page.texts}
    rows = [n for n, text in enumerate(page.texts) if not texts or text in texts]
    return lines_of_kept(page.lines, page.texts, rows)


@pytest.mark.parametrize(
    "source",
    [
        "# a\n\n**b** [c](/d)  \ne\n\n* f\n* g\n  * h",
        "a\r\n\r\n> b\r\n>\r\n> c\r\n\r\nd",
        "Set\n===\ntext\n\n```py\na\n\n\nb\n```",
        "|a|b|\n|:-|-:|\n|c\\|d|e|",
        "a [b]\n\n[b]: https://c.example/",
        "\ufeff# a\n\n<b>c</b>",
    ],
)
def test_all_of_a_page_is_the_page(source):
    assert kept(source) == source


def test_what_is_left_out_leaves_a_blank_line():
    assert kept("* a\n* b\n* c\n* d", "a", "b", "d") == "* a\n* b\n\n* d"
    assert kept("# a\nb\n\nc\n\n\n\nd", "a", "b", "d") == "# a\nb\n\nd"
    assert kept("> a\n>\n> b\n>\n> c\n", "a", "c") == "> a\n\n> c"
    assert kept("a\n\n![b](c.jpg)\n\nd") == "a\n\nd"
    assert kept("a\n\nb", "b") == "b"


def test_a_table_keeps_its_first_row_and_a_link_its_address():
    table = "|a|b|\n|-|-|\n|c|d|\n|e|f|"
    assert kept(f"{table}\n\ng", "f", "g") == "|a|b|\n|-|-|\n|e|f|\n\ng"
    assert kept(f"{table}\n\ng", "b") == "|a|b|\n|-|-|"
    assert kept("a [b][X]\n\nc [d][y]\n\n[x]: /e\n[y]: /f", "a b") == "a [b][X]\n\n[x]: /e"


def test_an_html_block_that_is_kept_in_part_is_its_kept_text():
    source = "<div><p>*a*</p><p>b</p></div>\n\nc"
    assert kept(source, "*a*", "b") == "<div><p>*a*</p><p>b</p></div>"
    assert kept(source, "*a*", "c") == "\\*a\\*\n\nc"
