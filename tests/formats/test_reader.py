import gzip
import io
import json
import os
import struct
import subprocess
import sys
import tempfile
import threading
import tracemalloc
from itertools import chain
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner import Page, PageError
from cleaner.formats import Record, read_records

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SEEDS = Path(__file__).parents[2] / "seeds"
OBJECT = b'{"id": 1, "text": "A line"}\n'


def read(path: Path | str, *args: str, **names: Any) -> list[Record]:
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
        ("pages.jsonl.gz", gzip.compress(OBJECT), "jsonl"),
        ("pages.jsonl.gz", OBJECT, "jsonl"),
        ("page.html", gzip.compress(b"<p>packed"), "html"),
        ("h", zstd.compress(b"<!DOCTYPE html><p>A page"), "html"),
        ("i", gzip.compress(OBJECT), "jsonl"),
        ("j", b"WARC/ is a format", "warc"),
        ("k", b"PAR1 is a format", "parquet"),
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
    records = read_records(str(written(tmp_path, name, data)))
    assert records.format == format
    assert len(list(chain.from_iterable(records))) == 1


def test_the_format_can_be_said(tmp_path):
    path = written(tmp_path, "page.html", OBJECT)
    assert read_records(str(path), "jsonl").format == "jsonl"
    assert [r.page for r in read(path, "text")] == [Page(OBJECT, "text")]


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
    for part in (b"{", b'"text": "one"}\n{"text": "two"}\n{"text'):
        os.write(outgoing, part)
    batches = iter(read_records(f"/dev/fd/{incoming}", "auto"))
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


@pytest.fixture
def table() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"n": [1, 2], "text": ["one", "two"]}), sink)
    return sink.getvalue()


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd.compress])
@pytest.mark.parametrize("name", ["a.parquet", "a"])
def test_parquet_is_read_from_anywhere(tmp_path, monkeypatch, table, pack, name):
    expected = [Page("one", "text"), Page("two", "text")]
    path = written(tmp_path, name, pack(table))
    assert [r.page for r in read(path)] == expected
    records = read_records(str(path))
    assert (records.format, records.schema) == ("parquet", pa.schema([("n", pa.int64())]))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(pack(table))))
    assert [r.page for r in read("-")] == expected
    incoming, outgoing = os.pipe()
    os.write(outgoing, pack(table))
    os.close(outgoing)
    assert [r.page for r in read(f"/dev/fd/{incoming}")] == expected
    os.close(incoming)
    fsspec.filesystem("memory").pipe_file(f"/{name}", pack(table))
    assert [r.page for r in read(f"memory://{name}")] == expected


def test_every_format_behind_a_url(tmp_path):
    system = fsspec.filesystem("memory")
    for name, data in [("a.txt", b"A line"), ("a.jsonl.gz", gzip.compress(OBJECT))]:
        system.pipe_file(f"/{name}", data)
        here = read(written(tmp_path, name, data))
        there = read(f"memory://{name}")
        assert [r.page for r in there] == [r.page for r in here]
    assert there[0].where == "memory://a.jsonl.gz:1"
    with pytest.raises(FileNotFoundError):
        read("memory://missing.txt")


@pytest.mark.parametrize("stage", ["open", "read"])
def test_errors_of_a_file_system_are_os_errors(monkeypatch, stage):
    class NoCredentialsError(Exception):
        pass

    def fail(*_, **__):
        raise NoCredentialsError("none found")

    fsspec.filesystem("memory").pipe_file("/a.txt", b"A line")
    place = fsspec.implementations.memory
    if stage == "open":
        monkeypatch.setattr(place.MemoryFileSystem, "open", fail)
    else:
        monkeypatch.setattr(place.MemoryFile, "read1", fail)
    with pytest.raises(OSError, match="NoCredentialsError: none found"):
        read("memory://a.txt")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=8), st.sampled_from([None, gzip, zstd]), st.data())
def test_json_lines_cut_anywhere_give_their_first_pages_and_one_error(texts, packer, data):
    whole = b"".join(json.dumps({"text": text}).encode() + b"\n" for text in texts)
    packed = packer.compress(whole) if packer else whole
    end = data.draw(st.integers(4 if packer else 0, len(packed) - 1))
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), "pages.jsonl", packed[:end])
        found = read(path)
    errors = [r for r in found if isinstance(r.page, PageError)]
    pages = [r for r in found if r not in errors]
    assert [r.page for r in pages] == [Page(text, "text") for text in texts[: len(pages)]]
    assert found == pages + errors
    if packer:
        assert [str(r.page).split(";")[0] for r in errors] == [
            f"the {'gzip' if packer is gzip else 'zstd'} data is cut off at byte {end}"
        ]
        assert [r.where for r in errors] == [str(path)]
    else:
        ends = [n for n, byte in enumerate(whole, 1) if byte == ord("\n")]
        assert len(errors) == (end not in [0, *ends, *(n - 1 for n in ends)])


@pytest.mark.parametrize("name", ["page.txt", "page.html", "page"])
def test_a_page_that_is_cut_off_is_read_as_far_as_it_goes(tmp_path, name):
    text = "\n".join(str(n) for n in range(100_000)).encode()
    packed = gzip.compress(text)
    page, error = read(written(tmp_path, name, packed[:50_000]))
    assert text.startswith(page.page.source)
    assert len(page.page.source) > 50_000
    assert "cut off at byte 50000" in str(error.page)
    assert error.where == str(tmp_path / name)


def test_a_warc_in_gzip_members(tmp_path, warc_record):
    pages = [warc_record(b"<p>A line of a story", n) for n in range(1, 4)]
    packed = b"".join(gzip.compress(page) for page in pages)
    for name in ("a.warc.gz", "a"):
        assert len(read(written(tmp_path, name, packed))) == 3
        first, error = read(written(tmp_path, name, packed[: len(packed) // 2]))
        assert first.fields["id"] == "<urn:uuid:1>"
        assert str(error.page).startswith(f"the gzip data is cut off at byte {len(packed) // 2};")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.parquet", OBJECT, "no index of Parquet at byte 28, the end"),
        ("a.parquet", b"", "no index of Parquet at byte 0, the end"),
        ("a.warc", OBJECT, "no WARC record"),
        ("a.parquet", gzip.compress(bytes(10)), "this is no Parquet: it does not begin with PAR1"),
        ("a.jsonl", b"PAR1\0\0\0\0", "this is a Parquet file"),
        ("a.txt", b"PAR1\0\0\0\0", None),
    ],
)
def test_a_wrong_ending_is_told(tmp_path, name, data, message):
    (record,) = read(written(tmp_path, name, data))
    if message is None:  # by the room that splits the page
        assert record.page == Page(data, "text")
    else:
        assert message in str(record.page)


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a"])
@pytest.mark.parametrize("packer", [gzip, zstd])
def test_a_file_over_the_limit_is_told_and_not_read_to_its_end(tmp_path, name, packer):
    packed = packer.compress(bytes(50_000_000))
    path = written(tmp_path, name, packed)
    tracemalloc.start()
    (record,) = read(path, max_page=1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "larger than 1 MB, unpacked; give --max-page-size to read it" in str(record.page)
    assert (record.where, record.fields) == (str(path), {"id": str(path)})
    assert peak < 12_000_000
    small = written(tmp_path, name, packer.compress(b"a" * 1_000_000))
    assert isinstance(read(small, max_page=1_000_000)[0].page, Page)


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"[", b"{"])
def test_white_space_does_not_keep_the_format_from_being_found(tmp_path, start):
    path = written(tmp_path, "a", start + b" \n" * 1_000_000)
    code = f"from cleaner.formats import read_records\nprint(read_records({str(path)!r}).format)\n"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert result.stdout == "text\n"


def test_the_format_is_that_of_the_beginning_however_it_arrives(tmp_path):
    late = b" " * 8000 + OBJECT
    incoming, outgoing = os.pipe()
    os.write(outgoing, late[:5000])
    records = []
    thread = threading.Thread(target=lambda: records.append(read_records(f"/dev/fd/{incoming}")))
    thread.start()
    os.write(outgoing, late[5000:])
    os.close(outgoing)
    thread.join()
    assert records[0].format == read_records(str(written(tmp_path, "a", late))).format == "jsonl"
    assert [r.page for r in chain.from_iterable(records[0])] == [Page("A line", "text")]
    os.close(incoming)


@pytest.mark.parametrize("error", [SystemError, MemoryError, RuntimeError, struct.error])
def test_whatever_a_library_raises_is_told_behind_what_was_read(tmp_path, monkeypatch, error):
    def read(chunks, name, **_):
        yield [Record(Page("A line"), {}, f"{name}:1")]
        raise error("broken")

    monkeypatch.setattr("cleaner.formats.jsonl.read", read)
    path = written(tmp_path, "a.jsonl", OBJECT)
    first, second = chain.from_iterable(read_records(str(path)))
    assert first.page == Page("A line")
    assert f"can't be read further ({error.__name__}: broken)" in str(second.page)
    assert second.where == str(path)


def test_a_file_is_closed_behind_its_last_page(tmp_path):
    before = len(os.listdir("/dev/fd"))
    for name, data in [("a.txt", b"A line"), ("a.jsonl", OBJECT), ("b.gz", gzip.compress(OBJECT))]:
        records = read_records(str(written(tmp_path, name, data)))
        list(records)
        assert len(os.listdir("/dev/fd")) == before


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv.gz", "a.parquet", "a.warc"])
@pytest.mark.parametrize("format", ["text", "html", "markdown"])
def test_a_file_of_many_pages_is_not_taken_for_one(tmp_path, name, format):
    (record,) = read(written(tmp_path, name, OBJECT), format)
    assert f"--from {format} takes a whole file for one page" in str(record.page)
