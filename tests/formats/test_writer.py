import gzip
import io
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import fsspec
import pyarrow.parquet as pq
import pytest

from cleaner import UsageError
from cleaner.errors import CleanerError
from cleaner.formats import encode_rows, read_records, write_file
from cleaner.formats.writer import discard_unfinished

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


@pytest.mark.parametrize("format", ["jsonl", "parquet", "csv", "tsv"])
@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_what_is_written_can_be_read(tmp_path, format, ending):
    path = tmp_path / f"out.{format}{ending}"
    write_file(encode_rows([ROWS[:1], ROWS[1:]], format), str(path))
    found = [(r.fields, r.page.source) for batch in read_records(str(path)) for r in batch]
    shown = str if format in ("csv", "tsv") else int
    assert found == [({"id": shown(row["id"])}, row["text"]) for row in ROWS]
    again = tmp_path / f"again.{format}{ending}"
    write_file(encode_rows([ROWS[:1], ROWS[1:]], format), str(again))
    assert again.read_bytes() == path.read_bytes()


def test_text_is_packed_by_the_ending(tmp_path):
    write_file(encode_rows([ROWS], "text"), str(tmp_path / "out.txt.gz"))
    assert gzip.decompress((tmp_path / "out.txt.gz").read_bytes()) == b"one\n\ntwo\n\f\nthree\n"


def test_an_old_file_is_replaced_at_the_end_and_keeps_its_mode_and_link(tmp_path):
    page, link = tmp_path / "page.txt", tmp_path / "link.txt"
    page.write_text("before")
    page.chmod(0o640)
    link.symlink_to(page)

    def chunks():
        yield page.read_bytes() + b" and after"
        (part,) = tmp_path.glob(".*.part")
        assert stat.S_IMODE(part.stat().st_mode) == 0o640  # so nobody reads it meanwhile either

    write_file(chunks(), str(link))
    assert page.read_text() == "before and after"
    assert stat.S_IMODE(page.stat().st_mode) == 0o640
    assert link.is_symlink()
    assert sorted(f.name for f in tmp_path.iterdir()) == ["link.txt", "page.txt"]


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_a_new_file_has_the_mode_that_the_umask_says(tmp_path, umask):
    before = os.umask(umask)
    try:
        write_file([b"A line"], str(tmp_path / "out.txt"))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out.txt").stat().st_mode) == 0o666 & ~umask


def test_names_may_be_as_long_as_the_file_system_takes(tmp_path):
    for name in ("x" * 255, "é" * 127):
        write_file([b"A line"], str(tmp_path / name))
        assert (tmp_path / name).read_bytes() == b"A line"
    with pytest.raises(UsageError, match=r"can't be written \(File name too long\)"):
        write_file(broken(), str(tmp_path / ("x" * 256)))


def test_what_a_killed_process_left_is_in_nobodys_way(tmp_path):
    for name in (f".out.txt.{os.getpid()}.part", ".out.txt.part", ".cleaner.part"):
        (tmp_path / name).write_text("left")
    write_file([b"A line"], str(tmp_path / "out.txt"))
    assert (tmp_path / "out.txt").read_text() == "A line"
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize("path", ["{}/out.txt", "memory://out.txt"])
def test_who_ends_the_process_at_once_can_discard_what_is_unfinished(tmp_path, monkeypatch, path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def chunks():
        yield b"A line"
        assert len(list(tmp_path.glob("*.part"))) == 1
        if (child := os.fork()) == 0:  # what a parent writes is no business of its workers
            discard_unfinished()
            os._exit(0)
        os.waitpid(child, 0)
        assert len(list(tmp_path.glob("*.part"))) == 1
        discard_unfinished()
        assert list(tmp_path.iterdir()) == []
        raise CleanerError("ended")

    with pytest.raises(CleanerError, match="ended"):
        write_file(chunks(), path.format(tmp_path))
    discard_unfinished()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
def test_nothing_is_left_where_a_step_fails(tmp_path, monkeypatch, step):
    out = tmp_path / "out.txt"
    out.write_text("before")

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, step, refuse)
    with pytest.raises(OSError, match="not permitted") as caught:
        write_file([b"A line"], str(out))
    assert caught.value.filename == str(out)
    assert [(f.name, f.read_text()) for f in tmp_path.iterdir()] == [("out.txt", "before")]


def test_a_folder_that_vanishes_is_told_with_the_output(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()

    def chunks():
        yield b"A line"
        shutil.rmtree(folder)

    with pytest.raises(FileNotFoundError) as caught:
        write_file(chunks(), str(folder / "out.txt"))
    assert caught.value.filename == str(folder / "out.txt")
    assert list(tmp_path.iterdir()) == []


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
    with pytest.raises(UsageError, match=r"can't be written \(embedded null byte\)"):
        write_file([b"A line"], "a\0b")
    with pytest.raises(UsageError, match=r"can't be written \(Is a directory\)"):
        write_file([b"A line"], str(tmp_path))
    (tmp_path / "file").write_text("before")
    with pytest.raises(UsageError, match=r"can't be written \(Not a directory\)"):
        write_file([b"A line"], str(tmp_path / "file" / "out.txt"))
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError, match=r"can't be written \(Too many levels of symbolic links\)"):
        write_file([b"A line"], str(tmp_path / "loop"))
    with pytest.raises(OSError, match="No space left") as caught:
        write_file([b"A line"], "/dev/full")
    assert caught.value.filename == "/dev/full"
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


@pytest.mark.parametrize(
    "path", ["/dev/fd/{}", "/proc/self/fd/{}", "/proc/thread-self/fd/{}", "link"]
)
def test_a_descriptor_is_written_behind_what_is_there(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    with open(tmp_path / "log", "wb", buffering=0) as log:
        Path("again").symlink_to(f"/dev/fd/{log.fileno()}")
        Path("link").symlink_to("again")
        log.write(b"before\n")
        write_file([b"one\n", b"two\n"], path.format(log.fileno()))
        log.write(b"after\n")
    assert Path("log").read_text() == "before\none\ntwo\nafter\n"
    assert sorted(os.listdir()) == ["again", "link", "log"]


def test_the_descriptor_of_another_process_is_written_behind_what_is_there(tmp_path):
    with open(tmp_path / "log", "wb", buffering=0) as log:
        log.write(b"before\n")
        with subprocess.Popen(["sleep", "60"], stdout=log) as process:
            write_file([b"A line\n"], f"/proc/{process.pid}/fd/1")
            process.kill()
    assert (tmp_path / "log").read_text() == "before\nA line\n"


def test_a_descriptor_that_is_not_open_is_told():
    with pytest.raises(UsageError, match=r"/dev/fd/999: can't be written \(.*\)"):
        write_file([b"A line"], "/dev/fd/999")


def test_a_named_pipe_and_a_device_stay_what_they_are(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        write_file([b"one\n", b"two\n"], str(pipe))
        assert reader.communicate()[0] == b"one\ntwo\n"
    write_file([b"A line"], os.devnull)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_a_pipe_that_does_not_wait_gets_all(monkeypatch):
    incoming, outgoing = os.pipe()
    os.set_blocking(outgoing, False)
    with subprocess.Popen(["wc", "-c"], stdin=incoming, stdout=subprocess.PIPE) as reader:
        os.close(incoming)
        write_file([b"x" * 1_000_000] * 3, f"/dev/fd/{outgoing}")
        os.close(outgoing)
        assert reader.communicate()[0] == b"3000000\n"


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
