import os
from pathlib import Path

import pytest

from cleaner.errors import UsageError
from cleaner.training import output
from cleaner.training.output import discard_unfinished, in_place_of

NAMES = ("a", "b")


def put(folder, text):
    """Put a folder `a` and a file `b` into a folder, and something that is not of them."""
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "file").write_text(text)
    (folder / "b").write_text(text)


def contents(folder):
    files = (p for p in folder.rglob("*") if p.is_file())
    return {str(path.relative_to(folder)): path.read_text() for path in files}


def old_and_other(folder):
    put(folder, "old")
    (folder / "other").write_text("other")
    return contents(folder)


@pytest.mark.parametrize("there", [None, "empty", "old"])
def test_all_of_it_is_written(tmp_path, there):
    folder = tmp_path / "deep" / "out"
    if there:
        folder.mkdir(parents=True)
    other = {"other": "other"} if there == "old" and old_and_other(folder) else {}
    with in_place_of(folder, NAMES) as work:
        put(work, "new")
    assert contents(folder) == {"a/file": "new", "b": "new", **other}


@pytest.mark.parametrize("there", [None, "empty", "old"])
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_or_nothing(tmp_path, there, error):
    folder = tmp_path / "out"
    if there:
        folder.mkdir()
    before = old_and_other(folder) if there == "old" else {}

    def write():
        with in_place_of(folder, NAMES) as work:
            put(work, "new")
            raise error

    with pytest.raises(error):
        write()
    assert folder.exists() == bool(there)
    assert contents(folder) == before


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("last", range(6))
def test_a_stop_in_the_midst_of_replacing(tmp_path, monkeypatch, there, last):
    """What a stop does, before each step: all is as it was, until all is new."""
    folder = tmp_path / "out"
    folder.mkdir()
    before = old_and_other(folder) if there else {}
    steps = 0
    replace = os.replace

    def stop(*paths):
        nonlocal steps
        if steps == last:
            monkeypatch.undo()
            discard_unfinished()
            raise InterruptedError
        steps += 1
        replace(*paths)

    monkeypatch.setattr(output.os, "replace", stop)
    try:
        with in_place_of(folder, NAMES) as work:
            put(work, "new")
    except InterruptedError:
        assert contents(folder) == before
    else:
        assert steps == (5 if there else 3)
        assert contents(folder) == before | {"a/file": "new", "b": "new"}
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_a_link_is_replaced_and_not_what_is_behind_it(tmp_path):
    behind = tmp_path / "behind"
    behind.write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "b").symlink_to(behind)
    with in_place_of(tmp_path / "out", NAMES) as work:
        put(work, "new")
    assert behind.read_text() == "mine"
    assert (tmp_path / "out" / "b").read_text() == "new"
    assert not (tmp_path / "out" / "b").is_symlink()


@pytest.mark.parametrize("folder", ["file", "file/in", "/proc/none"])
def test_a_folder_that_cannot_be_written(tmp_path, folder):
    (tmp_path / "file").write_text("mine")
    with (
        pytest.raises(UsageError, match="can't be written"),
        in_place_of(Path(tmp_path, folder), NAMES),
    ):
        pass
    assert (tmp_path / "file").read_text() == "mine"
