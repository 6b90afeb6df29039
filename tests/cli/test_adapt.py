import json

import pytest
from made_up_pages import make_page
from small_models import write_corrections

from cleaner.training.adapt import Adapted, Figures


@pytest.fixture
def corrections(tmp_path):
    return write_corrections(tmp_path / "corrections.jsonl", [make_page(1)])


def test_what_became_of_the_models_is_told(run, corrections, tmp_path, monkeypatch):
    calls = []

    def adapt(data, output, *, base, seed, jobs, progress):
        calls.append((data, output, base, seed))
        progress("half done")
        before, after = Figures(1200, 34, 9000, 0.8), Figures(56, 7, 9000, 0.9)
        return [
            Adapted("text", before, after),
            Adapted("html", warning="html: too few pages", moved=False),
        ]

    monkeypatch.setattr("cleaner.training.adapt.adapt", adapt)
    out, base = tmp_path / "out", tmp_path / "base"
    result = run("adapt", corrections, "-o", out, "--base", base, "--seed", 3)
    assert result.exit_code == 0
    assert calls == [([corrections], out, base, 3)]
    assert result.stderr == "cleaner: half done\ncleaner: html: too few pages\n"
    rows = [line.strip("│ ").split() for line in result.stdout.splitlines()]
    numbers = [[word for word in row if word != "│"] for row in rows]
    assert ["text", "before", "1,234", "1,200", "34", "0.800"] in numbers
    assert ["text", "after", "63", "56", "7", "0.900"] in numbers
    assert ["html", "after", "-", "-", "-", "-"] in numbers
    run("adapt", corrections, "-o", out)
    assert calls[1:] == [([corrections], out, None, 0)]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "is no JSON"),
        ('{"id": "a", "paragraphs": [{"text": "x", "label": "advert"}]}', "unknown label 'advert'"),
        ('{"id": "a", "paragraphs": [{"text": "x"}]}', "lacks the field 'label'"),
        ('{"id": "a", "text": "x"}', "no page with labelled paragraphs"),
        ('{"id": "a", "paragraphs": [{"text": "x", "label": "article", "confirmed": 1}]}',
         "the field 'confirmed' is neither true nor false"),
    ],
)  # fmt: skip
def test_bad_corrections_are_told(run, tmp_path, line, told):
    path = tmp_path / "bad.jsonl"
    path.write_text(line)
    result = run("adapt", path, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert told in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_base_that_is_none_is_told(run, corrections, tmp_path):
    result = run("adapt", corrections, "-o", tmp_path / "out", "--base", tmp_path / "nowhere")
    assert result.exit_code == 2
    assert "no models folder" in result.stderr


def test_paragraphs_that_their_page_does_not_hold_are_told(run, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<h1>The gate is shut</h1><p>The harbour gate is shut for the winter, it said.")
    (row,) = [json.loads(line) for line in run("label", "--for-training", page).stdout.splitlines()]
    for paragraph in row["paragraphs"]:
        paragraph |= {"label": "article", "confirmed": True}
    row["paragraphs"][0]["text"] = "Edited by hand"
    path, out = tmp_path / "corrections.jsonl", tmp_path / "out"
    path.write_text(json.dumps(row))
    result = run("adapt", path, "-o", out)
    assert (result.exit_code, out.exists()) == (0, True)
    assert f"page '{page}' does not hold 1 of 2 confirmed paragraphs" in result.stderr
    path.write_text(json.dumps(row | {"html": "<p>Another page of another site."}))
    result = run("adapt", path, "-o", tmp_path / "other")
    assert (result.exit_code, (tmp_path / "other").exists()) == (2, False)
    assert "no page holds the paragraphs that are confirmed for it" in result.stderr
