"""Files of a folder that are not read: counted, and named where there are few."""

import os
import sys

import pytest

TEXT = "A line of the story that is long enough, and so is kept by any model of worth."


@pytest.fixture
def folder(tmp_path):
    """Pages, and what is none by its name."""
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    for name in ("story", "a.txt", "b.html?id=3", "sub/c.xhtml", "d.php", "e.shtml"):
        (folder / name).write_text(f"<p>{TEXT}" if name[-1] in "3lp" else TEXT)
    for name in ("x.css", "x.js", "x.png", "sub/x.pdf", ".hidden"):
        (folder / name).write_text(TEXT)
    return folder


def test_files_of_other_endings_are_counted_and_named(run_counted, folder, tmp_path):
    out, report = tmp_path / "out", tmp_path / "report.html"
    for _ in range(2):
        result, counts = run_counted(folder, "--report", report, out=out)
        assert (counts["pages"]["in"], counts["skipped"]) == (6, 4)
        assert "of other endings or kinds; --from FORMAT reads all endings\n" in result.output
        assert "skipped 4 files of other endings or kinds\n" in result.output
        assert "files skipped: 4</p>" in report.read_text()
    assert sum(str(folder / name) in result.output for name in ("x.css", "x.js", "x.png")) > 1


def test_with_a_format_all_files_are_read(run_counted, folder, tmp_path):
    result, counts = run_counted(folder, "--from=text", out=tmp_path / "out")
    assert (counts["pages"]["in"], counts["skipped"]) == (10, 0)
    assert "skipped" not in result.output


@pytest.mark.skipif(sys.platform != "linux", reason="needs pipes and devices")
def test_pipes_devices_and_links_to_them_are_counted_and_never_opened(
    run_counted, folder, tmp_path
):
    os.mkfifo(folder / "pipe.txt")
    (folder / "zero.txt").symlink_to("/dev/zero")
    (folder / "pipe2.txt").symlink_to("pipe.txt")
    for format in ("auto", "text"):
        out = tmp_path / format
        result, counts = run_counted(folder, f"--from={format}", out=out)
        assert ("--from FORMAT" in result.output) == (format == "auto")  # it would read no more
        assert counts["skipped"] == {"auto": 4 + 3, "text": 3}[format]
        assert counts["pages"]["in"] == {"auto": 6, "text": 10}[format]


def test_what_the_run_makes_itself_is_not_counted(run_counted, folder, monkeypatch):
    monkeypatch.chdir(folder)
    for _ in range(2):
        _, counts = run_counted(".", "--report=report.html", out=folder / "out")
        assert (counts["pages"]["in"], counts["skipped"]) == (6, 4)
