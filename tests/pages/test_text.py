import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.pages.text import FLAT_LETTERS, split_sentences, split_text

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


FLAT = [
    "Port Tamsin votes to rebuild its harbour wall",
    "By A. B. Lind The U.S. engineer, Dr. Okonjo, spoke for an hour.",
    "“It will hold,” she said. “Ask me again in 2040.”",
    "It costs 41.5 million crowns!",
    "No. 5 pier stays as it is.",
    "Who pays?",
    *[
        f"The council met for the {n}rd time on 3. May to hear what it costs…"
        for n in range(23, 50)
    ],
]


def test_a_long_text_without_line_breaks_is_split_into_sentences():
    line = " ".join(FLAT[1:])
    for text in (line, f"{FLAT[0]}\n{line}\n", line.replace(". “", ".“").replace("! N", "!N")):
        found = split_text(text)
        assert found[-27:] == FLAT[-27:]
        assert found[-30:-27] == FLAT[-30:-27]
    assert split_text(line)[0] == FLAT[1]
    japanese = "議会は月曜日に三度目の会合を開いた。「水門は必要だ」と議長は話した！" * 60
    assert len(split_text(japanese)) == 120


def test_text_with_line_breaks_or_a_long_paragraph_is_not_split_into_sentences():
    line = " ".join(FLAT)
    assert split_text("\n".join([line] * 3)) == [line] * 3
    short = line[: FLAT_LETTERS - 1].strip()
    assert split_text(short) == [short]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It fell.Nobody stood there.", ["It fell.", "Nobody stood there."]),
        ("He met J. R. Hale vs. Mr. Lind. Ok.", ["He met J. R. Hale vs. Mr. Lind.", "Ok."]),
        ("See example.com or v1.2.3 now. ok?", ["See example.com or v1.2.3 now. ok?"]),
        ("Warum? Darum! «Oui.» ¿Qué? Nada", ["Warum?", "Darum!", "«Oui.»", "¿Qué?", "Nada"]),
        ("Am 31. Mai im 19. Jahr. Er ist 77. “Gut.” © 2025 • Menu",
         ["Am 31. Mai im 19. Jahr.", "Er ist 77.", "“Gut.”", "© 2025 • Menu"]),
        ("वह गिरा। कोई नहीं था। هل سقط؟ نعم", ["वह गिरा।", "कोई नहीं था।", "هل سقط؟", "نعم"]),
        ("本当？はい。そうです", ["本当？", "はい。", "そうです"]),
        ("...", ["..."]),
    ],
)  # fmt: skip
def test_sentences(text, expected):
    assert split_sentences(text) == expected


@given(st.lists(st.sampled_from("It| |.|?|Mr|a|Ü|“|”|。|5|(|U.S".split("|"))))
def test_no_sign_is_lost_between_sentences(parts):
    text = "".join(parts)
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


@given(st.text())
def test_nothing_is_lost_or_reordered(text):
    assert "".join("".join(split_text(text)).split()) == "".join(text.split())


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\r\n"), max_size=40)))
def test_short_lines_come_out_one_for_one(lines):
    assert split_text("\n".join(lines)) == [line.strip() for line in lines if line.strip()]
