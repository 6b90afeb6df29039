import json

import pytest

from cleaner.errors import UsageError
from cleaner.training.annotations import block_hash
from cleaner.training.data import read_pages

HTML = "<h1>Ferry returns</h1><p>It sails on Monday.</p><p>Menu</p><ul><li>Menu</li></ul>"
HASHES = [block_hash(text) for text in ("Ferry returns", "It sails on Monday.", "Menu", "Menu")]


def write(folder, **fields):
    page = {"id": "a", "html": HTML, "type": "article", "site": "a.example"}
    path = folder / "data.jsonl"
    path.write_text(json.dumps({"id": "a", **fields}) + "\n" + json.dumps(page))
    return [path]


def test_an_annotation_labels_a_page(tmp_path):
    (page,) = read_pages(write(tmp_path, hashes=HASHES, labels="haab"))
    assert page.paragraphs == (
        ("Ferry returns", 0), ("It sails on Monday.", 1), ("Menu", 1), ("Menu", 5),
    )  # fmt: skip


def test_a_block_that_the_annotation_does_not_know_has_no_label(tmp_path):
    (page,) = read_pages(write(tmp_path, hashes=["0000", *HASHES[1:]], labels="ahsb"))
    assert page.paragraphs == (("It sails on Monday.", 0), ("Menu", 4), ("Menu", 5))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"hashes": HASHES, "labels": "haa"}, "data.jsonl:1: has 4 hashes and 3 labels"),
        ({"hashes": HASHES, "labels": "haxb"}, "data.jsonl:1: unknown label 'x'"),
        ({"hashes": HASHES}, "data.jsonl:1: lacks the field 'labels'"),
        ({"id": "b", "hashes": HASHES, "labels": "haab"}, "data.jsonl:1: labels a page that none"),
    ],
)
def test_a_wrong_annotation_is_told(tmp_path, fields, message):
    with pytest.raises(UsageError, match=message):
        read_pages(write(tmp_path, **fields))
