"""The lines of `annotations/written.jsonl`, which were written for training."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from cleaner.labels import LABELS
from cleaner.training.compose import written_views
from cleaner.training.data import read_pages
from cleaner.training.sentences import SENTENCES

PATH = Path(__file__).parents[2] / "annotations" / "written.jsonl"

pytestmark = pytest.mark.skipif(not PATH.exists(), reason="needs annotations/, which is not here")


@pytest.fixture(scope="module")
def rows():
    return [json.loads(line) for line in PATH.read_text(encoding="utf-8").splitlines()]


def test_each_says_what_it_is(rows):
    for row in rows:
        assert row.keys() == {"language", "label", "about", "text"}
        assert re.fullmatch("[a-z]{2}", row["language"])
        assert row["label"] in LABELS[1:]
        assert row["about"].strip() == row["about"] != ""
    assert {row["label"] for row in rows} == {*LABELS[1:]}


def test_each_is_one_paragraph_with_places_for_names(rows):
    for row in rows:
        text = row["text"]
        assert text == " ".join(text.split())
        assert re.search(r"\w", text)
        assert not re.search("[{}]", re.sub(r"\{(site|name|place)\}", "", text)), text


def letters_of(text):
    return re.sub(r"[\W_]", "", text).casefold()


def test_no_two_are_alike(rows):
    count = Counter(letters_of(row["text"]) for row in rows)
    assert [text for text, times in count.items() if times > 1] == []


def test_none_is_among_the_sentences_that_figures_are_taken_of(rows):
    sentences = {letters_of(one.text) for some in SENTENCES.values() for one in some}
    assert [row["text"] for row in rows if letters_of(row["text"]) in sentences] == []


def test_training_reads_them_all(rows):
    pages = read_pages([PATH])
    assert [(page.kind, page.has_story) for page in pages] == [("written", False)] * len(rows)
    assert len({page.id for page in pages}) == len(rows)
    for view, row in zip(written_views(pages), rows, strict=True):
        assert [LABELS[label] for label in view.labels] == [row["label"]]
        assert view.language == row["language"]
