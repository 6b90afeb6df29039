from hypothesis import given
from hypothesis import strategies as st

from cleaner.training.align import carry_labels

PARAGRAPHS = [
    ("News", 5),
    ("The ferry returns to the island", 0),
    ("The ferry returned on Monday after four days.", 1),
    ("News", 3),
    ("Read more", 3),
    ("Islanders had waited for bread, milk and letters.", 1),
    ("Read more", 5),
]


def test_the_same_splitting_keeps_its_labels():
    labels = [label for _, label in PARAGRAPHS]
    assert carry_labels([text for text, _ in PARAGRAPHS], PARAGRAPHS) == labels


def test_omissions_signs_and_splits():
    texts = [
        "- The ferry returns to the island -",
        "The ferry returned on Monday",
        "after four days",
        "Read more",
        "Islanders had waited for bread, milk and letters. Read more",
        "Nothing of the kind",
        "***",
    ]
    assert carry_labels(texts, PARAGRAPHS) == [0, 1, 1, 3, 1, None, None]


def test_an_edited_paragraph_is_matched_by_its_shingles():
    story = "Islanders had waited for bread, milk and letters while the storm went on for days."
    edited = story.replace("while", "(see our map) while")
    assert carry_labels([edited], [("Islanders", 0), (story, 1), ("Menu", 5)]) == [1]


@given(st.lists(st.tuples(st.text(max_size=30), st.integers(0, 5)), max_size=12))
def test_any_page_carries_its_own_labels(paragraphs):
    labels = carry_labels([text for text, _ in paragraphs], paragraphs)
    for label, (text, _) in zip(labels, paragraphs, strict=True):
        assert (label is None) == (not any(c.isalnum() for c in text))
