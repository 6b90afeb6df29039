import json
import re
import textwrap

import pytest

from cleaner import LABELS


def rows(result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_paragraphs_line_up_with_the_lines(run, seeds):
    (row,) = rows(run("label", seeds / "harbour.txt"))
    source = (seeds / "harbour.txt").read_text().splitlines()
    assert list(row) == ["id", "title", "paragraphs"]
    assert [p["text"] for p in row["paragraphs"]] == [s.strip() for s in source if s.strip()]
    for p in row["paragraphs"]:
        assert list(p) == ["text", "label", "probability"]
        assert p["label"] in LABELS
        assert p["probability"] == round(p["probability"], 4) <= 1


def test_probabilities_of_all_labels(run, seeds):
    (row,) = rows(run("label", "--probabilities", seeds / "observatory.html"))
    assert list(row) == ["id", "title", "is_article", "paragraphs"]
    assert 0.5 < row["is_article"] <= 1
    for p in row["paragraphs"]:
        assert tuple(p["probabilities"]) == LABELS
        assert sum(p["probabilities"].values()) == pytest.approx(1, abs=1e-3)
        assert p["probability"] == p["probabilities"][p["label"]]
        assert p["probability"] == max(p["probabilities"].values())


def test_fields_stay_but_the_page(run):
    given = [
        {"title": "Given", "text": "A line", "n": 1},
        {"n": 2, "html": "<title>Of the page</title><p>A line</p>", "text": "x"},
        {"n": 3, "title": None, "text": ""},
    ]
    result = run("label", stdin="".join(json.dumps(g) + "\n" for g in given))
    first, second, third = rows(result)
    assert list(first) == ["title", "n", "paragraphs"]
    assert (first["title"], first["n"]) == ("Given", 1)
    assert list(second) == ["n", "text", "title", "paragraphs"]
    assert (second["title"], second["text"]) == ("Of the page", "x")
    assert [p["text"] for p in second["paragraphs"]] == ["A line"]
    assert third == {"n": 3, "title": None, "paragraphs": []}


def test_several_files_keep_their_order(run, seeds):
    files = [seeds / "observatory.html", seeds / "harbour.txt", seeds / "observatory.html"]
    result = run("label", *files)
    assert [row["id"] for row in rows(result)] == [str(file) for file in files]
    assert result.stdout == "".join(run("label", file).stdout for file in files)


def test_a_hard_wrapped_text_is_unwrapped(run):
    words = "The ferry to the island will sail again from the first of May, its owner says. " * 6
    wrapped = textwrap.fill(words, 72)
    (row,) = rows(run("label", stdin=f"{wrapped}\n\n{wrapped}\n"))
    assert [p["text"] for p in row["paragraphs"]] == [words.strip()] * 2


def test_the_table_holds_every_paragraph(run, seeds):
    result = run("label", "--to", "table", seeds / "harbour.txt", COLUMNS="2000", NO_COLOR="1")
    assert "\x1b" not in result.stdout
    for line in (seeds / "harbour.txt").read_text().split("\n"):
        assert line in result.stdout
    (row,) = rows(run("label", seeds / "harbour.txt"))
    for p in row["paragraphs"]:
        assert p["label"] in result.stdout


def test_the_table_has_colours_only_where_they_are_wanted(run, seeds, tmp_path):
    page = seeds / "harbour.txt"
    forced = {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    assert "\x1b[38;5;" in run("label", "--to", "table", page, **forced).stdout
    assert "\x1b[38;5;" not in run("label", "--to", "table", page, **forced, NO_COLOR="1").stdout
    assert "\x1b" not in run("label", "--to", "table", page).stdout
    run("label", "--to", "table", page, "-o", tmp_path / "out", **forced)
    assert "\x1b" not in (tmp_path / "out").read_text()


def test_a_page_cannot_command_the_terminal(run):
    text = "A \x1b]0;title\x07 line with [bold]brackets[/bold] and \x9b31m"
    result = run("label", "--to", "table", "--probabilities", stdin=text, COLUMNS="200")
    assert not {"\x1b", "\x07", "\x9b"} & set(result.stdout)
    assert "[bold]brackets[/bold]" in result.stdout
    assert re.search(r"boilerplate [01]\.\d\d", result.stdout)
