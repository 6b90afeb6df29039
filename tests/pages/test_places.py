import pytest
from lxml import html as lxml_html

from cleaner.pages import Page, split_page
from cleaner.pages.places import find_places


def places(source, kind):
    page = Page(source, kind)
    texts = split_page(page).texts
    found = find_places(page, texts)
    assert len(found) == len(texts)
    return list(zip(texts, found, strict=True))


@pytest.mark.parametrize(
    "source",
    [
        "One line\n\n  Twice  \r\nTwice\t\n\u2028 last",
        "\ufeffA mark before, and half an emoji \ud83d behind.\nThe end",
        "\n".join(f"{line}\n" if n % 4 == 3 else line for n, line in enumerate(
            ["The ferry to the island will sail again from the first", "of May, its owner says, "
             "and then every day of the week", "until the end of October, when the storms of the",
             "autumn begin"] * 4)),
        " ".join(f"This is sentence {n} of a long text without lines." for n in range(60)),
        "",
    ],
    ids=["lines", "marks", "wrapped", "flat", "empty"],
)  # fmt: skip
def test_a_slice_of_the_text_is_the_paragraph(source):
    for text, place in places(source, "text"):
        cut = source[place.begin : place.end]
        assert cut.replace("\ud83d", "\ufffd").split() == text.split()
        assert cut.strip() == cut
        assert place.xpath is None


def test_wrapped_lines_are_one_place():
    lines = ["The ferry to the island will sail again from the first of", "May, says its owner."]
    source = "\n\n".join(["\n".join([lines[0], lines[0], lines[1]])] * 4)
    for text, place in places(source, "text"):
        assert source[place.begin : place.end].count("\n") == 2
        assert "\n" not in text


def test_bytes_are_counted_in_characters():
    text = "Über die Brücke\nging ein Bär"
    for charset in ("utf-8", "utf-16"):
        found = places(text.encode(charset), "text")
        assert [text[p.begin : p.end] for _, p in found] == text.splitlines()


PAGE = """<!doctype html><html><head><title>T</title><script>1 < 2</script></head><body>
<!-- a comment --><nav><a href=/>Home</a></nav><p>One <b>bold</b> word<p>Two
<div>Bare text<p>Inside</p>and behind<br><br>twice</div>
<x-box><p>In a box</p></x-box><o:p>Word's <p>In Word's</p></o:p><o:p>its <p>own</p></o:p>
<x-word>a word</x-word> of a sentence
<table><tr><td>Cell one<td>Cell two</table><ul><li>First<li>Second</ul>
<div hidden><p>Not in sight</p></div></body></html>"""


def test_lxml_finds_the_element_of_each_block():
    tree = lxml_html.document_fromstring(PAGE)
    found = places(PAGE, "html")
    assert [text for text, _ in found][:4] == ["Home", "One bold word", "Two", "Bare text"]
    for text, place in found:
        (element,) = tree.xpath(place.xpath)
        assert text in " ".join(element.text_content().split())
        assert (place.begin, place.end) == (None, None)
    paths = {text: place.xpath for text, place in found}
    assert paths["Cell two"] == "/html/body/table/tr/td[2]"
    assert paths["Two"] == "/html/body/p[2]"
    assert paths["twice"] == paths["Bare text"] == "/html/body/div[1]"
    assert paths["In a box"] == "/html/body/x-box/p"
    assert paths["own"] == "/html/body/*[name()='o:p'][2]/p"


def test_a_hidden_story_is_found_too():
    story = "".join(
        f"<p>{'The harbour gate held back the tide again. ' * 3}{n}</p>" for n in "123456"
    )
    source = f"<nav>Menu</nav><div style='display:none'><main>{story}</main></div>"
    paths = [place.xpath for _, place in places(source, "html")]
    assert paths[1:] == [f"/html/body/div/main/p[{n}]" for n in "123456"]


def test_an_empty_page_has_no_place():
    assert places(" ", "html") == places("<html></html>", "html") == []
