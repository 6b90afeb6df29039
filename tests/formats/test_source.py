import io
import json
import os
import sys
from itertools import chain
from pathlib import Path

import pytest

from cleaner import Page
from cleaner.formats import Record, read_records

SEEDS = Path(__file__).parents[2] / "seeds"
OBJECT = b'{"id": 1, "text": "A line"}\n'


def read(path: Path | str, *args: str, **names: str) -> list[Record]:
    return list(chain.from_iterable(read_records(str(path), *args, **names)))


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("name", "data", "format"),
    [
        ("page.txt", b"<html><p>named text</html>", "text"),
        ("page.HTM", b"named HTML", "html"),
        ("pages.ndjson", OBJECT, "jsonl"),
        ("a", b"A line of text\n", "text"),
        ("b", b"<!DOCTYPE html><p>A page", "html"),
        ("c", b"\xef\xbb\xbf \n" + OBJECT, "jsonl"),
        ("d", b'{"text": "broken', "jsonl"),
        ("e", b'[{"text": "a list"}]', "jsonl"),
        ("f", b"{curly} text", "text"),
        ("g", b"", "text"),
        ("h", b" \n\n", "text"),
    ],
)
def test_format_by_ending_else_by_beginning(tmp_path, name, data, format):
    (record,) = read(written(tmp_path, name, data))
    assert record.format == format


def test_the_format_can_be_said(tmp_path):
    path = written(tmp_path, "page.html", OBJECT)
    assert [r.format for r in read(path, "jsonl")] == ["jsonl"]
    assert [r.format for r in read(path, "text")] == ["text"]


def test_a_file_of_text_or_html_is_one_page():
    (text,), (html,) = read(SEEDS / "harbour.txt"), read(SEEDS / "observatory.html")
    name = str(SEEDS / "harbour.txt")
    assert text.page == Page((SEEDS / "harbour.txt").read_bytes(), "text")
    assert (text.fields, text.where) == ({"id": name}, name)
    assert html.page == Page((SEEDS / "observatory.html").read_bytes(), "html")


def test_labelled_pages_with_html_are_pages():
    rows = [json.loads(line) for line in (SEEDS / "pages.jsonl").read_text().splitlines()]
    records = read(SEEDS / "pages.jsonl")
    assert [isinstance(r.page, Page) for r in records] == ["html" in row for row in rows]


def test_standard_input_is_named(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"A line")))
    (record,) = read("-")
    assert (record.where, record.fields) == ("<stdin>", {"id": "<stdin>"})


def test_a_page_on_a_pipe_is_handed_on_at_once():
    incoming, outgoing = os.pipe()
    batches = read_records(f"/dev/fd/{incoming}", "auto")
    for part in (b"{", b'"text": "one"}\n{"text": "two"}\n{"text'):
        os.write(outgoing, part)
    assert [r.page for r in next(batches)] == [Page("one", "text"), Page("two", "text")]
    os.write(outgoing, b'": "three"}')
    os.close(outgoing)
    assert [r.page for r in next(batches)] == [Page("three", "text")]
    assert list(batches) == []
    os.close(incoming)


@pytest.mark.parametrize("format", ["auto", "text", "jsonl"])
def test_what_cannot_be_read_is_an_os_error(tmp_path, format):
    with pytest.raises(IsADirectoryError):
        read(tmp_path, format)
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "missing", format)
