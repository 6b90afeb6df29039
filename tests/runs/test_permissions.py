"""Folders and files that can't be read or written: told in a line, with the status that is due."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from waiting import status_of

from cleaner.model.store import find_models

NOBODY = 65534
TEXT = "A line of the story that is long enough, and so is kept by any model of worth."


@pytest.fixture
def place(run, write_pages, tmp_path):
    """A folder of nobody's with inputs and models, once all is imported that a run needs: nobody
    may not read where Python is."""
    if not hasattr(os, "geteuid") or os.geteuid():
        pytest.skip("only root can be somebody else")
    one = write_pages(tmp_path / "a.jsonl", [{"text": TEXT}])
    run("clean", one)
    run("run", one, "-o", tmp_path / "first")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        shutil.copytree(find_models(), folder / "models")
        (folder / "in").mkdir()
        for n in range(20):
            write_pages(folder / "in" / f"{n:02d}.jsonl", [{"text": TEXT}])
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, NOBODY)
            path.chmod(0o777 if path.is_dir() else 0o666)
        yield folder


@pytest.fixture
def run_as_nobody(start, place, tmp_path):
    def run_as_nobody(*args):
        model = ("--model", place / "models")
        process = start("run", *args, *model, "--workers=1", user=NOBODY)
        status = status_of(process)
        log = (tmp_path / "log").read_text()
        (tmp_path / "log").unlink()
        assert "Traceback" not in log
        return status, log

    return run_as_nobody


def forbid(path, mode=0o555):
    shutil.chown(path, 0)
    path.chmod(mode)


def test_an_output_folder_that_can_not_be_had_is_told_before_anything_is_done(run_as_nobody, place):
    out = place / "out"
    out.mkdir()
    forbid(out)
    advice = "give a folder of yours with -o"
    says = f"cleaner: {out}: can't be written (Permission denied); {advice}\n"
    assert run_as_nobody(place / "in", "-o", out) == (2, says)
    deeper = out / "a" / "b"
    says = f"cleaner: {deeper}: can't be written (Permission denied); {advice}\n"
    assert run_as_nobody(place / "in", "-o", deeper) == (2, says)
    forbid(out, 0o700)
    status, log = run_as_nobody(place / "in", "-o", out)
    assert (status, f"Directory '{out}' is not readable" in log) == (2, True)
    assert not list(out.iterdir())


def test_an_input_that_can_not_be_read_is_told_before_anything_is_done(run_as_nobody, place):
    one, out = place / "in" / "07.jsonl", place / "out"
    forbid(one, 0o600)
    says = f"cleaner: {one}: permission denied; see who may read it with ls -l\n"
    for given in (one, place / "in"):
        assert run_as_nobody(given, "-o", out) == (2, says)
    (place / "in" / "sub").mkdir()
    forbid(place / "in" / "sub", 0o700)
    one.unlink()
    status, log = run_as_nobody(place / "in", "-o", out)
    assert (status, "sub: Permission denied" in log) == (2, True)
    assert not out.exists()


def test_a_folder_that_is_closed_in_the_middle_stops_the_run_which_goes_on(
    hostile, run_as_nobody, write_pages, place, run, files_of
):
    out = place / "out"
    once = f"SHELL test -e {place}/once || (touch {place}/once && chmod 500 {out})"
    write_pages(place / "in" / "00.jsonl", [{"text": once}])
    status, log = run_as_nobody(place / "in", "-o", out)
    assert status == 1
    assert "can't be written (Permission denied); mend this, and the same command goes on" in log
    out.chmod(0o700)
    status, log = run_as_nobody(place / "in", "-o", out)
    assert (status, "20 in = 20 out" in log) == (0, True), log
    run("run", place / "in", "-o", place / "other")
    assert files_of(out) == files_of(place / "other")


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ("file", "Invalid value for '-o' / '--output': Directory 'file' is a file"),
        ("file/out", "file/out: can't be written (Not a directory); give a folder of yours"),
        ("link", "link: can't be "),
        ("loop/x", "loop/x: can't be "),
        ("x" * 256, f"{'x' * 256}: can't be written (File name too long); give a folder"),
    ],
)
def test_an_output_folder_that_is_none_is_told(
    run, write_pages, tmp_path, monkeypatch, output, says
):
    monkeypatch.chdir(tmp_path)
    write_pages(Path("in.jsonl"), [{"text": TEXT}])
    Path("file").write_text("mine")
    Path("link").symlink_to("gone")
    Path("loop").symlink_to("loop")
    before = sorted(tmp_path.rglob("*"))
    result = run("run", "in.jsonl", "-o", output)
    assert (result.exit_code, says in result.output) == (2, True), result.output
    assert result.output.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before
    assert Path("file").read_text() == "mine"
