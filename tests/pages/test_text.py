import textwrap

from hypothesis import given
from hypothesis import strategies as st

from cleaner.pages.text import split_text

SENTENCE = (
    "The council met for the third time this month to decide on the harbour wall and heard from "
    "the engineers who had surveyed it over the winter. "
)


def test_every_line_is_a_paragraph():
    text = "  A headline \r\n\r\nA line.\rAnother line.\n\n\n\tThe last\t"
    assert split_text(text) == ["A headline", "A line.", "Another line.", "The last"]


def test_hard_wrapped_text_is_unwrapped():
    paragraphs = [SENTENCE.strip(), (SENTENCE * 2).strip(), (SENTENCE * 3).strip()]
    wrapped = "\n\n".join(textwrap.fill(p, 72) for p in paragraphs)
    assert split_text("A headline\n\n" + wrapped) == ["A headline", *paragraphs]


def test_long_lines_and_lists_are_left_alone():
    for text in (SENTENCE + "\n" + SENTENCE, "- milk\n- flour\n\n" * 9, "one\ntwo\nthree"):
        assert split_text(text) == [line.strip() for line in text.split("\n") if line.strip()]


def test_short_items_without_blank_lines_are_lines():
    items = [f"Item number {n} of a long list of things that stand on a line" for n in range(30)]
    assert split_text("\n".join(items)) == items


@given(st.text())
def test_nothing_is_lost_or_reordered(text):
    assert "".join("".join(split_text(text)).split()) == "".join(text.split())


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\r\n"), max_size=40)))
def test_short_lines_come_out_one_for_one(lines):
    assert split_text("\n".join(lines)) == [line.strip() for line in lines if line.strip()]
