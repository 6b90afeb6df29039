"""Pages of Markdown, in files and fields, through the commands."""

import json

import pytest
from markdown_page import PAGE, STORY

from cleaner import Cleaner, Options, Page
from cleaner.training.data import read_pages

TEXT = (
    "The ferry is back after the longest winter\n\nThe council voted on Tuesday to bring back the"
)


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(PAGE)
    return path


def rows_of(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_file_comes_out_in_its_own_lines_or_as_text(run, page, tmp_path):
    assert run("clean", page).stdout == STORY
    assert run("clean", page, "--to", "markdown").stdout == STORY
    assert run("clean", "--from", "markdown", stdin=PAGE).stdout == STORY
    assert run("clean", "-", stdin=PAGE).stdout == STORY
    plain = run("clean", page, "--to", "text").stdout
    assert plain.startswith(TEXT)
    assert "Monday\n\n8:00 from the harbour" in plain
    assert "Monday\t8:00 from the harbour" in run("clean", page, "--structure").stdout
    assert "bring back the ferry, after" in run("clean", page, "--to=markdown", "--no-links").stdout
    run("run", page, "-o", tmp_path / "out", "--to", "markdown")
    assert (tmp_path / "out" / "page-00000.md").read_text() == STORY


def test_a_field_of_markdown(run, tmp_path):
    path = tmp_path / "pages.jsonl"
    rows = [
        {"id": 1, "markdown": PAGE},
        {"id": 2, "markdown": PAGE, "text": "Another text"},
        {"id": 3, "markdown": PAGE, "html": "<p>The council of the island met."},
        {"id": 4, "markdown": {"raw": PAGE}, "text": "The council of the island met."},
        {"id": 5, "markdown": None, "text": "The council of the island met."},
    ]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    found = rows_of(run("clean", path))
    assert [row["text"] == STORY.rstrip("\n") for row in found] == [True, True, False, False, False]
    assert found[0].keys() == {"id", "text"}
    assert found[1]["text_original"] == "Another text"
    assert found[2]["markdown"] == PAGE
    assert found[3]["markdown"] == {"raw": PAGE}
    assert (found[4]["text_original"], "markdown" in found[4]) == (None, False)
    found = rows_of(run("clean", path, "--output-field", "clean"))
    assert [row.get("markdown") for row in found[:2]] == [PAGE, PAGE]
    path.write_text(json.dumps({"body": PAGE}))
    (row,) = rows_of(run("clean", path, "--markdown-field", "body"))
    assert row == {"text": STORY.rstrip("\n")}


def test_labels_have_the_text_its_place_and_what_is_known_of_the_page(run, page):
    (row,) = rows_of(run("label", page, "--offsets", "--metadata", "author,date,url"))
    known = (row["author"], row["date"], row["url"])
    assert known == ("Ann Lee", "2024-05-03", "https://island.example/ferry")
    assert row["title"] == "The ferry is back after the longest winter"
    places = {p["text"]: PAGE[p["begin"] : p["end"]] for p in row["paragraphs"]}
    assert places["Harbour"] == "  * [Harbour](/news/harbour)"
    assert places["Monday"] == "| Monday | 8:00 from the harbour |"
    assert places["Subscribe to our newsletter."] == "Subscribe to our [newsletter](/letter)."


def test_it_is_explained_and_corrected(run, page, tmp_path):
    explained = rows_of(run("explain", page, "--paragraph", "4", "--to", "json"))
    assert {"word", "tag"} <= {reason["kind"] for reason in explained[0]["reasons"]}
    saved = tmp_path / "saved.jsonl"
    saved.write_text(run("label", page, "--for-training").stdout)
    (read,) = read_pages([saved])
    assert (read.kind, read.markdown, read.html, read.text) == ("markdown", PAGE, "", "")
    review = tmp_path / "review.html"
    run("review", "--resume", saved, "-o", review)
    assert '"kind":"markdown"' in review.read_text()


def test_python_says_what_it_is(page):
    cleaner = Cleaner()
    story = STORY.rstrip("\n")
    for given in (page, PAGE, PAGE.encode(), Page(PAGE, "markdown")):
        assert cleaner.clean(given) == story
    document = cleaner.label(page)
    assert document.markdown() == document.written(Options()) == story
    assert document.text().startswith(TEXT)
    assert document.written(Options(format="text")) == document.text()
    assert "](" not in document.markdown(links=False)
    assert cleaner.label(PAGE, kind="text").text() != document.text()


def test_of_files_of_markdown_links_are_left_out_without_more_words(run, page):
    without = run("clean", page, "--to", "markdown", "--no-links").stdout
    assert "bring back the ferry, after" in without
    assert run("clean", page, "--no-links").stdout == without
    assert run("clean", "--from", "markdown", "--no-links", stdin=PAGE).stdout == without
    result = run("clean", "--no-links", stdin=PAGE)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "write it with --to markdown" in result.stderr


def test_what_comes_out_is_told_where_nothing_says_what_it_is(run, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        "<meta property=og:site_name content='The Courier'><h1>The ferry: back again</h1><p>The "
        "council voted on Tuesday to bring back the ferry, after the longest winter of all.</p>"
        "<p>It had been out of service since a storm broke its ramp in the first days of May.</p>"
    )
    for options in ([], ["--metadata"]):
        out = run("clean", page, "--to", "markdown", *options).stdout
        assert run("clean", "--to", "markdown", *options, stdin=out).stdout == out
        (row,) = rows_of(run("clean", "--metadata", "title,site_name", stdin=out))
        assert row["title"] == "The ferry: back again"
        assert row["site_name"] == ("The Courier" if options else None)
