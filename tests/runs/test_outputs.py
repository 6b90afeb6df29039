"""The summary and the report: what they say, and that they are written over nothing."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from html import unescape
from pathlib import Path

import pytest

TEXT = "A line of the story that is long enough, and so is kept by any model of worth."


@pytest.fixture
def here(write_pages, tmp_path, monkeypatch):
    """A folder to work in, with two inputs, and a run of one of them into `out`."""
    monkeypatch.chdir(tmp_path)
    write_pages(Path("in", "a.jsonl"), [{"text": TEXT}])
    write_pages(Path("b.jsonl"), [{"text": TEXT}, {"no": "text"}])
    Path("link.jsonl").symlink_to("b.jsonl")
    os.link("b.jsonl", "hard.jsonl")
    return tmp_path


def bytes_of(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


READ = ": is one of the files that are read; give another file"
OWN = ": is the place of a file of the run; give another file"


@pytest.mark.parametrize("option", ["--summary", "--report", "--review"])
@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("b.jsonl", READ),
        ("./in/../b.jsonl", READ),
        ("link.jsonl", READ),
        ("hard.jsonl", READ),
        ("in/a.jsonl", READ),
        ("models/html/model.json", READ),
        ("models/words/weights.safetensors", READ),
        ("out/manifest.json", OWN),
        ("out/Manifest.JSON", OWN),
        ("out/b-00000.jsonl.gz", OWN),
        ("out/b-00007.jsonl.gz", OWN),
        ("out/failed.jsonl", OWN),
        ("out/dropped.jsonl", OWN),
        ("out/suspicious.jsonl", OWN),
        ("out/.cleaner/lock", OWN),
        ("out/.cleaner/states/mine.json", OWN),
        ("shard", OWN),
        ("other/../out/manifest.json", OWN),
        ("out/link-to-it/manifest.json", OWN),
        ("no/x.json", ": its folder does not exist; make it first"),
        ("", "{option} has no file name; give one"),
    ],
)
def test_what_would_be_destroyed_is_refused_before_anything_is_done(run, here, option, path, says):
    command = ("run", "in", "b.jsonl", "-o", "out", "--workers=1")
    packaged = Path(__file__).parents[2] / "models"
    if path.startswith("models"):
        shutil.copytree(packaged, "models")
        command += ("--model=models",)
    Path("other").mkdir()
    if path in ("shard", "out/.cleaner/states/mine.json", "out/link-to-it/manifest.json"):
        assert run(*command).exit_code == 1
        Path("shard").symlink_to("out/b-00000.jsonl.gz")
        Path("out", "link-to-it").symlink_to(".")
    before = bytes_of(here)
    result = run(*command, option, path)
    assert (result.exit_code, result.output) == (
        2,
        f"cleaner: {path}{says.format(option=option)}\n",
    )
    assert bytes_of(here) == before


def test_the_output_folder_itself_is_no_place_for_a_summary(run, here):
    for path in ("out", "out/x"):
        result = run("run", "b.jsonl", "-o", "out/x", "--summary", path, "--workers=1")
        assert (result.exit_code, OWN in result.output) == (2, True), result.output


def test_summary_report_and_review_need_a_file_each(run, here):
    Path("s").symlink_to("r.html")
    for report in ("./s", "r.html", "R.html"):
        args = ("-o", "out", "--summary", "s", "--report", report)
        result = run("run", "b.jsonl", *args)
        assert result.exit_code == 2
        assert result.output == "cleaner: s: is the summary and the report; give each a file\n"
    assert not Path("out").exists()


def test_they_may_lie_in_the_output_folder_and_beside_the_inputs(run, here, counts_of):
    for name in ("out/summary.json", "summary.json"):
        args = ("--summary", name, "--report", "report.html", "--workers=1")
        found = []
        for _ in range(3):
            result = run("run", ".", "-o", "out", *args)
            assert result.exit_code == 1, result.output
            found.append((counts_of(Path("out"), Path(name)), Path("report.html").read_bytes()))
        assert found[0] == found[1] == found[2]
        assert found[0][0]["pages"]["in"] == 7  # three names of one file


def test_a_page_of_the_input_is_not_taken_for_the_report_of_the_start_before(run, here):
    Path("in", "page.html").write_text(f"<p>{TEXT}")
    args = ("run", "in", "-o", "out", "--workers=1", "--report", "in/page.html")
    for _ in range(2):
        result = run(*args)
        assert (result.exit_code, READ in result.output) == (2, True)
        run(*args[:-2])
    assert Path("in", "page.html").read_text() == f"<p>{TEXT}"


@pytest.mark.parametrize(
    ("output", "says"),
    [("", "-o has no folder name; give one"), ("s3://a/b", "s3://a/b: is a URL; a run needs")],
)
def test_the_output_is_a_folder_here(run, here, output, says):
    before = sorted(here.rglob("*"))
    result = run("run", "b.jsonl", "-o", output)
    assert (result.exit_code, says in result.output) == (2, True), result.output
    assert sorted(here.rglob("*")) == before


@pytest.mark.parametrize(("where", "status"), [("true", 141), ("full", 1), ("closed", 0)])
def test_summary_and_report_are_there_though_nobody_can_read_the_closing_lines(here, where, status):
    command = f"{sys.executable} -m cleaner run in -o out --workers=1 --summary=s --report=r"
    redirected = {"true": " | true; exit ${PIPESTATUS[0]}", "full": ">/dev/full", "closed": ">&-"}
    done = subprocess.run(
        ["bash", "-c", command + redirected[where]],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == status, done.stderr
    assert done.stderr == (
        "cleaner: standard output: No space left on device\n" if where == "full" else ""
    )
    assert json.loads(Path("s").read_text())["pages"]["in"] == 1
    assert Path("r").read_text().endswith("</html>\n")


def test_the_report_shows_foreign_text_as_text(run, write_pages, tmp_path):
    evil = "\x1b[2J\x07\u202e <b>bold</b> " + TEXT
    one = write_pages(tmp_path / "\u202e\x1b[1m.jsonl", [{"text": evil}])
    report = tmp_path / "report.html"
    result = run("run", one, "-o", tmp_path / "o\x1b]ut", "--report", report, "--workers=1")
    html = report.read_text(encoding="utf-8")
    assert "&lt;b&gt;bold" in html
    for sign in "\x1b\x07\u202e":
        assert sign not in html
        assert sign not in result.output


def test_the_report_shows_all_that_is_kept_and_folds_what_is_not(run, seeds, tmp_path):
    page = seeds / "observatory.html"
    run("run", page, "-o", tmp_path / "out", "--report", tmp_path / "r.html", "--workers=1")
    html = unescape((tmp_path / "r.html").read_text(encoding="utf-8"))
    labelled = json.loads(run("label", page).stdout)["paragraphs"]
    kept = [p["text"] for p in labelled if p["label"] in ("headline", "article")]
    parts = re.split(r"<details>|</details>", html)
    outside, folded = "".join(parts[::2]), parts[1::2]
    assert all(text in outside for text in kept)
    assert len(kept) > 10
    assert len(folded) > 1
    for fold in folded:
        count = int(re.match(r"<summary>(\d+) paragraphs dropped: ", fold)[1])
        assert fold.count('<div class="row dropped') == count >= 4
    assert "url(" not in html


def test_the_report_says_what_was_done_and_why_pages_failed(run, here, write_pages):
    bad = write_pages(here / "bad.jsonl", [{"text": "A"}, {"body": "B"}, {"text": 1}, {"body": ""}])
    command = ("run", bad, "-o", "out", "--workers=1", "--precision=0.75", "--dedupe")
    assert run(*command, "--report", "r.html").exit_code == 1
    html = unescape(Path("r.html").read_text(encoding="utf-8"))
    assert date.today().isoformat() in html
    assert "--precision 0.75" in html
    assert "--dedupe exact," in html
    assert "--accurate" not in html
    models = json.loads(Path("out/manifest.json").read_text())["models"]
    assert all(digest[:16] in html for digest in models.values())
    failed = html.split("Why pages failed</h2>")[1].split("</table>")[0]
    reasons = re.findall(r'<th scope="row">(.*?)</th>.*?<td>(\d)</td>', failed)
    no_field = "no field 'text', 'html' or 'markdown'"
    assert reasons == [(no_field, "2"), ("the field 'text' holds a number", "1")]


def reviewed(path):
    """The pages of a review by their ids."""
    html = path.read_text(encoding="utf-8")
    (data,) = re.findall(r'<script type="application/json".*?>(.*?)</script>', html, re.S)
    return {page["form"]["id"]: page for page in json.loads(data)["pages"]}


def test_the_pages_of_the_report_can_be_corrected(run, here, seeds):
    command = ("run", seeds / "harbour.txt", seeds / "observatory.html", "-o", "out", "--workers=1")
    Path("to").mkdir()
    run(*command, "--report", "r.html", "--review", "to/my review.html")
    assert '<a href="to/my%20review.html">' in Path("r.html").read_text()
    pages = reviewed(Path("to/my review.html"))
    assert set(pages) == {str(seeds / "harbour.txt"), str(seeds / "observatory.html")}
    run("review", seeds / "harbour.txt", seeds / "observatory.html", "-o", "own.html")
    assert reviewed(Path("own.html")) == pages
    run(*command, "--report", "again.html")
    assert "<a href" not in Path("again.html").read_text()


def test_huge_pages_are_not_looked_at(run, write_pages, tmp_path):
    one = write_pages(tmp_path / "in.jsonl", [{"text": "A line\n" * 150_000}, {"text": "Short"}])
    run("run", one, "-o", tmp_path / "out", "--report", tmp_path / "r.html", "--workers=1")
    html = (tmp_path / "r.html").read_text()
    assert "1 page to look at" in html
    assert f"{one}:2" in html


def test_the_command_to_try_again_is_one_for_a_shell(run, here):
    result = run("run", "b.jsonl", "-o", "my out", "--workers=1")
    assert result.exit_code == 1
    assert "failed  try again: cleaner run 'my out/failed.jsonl' -o ANOTHER_DIR" in result.output
