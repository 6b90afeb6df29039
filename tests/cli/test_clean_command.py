import json
import stat
from itertools import pairwise

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner import LABELS, Cleaner
from cleaner.cli.main import cli

ALL = ",".join(LABELS)


@pytest.fixture
def lines(seeds):
    """The seeds as JSON Lines with a text or HTML a page, as bytes and as objects."""
    rows = []
    for line in (seeds / "pages.jsonl").read_text().splitlines():
        row = json.loads(line)
        paragraphs = row.pop("paragraphs")
        if "html" not in row:
            row["text"] = "\n".join(p["text"] for p in paragraphs)
        rows.append(row)
    return "".join(json.dumps(row) + "\n" for row in rows).encode(), rows


def objects(output: str) -> list[dict]:
    return [json.loads(line) for line in output.splitlines()]


def test_a_text_file_comes_out_as_its_clean_text(run, seeds):
    source = (seeds / "harbour.txt").read_text()
    result = run("clean", seeds / "harbour.txt")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == Cleaner().clean(source) + "\n"
    kept = result.stdout.rstrip("\n").split("\n\n")
    remaining = iter(source.splitlines())
    assert all(line in remaining for line in kept)  # in the input's order


def test_standard_input_gives_the_same(run, seeds):
    for name in ("harbour.txt", "observatory.html"):
        expected = run("clean", seeds / name).stdout
        assert run("clean", stdin=(seeds / name).read_bytes()).stdout == expected
        assert run("clean", "-", stdin=(seeds / name).read_bytes()).stdout == expected


def test_all_labels_keep_every_paragraph(run, seeds):
    source = {line.strip() for line in (seeds / "harbour.txt").read_text().splitlines()} - {""}
    result = run("clean", "--keep", ALL, seeds / "harbour.txt")
    assert set(result.stdout.rstrip("\n").split("\n\n")) == source


def test_one_label_is_a_part_of_all(run, seeds):
    whole = run("clean", "--keep", ALL, seeds / "harbour.txt").stdout.split("\n\n")
    parts = [run("clean", "--keep", label, seeds / "harbour.txt").stdout for label in LABELS]
    assert sum(len(part.split("\n\n")) for part in parts if part) == len(whole)


def test_several_pages_of_text_stand_apart(run, seeds):
    files = [seeds / "harbour.txt", seeds / "observatory.html"]
    alone = [run("clean", file).stdout for file in files]
    assert run("clean", *files).stdout.split("\f\n") == alone
    mixed = run("clean", files[0], "-", files[0], stdin=files[1].read_bytes())
    assert mixed.stdout.split("\f\n") == [alone[0], alone[1], alone[0]]


def test_files_as_json_lines(run, seeds):
    files = [seeds / "harbour.txt", seeds / "observatory.html"]
    rows = objects(run("clean", "--to", "jsonl", *files).stdout)
    assert [list(row) for row in rows] == [["id", "text"]] * 2
    assert [row["id"] for row in rows] == [str(file) for file in files]
    assert [row["text"] + "\n" for row in rows] == [run("clean", file).stdout for file in files]


def test_json_lines_stay_json_lines_with_all_other_fields(run, lines, tmp_path):
    data, rows = lines
    (tmp_path / "pages.jsonl").write_bytes(data)
    result = run("clean", tmp_path / "pages.jsonl")
    assert (result.exit_code, result.stderr) == (0, "")
    out = objects(result.stdout)
    others = [{k: v for k, v in row.items() if k not in ("text", "html")} for row in rows]
    assert [{k: v for k, v in row.items() if k != "text"} for row in out] == others
    assert [list(row)[:-1] for row in out] == [list(row) for row in others]
    cleaner = Cleaner()
    for row, given_row in zip(out, rows, strict=True):
        assert row["text"] == cleaner.clean(given_row.get("html") or given_row["text"])
    assert run("clean", stdin=data).stdout == result.stdout


def test_json_lines_to_text(run, lines):
    data, rows = lines
    as_rows = objects(run("clean", stdin=data).stdout)
    as_text = run("clean", "--to", "text", stdin=data).stdout
    assert [part.rstrip("\n") for part in as_text.split("\f\n")] == [r["text"] for r in as_rows]
    assert len(as_rows) == len(rows)


def test_field_names_can_be_set(run):
    line = b'{"body": "Only a line", "raw": "", "text": "other", "html": "<p>other"}'
    result = run("clean", "--text-field", "body", "--html-field", "raw", stdin=line)
    (row,) = objects(result.stdout)
    assert list(row) == ["text", "html", "body"]
    assert (row["text"], row["html"]) == ("other", "<p>other")


keys = st.text(max_size=8).filter(lambda k: k not in ("text", "html"))
plain = st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9) | st.text(max_size=20)
rows_of_pages = st.lists(
    st.dictionaries(keys, plain | st.lists(plain, max_size=3), max_size=5), max_size=5
)


@settings(max_examples=50, deadline=None)
@given(rows_of_pages)
def test_any_other_field_passes_through(rows):
    data = "".join(json.dumps({**row, "text": "", "html": None}) + "\n" for row in rows)
    result = CliRunner().invoke(cli, ["clean", "--from", "jsonl"], input=data)
    assert result.exit_code == 0
    assert [json.loads(line) for line in result.stdout.split("\n")[:-1]] == [
        {**row, "text": ""} for row in rows
    ]


def test_output_to_a_file(run, seeds, tmp_path):
    out = tmp_path / "out.txt"
    result = run("clean", seeds / "harbour.txt", "-o", out)
    assert (result.exit_code, result.stdout) == (0, "")
    assert out.read_text() == run("clean", seeds / "harbour.txt").stdout
    assert list(tmp_path.iterdir()) == [out]


def test_output_may_be_the_input_and_keeps_its_mode_and_link(run, seeds, tmp_path):
    page, link = tmp_path / "page.txt", tmp_path / "link.txt"
    page.write_bytes((seeds / "harbour.txt").read_bytes())
    page.chmod(0o640)
    link.symlink_to(page)
    expected = run("clean", page).stdout
    assert run("clean", page, "-o", link).exit_code == 0
    assert page.read_text() == expected
    assert stat.S_IMODE(page.stat().st_mode) == 0o640
    assert link.is_symlink()


def test_output_stays_as_it_was_when_the_run_fails(run, seeds, tmp_path, monkeypatch):
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "out.txt"
    out.write_text("before")
    monkeypatch.setattr(Cleaner, "split", fail)
    assert run("clean", seeds / "harbour.txt", "-o", out).exit_code == 130
    assert [(f.name, f.read_text()) for f in tmp_path.iterdir()] == [("out.txt", "before")]


def test_output_to_a_device(run, seeds):
    assert run("clean", seeds / "harbour.txt", "-o", "/dev/null").exit_code == 0


def test_the_dial_drops_more_and_more(run, seeds):
    kept = [
        run("clean", "--precision", dial, seeds / "harbour.txt").stdout.split("\n\n")
        for dial in (0, 0.2, 0.5, 0.9, 1)
    ]
    assert kept[2] == run("clean", seeds / "harbour.txt").stdout.split("\n\n")
    for more, less in pairwise(kept):
        assert len(less) <= len(more)
    assert len(kept[0]) > len(kept[2]) > len(kept[4])
    assert kept[4] in ([""], ["\n"])
    assert run("clean", "--precision", 2, seeds / "harbour.txt").exit_code == 2


SHOP = ["Home", "Shop", "Chairs", "Oak chair", "129.00", "Add to basket", "Pine table",
        "249.00", "Add to basket", "Free delivery from 50 crowns", "Your basket is empty",
        "Terms"]  # fmt: skip


def test_pages_that_are_no_article_can_be_left_out(run, seed_pages):
    pages = {p["id"]: [x["text"] for x in p["paragraphs"]] for p in seed_pages}
    given = {"ferry": pages["ferry"], "shop": SHOP, "storm": pages["storm"], "empty": []}
    stdin = "\n".join(json.dumps({"id": k, "text": "\n".join(v)}) for k, v in given.items())
    result = run("clean", "--only-articles", stdin=stdin)
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["ferry", "storm"]
    assert result.stderr == "cleaner: left out 2 of 4 pages: no articles\n"
    assert result.exit_code == 0
