import gzip
import json
import os

import pytest

from cleaner.errors import UsageError
from cleaner.labels import ID, LABELS
from cleaner.training.annotations import block_hash
from cleaner.training.data import UNKNOWN, as_confirmed, read_pages
from cleaner.training.evaluate import judge_pages
from cleaner.training.views import html_views, text_views

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


def test_a_mark_of_byte_order_is_no_part_of_the_first_line(tmp_path):
    (path,) = write(tmp_path, hashes=HASHES, labels="haab")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    (page,) = read_pages([path])
    assert len(page.paragraphs) == 4


def test_a_block_that_the_annotation_does_not_know_has_no_label(tmp_path):
    (page,) = read_pages(write(tmp_path, hashes=["0000", *HASHES[1:]], labels="ahsb"))
    assert page.paragraphs == (("It sails on Monday.", 0), ("Menu", 4), ("Menu", 5))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"hashes": HASHES, "labels": "haa"}, "data.jsonl:1: has 4 hashes and 3 labels"),
        ({"hashes": HASHES, "labels": "haxb"}, "data.jsonl:1: unknown label 'x'"),
        ({"hashes": HASHES}, "data.jsonl:1: lacks the field 'labels'"),
        ({"hashes": HASHES, "labels": ["h"]}, "data.jsonl:1: the field 'labels' is no string"),
        ({"hashes": "0000", "labels": "h"}, "data.jsonl:1: the field 'hashes' is no list of"),
        ({"hashes": [1, 2], "labels": "ha"}, "data.jsonl:1: the field 'hashes' is no list of"),
        ({"id": "b", "hashes": HASHES, "labels": "haab"}, "data.jsonl:1: labels a page that none"),
    ],
)
def test_a_wrong_annotation_is_told(tmp_path, fields, message):
    with pytest.raises(UsageError, match=message):
        read_pages(write(tmp_path, **fields))


PAGE = {"id": "a", "paragraphs": [{"text": "It sails.", "label": "article"}]}


@pytest.mark.parametrize("nonsense", [1, 0.5, True, ["x"], {"x": 1}], ids=repr)
@pytest.mark.parametrize(
    "key", ["site", "language", "type", "title", "html", "body", "kind", "text", "url"]
)
def test_fields_of_other_types(tmp_path, key, nonsense):
    paragraph = {"text": nonsense if key == "text" else "It sails.", "label": "article"}
    page = PAGE | {"paragraphs": [paragraph]} | ({} if key == "text" else {key: nonsense})
    path = tmp_path / "data.jsonl"
    path.write_text(json.dumps(page))
    with pytest.raises(UsageError, match=rf"data\.jsonl:1: the field {key!r} is no string"):
        read_pages([path])


@pytest.mark.parametrize(
    "line",
    [
        "1", "null", "[]", '"a"', "{}", "[" * 100_000, "\xff", "{", '{"id": "a", "id": ',
        json.dumps(PAGE | {"paragraphs": 1}), json.dumps(PAGE | {"paragraphs": "text"}),
        json.dumps(PAGE | {"paragraphs": [1]}), json.dumps(PAGE | {"paragraphs": [[]]}),
        json.dumps(PAGE | {"paragraphs": [{"text": "x"}]}),
        json.dumps(PAGE | {"paragraphs": [{"label": "article"}]}),
        json.dumps(PAGE | {"paragraphs": [{"text": "x", "label": ["article"]}]}),
        json.dumps(PAGE | {"paragraphs": [{"text": "x", "label": 1}]}),
        json.dumps(PAGE | {"kind": "html"}), json.dumps(PAGE | {"language": "\x1b[2J"}),
    ],
)  # fmt: skip
def test_lines_of_nonsense(tmp_path, line):
    path = tmp_path / "data.jsonl"
    path.write_bytes(line.encode("latin-1"))
    with pytest.raises(UsageError, match=r"data\.jsonl:1: "):
        read_pages([path])


def test_a_corrected_page_says_what_a_person_confirmed(tmp_path):
    lines = [{"text": f"Line {n}", "label": "article"} for n in range(3)]
    pages = [
        {"id": "a", "text": "Line 0\nLine 1", "url": "https://a.example/", "paragraphs": lines},
        {"id": "b", "html": HTML, "text": "no text of it", "paragraphs": [
            {**line, "confirmed": n == 1} for n, line in enumerate(lines)
        ]},
        {"id": "c", "paragraphs": [{**line, "confirmed": True} for line in lines]},
    ]  # fmt: skip
    path = tmp_path / "corrections.jsonl"
    path.write_text("\n".join(map(json.dumps, pages)))
    first, second, third = read_pages([path])
    assert (first.text, first.url, first.confirmed) == (pages[0]["text"], pages[0]["url"], ())
    assert (second.text, second.confirmed) == ("", (False, True, False))
    assert third.confirmed == ()


def test_labels_that_nobody_confirmed_are_unknown(tmp_path):
    lines = [{"text": f"Line {n}", "label": "article", "confirmed": n > 0} for n in range(3)]
    path = tmp_path / "corrections.jsonl"
    path.write_text(json.dumps({"id": "a", "paragraphs": lines}))
    (page,) = map(as_confirmed, read_pages([path]))
    assert [label for _, label in page.paragraphs] == [UNKNOWN, ID["article"], ID["article"]]
    assert page.has_story
    (view,) = text_views([page])
    assert view.labels == [UNKNOWN, ID["article"], ID["article"]]


def test_nothing_of_a_page_that_is_no_article_is_of_a_story(tmp_path):
    lines = [{"text": f"Line {n}", "label": "article"} for n in range(3)]
    path = tmp_path / "corrections.jsonl"
    path.write_text(json.dumps({"id": "a", "type": "no-article", "paragraphs": lines}))
    (page,) = map(as_confirmed, read_pages([path]))
    assert {label for _, label in page.paragraphs} == {ID["boilerplate"]}
    assert not page.has_story


@pytest.mark.parametrize("nonsense", [1, None, "yes"], ids=repr)
def test_a_label_is_confirmed_or_not(tmp_path, nonsense):
    page = {**PAGE, "paragraphs": [{**PAGE["paragraphs"][0], "confirmed": nonsense}]}
    path = tmp_path / "data.jsonl"
    path.write_text(json.dumps(page))
    with pytest.raises(UsageError, match=r"data.jsonl:1: the field 'confirmed' is neither true"):
        read_pages([path])


def test_damaged_files(tmp_path):
    packed = gzip.compress((json.dumps(PAGE) + "\n").encode() * 1000)
    path = tmp_path / "data.jsonl.gz"
    for data in (b"", packed[:-1], packed[:200], packed[:200] + bytes(50) + packed[250:], b"x"):
        path.write_bytes(data)
        with pytest.raises(UsageError, match=r"can't be read|holds no page"):
            read_pages([path])


def test_a_line_of_gigabytes(tmp_path, monkeypatch):
    monkeypatch.setattr("cleaner.training.data.MAX_LINE_BYTES", 1_000_000)
    path = tmp_path / "data.jsonl.gz"
    path.write_bytes(gzip.compress(bytes(20_000_000)))
    with pytest.raises(UsageError, match=r"data\.jsonl\.gz:1: is longer than 1 MB"):
        read_pages([path])


def test_what_is_no_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "a.jsonl")
    (tmp_path / "b.jsonl").symlink_to("/dev/zero")
    (tmp_path / "c.jsonl").mkdir()
    for given in (tmp_path, tmp_path / "a.jsonl", tmp_path / "b.jsonl"):
        with pytest.raises(UsageError, match=r"holds no|no such file"):
            read_pages([given])
    (tmp_path / "d.jsonl").write_text(json.dumps(PAGE))
    assert [page.id for page in read_pages([tmp_path])] == ["a"]


def test_a_page_that_cannot_be_split_is_named(tmp_path):
    path = tmp_path / "data.jsonl"
    page = PAGE | {"html": "%PDF-1.7 \n", "type": "article"}
    path.write_text(json.dumps(page))
    with pytest.raises(UsageError, match=r"page 'a': this is a PDF file.*; take it out"):
        html_views(read_pages([path]))
    page = {"id": "a", "html": "%PDF-1.7 \n"}
    path.write_text(json.dumps(page) + '\n{"id": "a", "hashes": [], "labels": ""}')
    with pytest.raises(UsageError, match=r"page 'a': this is a PDF file.*; take it out"):
        read_pages([path])


WRITTEN = {"language": "de", "label": "article", "about": "hard", "text": "Wer {site} liest, weiß."}


def test_a_written_line_is_a_page_of_one_paragraph_and_no_story(tmp_path):
    path = tmp_path / "data.jsonl"
    lines = [WRITTEN, WRITTEN | {"text": "Abo"}, PAGE, WRITTEN | {"label": "caption"}]
    path.write_text("\n".join(map(json.dumps, lines)))
    *written, page, last = read_pages([path])
    assert (page.kind, page.has_story) == ("whole", True)
    for one, line in zip([*written, last], [*lines[:2], lines[3]], strict=True):
        assert one.paragraphs == ((line["text"], LABELS.index(line["label"])),)
        assert (one.kind, one.language, one.has_story) == ("written", "de", False)
    assert written[0].site == read_pages([path])[0].site != written[1].site


def test_no_figure_counts_written_lines(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text(json.dumps(WRITTEN))
    with pytest.raises(UsageError, match="no page of type `article` with a label"):
        judge_pages([path])
    path.write_text(f"{json.dumps(WRITTEN)}\n{json.dumps(PAGE | {'type': 'article'})}")
    assert {one.view.page for one in judge_pages([path])} == {"a"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": "pitch"}, "unknown label 'pitch': choose from headline, article, "),
        ({"label": None}, "unknown label None"),
        ({"label": ["article"]}, "is no labelled page"),
        ({"text": None}, "the field 'text' is no string"),
        ({"text": ["Abo"]}, "the field 'text' is no string"),
        ({"language": 1}, "the field 'language' is no string"),
    ],
)
def test_wrong_written_lines(tmp_path, change, message):
    path = tmp_path / "data.jsonl"
    path.write_text(f"{json.dumps(WRITTEN)}\n\n{json.dumps(WRITTEN | change)}\n")
    with pytest.raises(UsageError, match=rf"data\.jsonl:3: {message}"):
        read_pages([path])


@pytest.mark.parametrize("key", ["text", "label"])
def test_what_a_written_line_must_have(tmp_path, key):
    path = tmp_path / "data.jsonl"
    path.write_text(json.dumps({k: v for k, v in WRITTEN.items() if k != key}))
    with pytest.raises(UsageError, match=rf"data\.jsonl:1: lacks the field {key!r}"):
        read_pages([path])
