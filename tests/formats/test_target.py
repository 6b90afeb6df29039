import gzip
import io
import json
import os
import stat
import sys
from pathlib import Path

import fsspec
import pyarrow.parquet as pq
import pytest

from cleaner import UsageError
from cleaner.errors import CleanerError
from cleaner.formats import encode_rows, read_records, write_file

ROWS = [{"id": 1, "text": "one\n\ntwo"}, {"id": 2, "text": "three"}]


def test_text_has_a_form_feed_between_pages():
    batches = [[{"text": "one\n\ntwo"}, {"text": ""}], [{"text": "three"}]]
    assert list(encode_rows(batches, "text")) == [b"one\n\ntwo\n\f\n", b"\f\nthree\n"]


def test_one_empty_page_is_no_text():
    assert b"".join(encode_rows([[{"text": ""}]], "text")) == b""


@pytest.mark.parametrize("format", ["text", "jsonl", "parquet"])
def test_half_an_emoji_can_be_written(format):
    row = {"text": "cut \ud83d", "key \ud83d": {"\ud83d": ["\ud83d"]}, "n": 2**60}
    assert b"cut" in b"".join(encode_rows([[row]], format))


def test_a_batch_is_written_at_once():
    arrived = []

    def batches():
        for n in range(2):
            arrived.append(n)
            yield [{"body": "é", "n": n}]

    chunks = encode_rows(batches(), "jsonl")
    assert next(iter(chunks)) == '{"body":"é","n":0}\n'.encode()
    assert arrived == [0]


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_what_is_written_can_be_read(tmp_path, format, ending):
    path = tmp_path / f"out.{format}{ending}"
    write_file(encode_rows([ROWS[:1], ROWS[1:]], format), str(path))
    found = [(r.fields, r.page.source) for batch in read_records(str(path)) for r in batch]
    assert found == [({"id": row["id"]}, row["text"]) for row in ROWS]
    again = tmp_path / f"again.{format}{ending}"
    write_file(encode_rows([ROWS[:1], ROWS[1:]], format), str(again))
    assert again.read_bytes() == path.read_bytes()


def test_text_is_packed_by_the_ending(tmp_path):
    write_file(encode_rows([ROWS], "text"), str(tmp_path / "out.txt.gz"))
    assert gzip.decompress((tmp_path / "out.txt.gz").read_bytes()) == b"one\n\ntwo\n\f\nthree\n"


def test_a_file_may_be_what_it_is_made_of_and_keeps_its_mode_and_link(tmp_path):
    page, link = tmp_path / "page.txt", tmp_path / "link.txt"
    page.write_text("before")
    page.chmod(0o640)
    link.symlink_to(page)
    write_file((page.read_bytes() + b" and after" for _ in range(1)), str(link))
    assert page.read_text() == "before and after"
    assert stat.S_IMODE(page.stat().st_mode) == 0o640
    assert link.is_symlink()
    assert sorted(f.name for f in tmp_path.iterdir()) == ["link.txt", "page.txt"]


def broken():
    yield b"half"
    raise CleanerError("the rest is missing")


def test_nothing_is_half_written(tmp_path):
    out = tmp_path / "out.txt"
    out.write_text("before")
    with pytest.raises(CleanerError, match="the rest is missing"):
        write_file(broken(), str(out))
    assert [(f.name, f.read_text()) for f in tmp_path.iterdir()] == [("out.txt", "before")]
    system = fsspec.filesystem("memory")
    system.pipe_file("/out.txt", b"before")
    with pytest.raises(CleanerError, match="the rest is missing"):
        write_file(broken(), "memory://out.txt")
    assert system.cat_file("/out.txt") == b"before"


def test_a_url_is_written_to():
    write_file(encode_rows([ROWS], "parquet"), "memory://new/folder/out.parquet")
    data = fsspec.filesystem("memory").cat_file("/new/folder/out.parquet")
    assert pq.read_table(io.BytesIO(data)).to_pylist() == ROWS
    write_file(encode_rows([ROWS], "jsonl"), "memory://out.jsonl.gz")
    data = fsspec.filesystem("memory").cat_file("/out.jsonl.gz")
    assert [json.loads(line) for line in gzip.decompress(data).splitlines()] == ROWS


def test_what_cannot_be_written_is_told(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match=r"/none/out.txt: can't be written \(No such file"):
        write_file([b"A line"], "/none/out.txt")
    with pytest.raises(UsageError, match="-o has no file name"):
        write_file([b"A line"], "")
    with pytest.raises(UsageError, match=r"nosuch://a.txt: Protocol not known: nosuch"):
        write_file([b"A line"], "nosuch://a.txt")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Forbidden")

    monkeypatch.setattr(fsspec.implementations.memory.MemoryFileSystem, "put_file", refuse)
    with pytest.raises(CleanerError, match=r"memory://a.txt: can't be written \(Forbidden\)"):
        write_file([b"A line"], "memory://a.txt")


def test_a_pipe_and_standard_output_get_each_chunk_at_once(tmp_path, monkeypatch):
    incoming, outgoing = os.pipe()

    def chunks():
        for line in (b"one\n", b"two\n"):
            yield line
            assert os.read(incoming, 100) == line

    write_file(chunks(), f"/dev/fd/{outgoing}")
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(os.fdopen(outgoing, "wb")))
    write_file(chunks(), "-")
    monkeypatch.undo()
    os.close(incoming)


def test_part_files_are_not_read(tmp_path):
    """A folder may be read while an output is written into it."""
    from cleaner.formats import expand

    def chunks():
        yield b"A line"
        assert [
            f.relative for f in expand(str(tmp_path), every=False, failed=print, skipped=print)
        ] == ["in.txt"]

    (tmp_path / "in.txt").write_text("A line")
    write_file(chunks(), str(tmp_path / "out.txt"))
    assert Path(tmp_path, "out.txt").read_text() == "A line"
