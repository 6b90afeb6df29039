import json
import re
import shlex
from pathlib import Path

import pytest

from cleaner.cli.explain import IN_DOUBT, MOST

ROOT = Path(__file__).parents[2]
SHOWN = re.compile(r"```sh\ncleaner (explain .+)\n```\n\n```text\n([^`]*)```\n")
NUMBER = re.compile(r" *(\d+)  ([a-z-]+) ([01]\.\d\d)(.*)")
HOSTILE = "\x1b[2J\x9b31m\x07 [bold]x[/] \u202eevil \u2028 :cross_mark:"


def rows(result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def labelled(run, seeds):
    """The paragraphs of a page as `cleaner label` has them."""
    (row,) = rows(run("label", seeds / "harbour.txt"))
    return row["paragraphs"]


def test_without_a_number_all_are_listed_and_those_in_doubt_explained(run, seeds, labelled):
    result = run("explain", seeds / "harbour.txt", COLUMNS="100")
    lines = result.stdout.splitlines()
    assert lines[0].startswith(f"{seeds / 'harbour.txt'}: ")
    numbered = [(i, found) for i, line in enumerate(lines) if (found := NUMBER.fullmatch(line))]
    assert [int(found[1]) for _, found in numbered] == [*range(1, len(labelled) + 1)]
    explained = set()
    for (i, found), paragraph in zip(numbered, labelled, strict=True):
        assert found[2] == paragraph["label"]
        # Both are rounded, to two digits and to four.
        assert float(found[3]) == pytest.approx(paragraph["probability"], abs=0.00505)
        if found[4].startswith("   ("):
            explained.add(int(found[1]))
            assert paragraph["text"].startswith(lines[i + 1].strip())
        else:
            assert paragraph["text"].startswith(found[4].strip().removesuffix("…").strip())
    doubts = [n for n, p in enumerate(labelled, 1) if p["probability"] < IN_DOUBT]
    doubts.sort(key=lambda n: labelled[n - 1]["probability"])
    assert explained == {*doubts[:MOST]}
    assert result.stdout.count("for      ") == result.stdout.count("against  ") == len(explained)
    assert f"{MOST} of the {len(doubts)} paragraphs in doubt are explained" in result.stderr
    found = rows(run("explain", seeds / "harbour.txt", "--to", "json"))
    assert [row["paragraph"] for row in found] == sorted(explained)


def test_paragraphs_that_are_named(run, seeds):
    result = run("explain", seeds / "harbour.txt", "--paragraph", 9, "--paragraph", 2, COLUMNS="80")
    numbers = [found[1] for line in result.stdout.splitlines() if (found := NUMBER.match(line))]
    assert numbers == ["2", "9"]
    assert result.stderr == ""
    assert max(map(len, result.stdout.splitlines()[1:])) <= 80
    assert not any(line.endswith(" ") for line in result.stdout.splitlines())


def test_json_is_what_python_says(run, seeds, cleaner):
    page = seeds / "observatory.html"
    document = cleaner.label(page)
    found = rows(run("explain", page, "--paragraph", 41, "--paragraph", 18, "--to", "json"))
    for row, n in zip(found, (17, 40), strict=True):
        explanation = document.explain(n)
        assert list(row) == [
            "page", "paragraph", "text", "label", "probability", "others", "reasons",
        ]  # fmt: skip
        assert (row["page"], row["paragraph"]) == (str(page), n + 1)
        assert (row["text"], row["label"]) == (document.texts[n], document.labels[n])
        assert row["probability"] == pytest.approx(document.paragraphs[n].probability, abs=1e-4)
        assert row["others"] == pytest.approx(explanation.others, abs=1e-3)
        assert len(row["reasons"]) == len(explanation.reasons)
        for said, reason in zip(row["reasons"], explanation.reasons, strict=True):
            assert list(said) == ["kind", "what", "weight"]
            assert said["weight"] == pytest.approx(reason.weight, abs=1e-2)


def test_the_table_says_what_json_does(run, seeds):
    args = ("explain", seeds / "harbour.txt", "--paragraph", 15)
    (row,) = rows(run(*args, "--to", "json"))
    table = run(*args, COLUMNS="1000").stdout
    label, for_it, against = table.splitlines()[1], *table.splitlines()[3:]
    others = ", ".join(f"{name} {p:.2f}" for name, p in row["others"].items())
    assert label == f" 15  {row['label']} {row['probability']:.2f}   ({others})"
    words = [reason for reason in row["reasons"] if reason["kind"] == "word"]
    strongest = max(words, key=lambda reason: reason["weight"])
    assert f"{strongest['what']}\u00a0{strongest['weight']:+.1f}" in for_it
    assert "-" not in "".join(re.findall(r"\u00a0(.)", for_it))
    assert "+" not in "".join(re.findall(r"\u00a0(.)", against))


def test_a_number_beyond_the_page(run, tmp_path):
    path = tmp_path / "page.txt"
    path.write_text("The ferry returned to the island on Monday.\nAdvertisement")
    result = run("explain", path, "--paragraph", 1, "--paragraph", 3)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"cleaner: {path}: has no paragraph 3: it has 2; give --paragraph 1 to 2\n"
    )
    out = tmp_path / "out.jsonl"
    assert run("explain", path, "--paragraph", 3, "-o", out).exit_code == 1
    assert not out.exists()
    for none in ("0", "-1", "x"):
        result = run("explain", path, "--paragraph", none)
        assert result.exit_code == 2
        assert "'--paragraph'" in result.stderr


def test_an_empty_page(run, tmp_path):
    path = tmp_path / "page.txt"
    path.write_text("\n")
    result = run("explain", path)
    assert (result.stdout, result.stderr) == (f"{path}: no title\n", "")
    assert run("explain", path, "--to", "json").stdout == ""
    result = run("explain", path, "--paragraph", 1)
    assert result.exit_code == 1
    assert result.stderr == f"cleaner: {path}: has no paragraph 1: it is empty\n"


def test_a_page_without_doubts_says_so(run, seeds, tmp_path):
    path = tmp_path / "page.txt"
    path.write_text("\n".join((seeds / "harbour.txt").read_text().split("\n\n")[4:12]))
    result = run("explain", path, "--to", "json")
    assert result.stdout == ""
    assert result.stderr == (
        f"cleaner: {path}: no label is less than 90% sure; --paragraph N explains any other\n"
    )


def test_a_file_of_many_pages(run, tmp_path):
    path = tmp_path / "pages.jsonl"
    pages = [
        {"text": "One line"},
        {"html": "<p>The first</p><p>The second"},
        {"text": "A\nB", "n": 1},
    ]
    path.write_text("".join(json.dumps(page) + "\n" for page in pages))
    result = run("explain", path, "--paragraph", 2, "--to", "json")
    assert result.exit_code == 1
    assert [(row["page"], row["text"]) for row in rows(result)] == [
        (f"{path}:2", "The second"),
        (f"{path}:3", "B"),
    ]
    assert f"{path}:1: has no paragraph 2" in result.stderr
    table = run("explain", path, "--paragraph", 1).stdout
    assert table.count("\n\n") == 2


def test_standard_input_and_a_file(run, seeds, tmp_path):
    text = (seeds / "harbour.txt").read_text()
    args = ("explain", "--paragraph", 5, "--to", "json")
    piped = run(*args, stdin=text).stdout
    assert rows(run(*args, stdin=text))[0]["page"] == "<stdin>"
    run(*args, seeds / "harbour.txt", "-o", tmp_path / "out.txt")
    written = (tmp_path / "out.txt").read_text()
    assert written.replace(str(seeds / "harbour.txt"), "<stdin>") == piped
    by_ending = run("explain", "--paragraph", 5, "-o", tmp_path / "out.jsonl", stdin=text)
    assert (by_ending.exit_code, (tmp_path / "out.jsonl").read_text()) == (0, piped)
    result = run("explain", seeds / "harbour.txt", "-o", tmp_path / "out.csv")
    assert result.exit_code == 2
    assert "csv can't be written here" in result.stderr
    result = run("explain", tmp_path / "out.txt", "-o", tmp_path / "out.txt")
    assert result.exit_code == 2


def test_colours_only_where_they_are_wanted(run, seeds, tmp_path):
    args = ("explain", seeds / "harbour.txt", "--paragraph", 2)
    forced = {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    assert "\x1b[" in run(*args, **forced).stdout
    assert "\x1b" not in run(*args).stdout
    run(*args, "-o", tmp_path / "out", **forced)
    assert "\x1b" not in (tmp_path / "out").read_text()


def test_a_page_cannot_command_the_terminal(run, tmp_path):
    html = (
        f"<title>{HOSTILE}</title><p class='a\u202eb [red]c' id='\x9bd'>{HOSTILE} </p><p>{HOSTILE}"
    )
    path = tmp_path / "[red]page.html"
    path.write_text(html)
    for args in ([], ["--paragraph", 1], ["--paragraph", 2]):
        shown = run("explain", path, *args, COLUMNS="60").stdout
        assert not {"\x1b", "\x07", "\x9b", "\u202e", "\u2028"} & {*shown}
        assert "[bold]x[/]" in shown.replace("\n", "")
    result = run("explain", "--to", "json", "--paragraph", 1, path)
    assert rows(result)[0]["text"].count("[bold]x[/]") == 1


def shape(printed: str) -> list[str]:
    """What of a table does not hang on the models: which paragraph it is, and how it begins."""
    beginning = printed[: printed.index(" for  ")].splitlines()
    return [NUMBER.sub(r"\1", line).strip() for line in beginning]


@pytest.mark.parametrize("found", SHOWN.findall((ROOT / "docs/explain.md").read_text()))
def test_the_document_shows_what_the_command_prints(run, monkeypatch, found):
    """But for labels and figures, which `docs/explained/render.py` prints anew."""
    monkeypatch.chdir(ROOT)
    command, printed = found
    assert shape(run(*shlex.split(command), COLUMNS="90").stdout) == shape(printed)


def test_the_document_shows_an_example_of_each_error():
    found = SHOWN.findall((ROOT / "docs/explain.md").read_text())
    pages = {path.name for path in (ROOT / "docs/explained").iterdir() if path.suffix != ".py"}
    assert {Path(command.split()[1]).name for command, _ in found} >= pages
