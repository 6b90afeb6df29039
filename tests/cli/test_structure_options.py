"""Markdown and text with structure, as `clean` and `run` write them."""

import gzip
import json

import pytest

from cleaner import Cleaner, Options, Page

PAGE = """<html><body><h1>The harbour gate of the town closes again this week</h1>
<p>The harbour master said on Monday that the <b>gate</b> would be <a href="../gate">closed</a> at
noon, and nobody in the lower town had to carry sandbags as in the winter before.</p>
<p>The council said that the gate cost 40 million, and that it was closed 12 times since.</p>
<ol><li>The gate was closed at nine on Monday, said the council of the lower town.</li>
<li>The gate was opened at noon on Tuesday, said the council of the lower town.</li></ol>
</body></html>"""

URL = "https://harbour.example/news/gate"


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.html"
    path.write_text(PAGE)
    return path


@pytest.fixture
def pages(tmp_path):
    path = tmp_path / "pages.jsonl"
    rows = [{"html": PAGE, "url": URL}, {"text": "The gate closes\nIt is *closed* at noon."}]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def test_markdown_of_files(run, page, pages, tmp_path):
    expected = Cleaner(format="markdown").clean(PAGE)
    assert "# The harbour gate" in expected
    assert "the **gate** would be [closed](../gate)" in expected
    assert "\n1. The gate was closed" in expected
    assert run("clean", page, "--to", "markdown").stdout == f"{expected}\n"
    run("clean", page, "-o", tmp_path / "page.md", "--no-links")
    assert "the **gate** would be closed at" in (tmp_path / "page.md").read_text()
    run("clean", pages, "-o", tmp_path / "pages.markdown", "--workers", "2")
    found = (tmp_path / "pages.markdown").read_text().split("\f\n")
    assert len(found) == 2
    assert "[closed](https://harbour.example/gate)" in found[0]


def test_structure_in_text_and_in_fields(run, page, pages):
    expected = Cleaner(structure=True).clean(PAGE)
    assert "\n1. The gate was closed" in expected
    assert run("clean", page, "--structure").stdout == f"{expected}\n"
    rows = [json.loads(line) for line in run("clean", pages, "--structure").stdout.splitlines()]
    assert rows[0]["text"] == expected


@pytest.mark.parametrize("command", ["clean", "run"])
def test_structure_goes_with_metadata_and_another_field(run, pages, tmp_path, command):
    options = ["--structure", "--metadata", "title,url", "--output-field", "clean"]
    if command == "run":
        run("run", pages, "-o", tmp_path / "out", "--workers", 1, *options)
        with gzip.open(next((tmp_path / "out").glob("*.jsonl.gz"))) as lines:
            rows = [json.loads(line) for line in lines]
    else:
        rows = [json.loads(line) for line in run("clean", pages, *options).stdout.splitlines()]
    assert rows[0]["clean"] == Cleaner(structure=True).clean(PAGE)
    assert rows[0]["url"] == URL
    assert rows[0]["title"] == "The harbour gate of the town closes again this week"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--images"], "--images is of Markdown; write it with --to markdown"),
        (["--to", "jsonl", "--no-links"], "--no-links is of Markdown; write it with --to markdown"),
        (["--to", "markdown", "--structure"], "--structure is of text; Markdown has it anyway"),
    ],
)
def test_options_of_the_other_format_are_refused(run, page, arguments, message):
    result = run("clean", page, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"cleaner: {message}\n"


def test_a_label_is_not_written_as_markdown(run, page, tmp_path):
    result = run("label", page, "-o", tmp_path / "page.md.gz")
    assert result.exit_code == 2
    assert "markdown can't be written here" in result.stderr


def test_a_run_writes_markdown_and_goes_on_only_with_the_same_options(run, page, pages, tmp_path):
    out = tmp_path / "out"
    run("run", page, pages, "-o", out, "--to", "markdown")
    cleaner = Cleaner(format="markdown")
    assert (out / "page-00000.md").read_text() == f"{cleaner.clean(PAGE)}\n"
    with_url = cleaner.label(Page(PAGE, url=URL)).written(Options(format="markdown"))
    assert (out / "pages-00000.md").read_text().startswith(f"{with_url}\n\f\n")
    result = run("run", page, pages, "-o", out, "--to", "markdown", "--no-links")
    assert result.exit_code == 2
    assert "without --no-links, and this is with --no-links" in result.stderr


def test_a_run_finds_duplicates_by_their_text(run, tmp_path):
    rows = [{"html": PAGE, "url": URL}, {"html": PAGE, "url": "https://mirror.example/a/b"}]
    (tmp_path / "in.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    result = run("run", tmp_path / "in.jsonl", "-o", tmp_path / "out", "--to", "markdown",
                 "--dedupe")  # fmt: skip
    assert "1 duplicate" in result.stdout
