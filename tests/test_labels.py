import pytest

from cleaner.labels import (
    COLOURS,
    GROUP_OF,
    GROUPS,
    ID,
    LABELS,
    LETTERS,
    MARKS,
    STORY,
    STORY_IDS,
    check_labels,
)


def test_each_label_has_a_name_a_letter_and_a_group_of_its_own():
    assert len(set(LABELS)) == len(set(LETTERS)) == len(LABELS) == len(LETTERS)
    assert [LABELS[ID[label]] for label in LABELS] == list(LABELS)
    assert sorted(label for members in GROUPS.values() for label in members) == sorted(LABELS)
    for name, members in GROUPS.items():
        assert name in members
    assert [list(GROUPS)[GROUP_OF[ID[label]]] for label in STORY] == ["article"] * len(STORY)
    assert [LABELS[i] for i in STORY_IDS] == list(STORY) == list(check_labels(STORY))


@pytest.mark.parametrize("colour", COLOURS.values())
def test_colours_are_seen_on_black_and_on_white(colour):
    """Contrasts of at least 4.5, as WCAG 2.2 computes them."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    luminance = sum(x * y for x, y in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))
    assert 1.05 / (luminance + 0.05) >= 4.5
    assert (luminance + 0.05) / 0.05 >= 4.5


OKABE_ITO = "#000000 #E69F00 #56B4E9 #009E73 #F0E442 #0072B2 #D55E00 #CC79A7 #999999".split()


def test_marks_are_of_the_palette_for_all_kinds_of_colour_vision():
    assert list(MARKS) == list(LABELS)
    assert len(set(MARKS.values())) == len(MARKS)
    assert set(MARKS.values()) <= set(OKABE_ITO)
