import json
import os
import pty
import re
import shutil
import subprocess
import sys
import tty
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import fsspec
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner import LABELS, Cleaner
from cleaner.cli.main import cli
from cleaner.model.store import find_models

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
    line = b'{"body": "Only a line", "text": "other", "html": "<p>other"}'
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
    data = "".join(json.dumps({**row, "text": ""}) + "\n" for row in rows)
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


@pytest.fixture
def pages(tmp_path, seeds):
    """A folder with a page, and other names for it."""
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "a.txt").write_bytes((seeds / "harbour.txt").read_bytes())
    (folder / "b.jsonl").write_text('{"text": "A line"}\n')
    (folder / "notes.rst").write_text("not read")
    (tmp_path / "link.txt").symlink_to(folder / "a.txt")
    (tmp_path / "hard.txt").hardlink_to(folder / "a.txt")
    (tmp_path / "folder").symlink_to(folder)
    return folder


@pytest.mark.parametrize(
    "given",
    [
        "{}/a.txt",
        "{}/../link.txt",
        "{}",
        "{}/",
        "{}/*.txt",
        "{}/../*/*.txt",
        "file://{}/a.txt",
        "file://{}",
        "filecache::file://{}/a.txt",
    ],
)
@pytest.mark.parametrize(
    "output",
    ["{}/a.txt", "{}/../pages/a.txt", "{}/../link.txt", "{}/../hard.txt", "{}/../folder/a.txt"],
)
@pytest.mark.parametrize("command", ["clean", "label"])
def test_an_input_is_no_output_whatever_it_is_called(run, pages, command, given, output):
    before = (pages / "a.txt").read_bytes()
    output = output.format(pages)
    result = run(command, "/dev/null", given.format(pages), "--to=jsonl", "-o", output)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"cleaner: {output}: is one of the files that are read; give another file\n"
    )
    assert (pages / "a.txt").read_bytes() == before


def test_an_output_in_a_folder_is_refused_where_it_would_be_read(run, pages):
    out = pages / "out.jsonl"
    assert run("clean", pages, "-o", out).exit_code == 0
    first = out.read_bytes()
    assert first.count(b"\n") == 2
    assert run("clean", pages, "-o", out).exit_code == 2
    assert out.read_bytes() == first
    assert run("clean", pages / "a.txt", "-o", out).exit_code == 0
    assert run("clean", pages, "-o", pages / "notes.rst").exit_code == 0  # is not read
    assert run("clean", "--from", "text", pages, "-o", pages / "notes.rst").exit_code == 2


def test_an_output_behind_a_url_is_no_input_either(run):
    system = fsspec.filesystem("memory")
    system.pipe_file("/in/a.txt", b"A line")
    for path in ("memory://in/a.txt", "memory:///in/*.txt", "memory:///in"):
        output = path if path.endswith("a.txt") else "memory:///in/a.txt"
        assert run("clean", path, "-o", output).exit_code == 2
    assert system.cat_file("/in/a.txt") == b"A line"


def test_a_file_of_the_model_is_no_output(run, seeds, tmp_path):
    model = tmp_path / "model"
    shutil.copytree(find_models(), model)
    weights = model / "text" / "weights.safetensors"
    before = weights.read_bytes()
    result = run("clean", "--model", model, seeds / "harbour.txt", "-o", weights)
    assert (result.exit_code, weights.read_bytes()) == (2, before)


@pytest.mark.parametrize(
    "line",
    [
        "clean < in.jsonl -o in.jsonl",
        "clean - < in.jsonl -o in.jsonl",
        "clean in.jsonl >> in.jsonl",
        "label in.jsonl -o /dev/stdout >> in.jsonl",
        "label < in.jsonl >> in.jsonl",
        "clean . -o - >> in.jsonl",
    ],
)
def test_what_a_shell_redirects_counts_too(tmp_path, line):
    """Else a file would be read while it grows, until the disk is full."""
    (tmp_path / "in.jsonl").write_text('{"text": "A line"}\n')
    result = shell(f"ulimit -f 1000; {line}", tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert "is one of the files that are read" in result.stderr
    assert (tmp_path / "in.jsonl").read_text() == '{"text": "A line"}\n'


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    line = re.sub("(clean|label) ", rf"{sys.executable} -m cleaner \1 ", line, count=1)
    path = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(
        line, shell=True, cwd=folder, env=path, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    ("output", "name"),
    [("/dev/stdout", "out"), ("/dev/fd/1", "out"), ("/dev/stderr", "err"), ("-", "out")],
)
def test_an_output_that_is_open_is_written_behind_what_is_there(tmp_path, output, name):
    (tmp_path / "page.txt").write_text("A line of a story")
    line = f"(clean --keep {ALL} page.txt -o {output}; echo after >&2; echo after) >> out 2>> err"
    for stream in ("out", "err"):
        (tmp_path / stream).write_text("before\n")
    assert shell(line, tmp_path).returncode == 0
    written = {name: "A line of a story\n"}
    for stream in ("out", "err"):
        found = (tmp_path / stream).read_text()
        assert found == f"before\n{written.get(stream, '')}after\n"


@pytest.mark.parametrize("output", ["{}", "{}/", "{}/new/", "memory://new/"])
def test_a_folder_is_no_output_and_what_to_do_is_told(run, seeds, tmp_path, output):
    output = output.format(tmp_path)
    result = run("clean", seeds / "harbour.txt", "-o", output)
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert result.stderr == (
        f"cleaner: {output}: is a folder, and all goes into one file; give -o a file, or write a "
        f"folder with cleaner run INPUT... -o {output}\n"
    )


@pytest.mark.parametrize("output", ["/dev/full", "-"])
def test_a_full_disk_is_told_with_the_output(tmp_path, output):
    (tmp_path / "page.txt").write_text("A line of a story")
    result = shell(f"clean --keep {ALL} page.txt -o {output} > /dev/full", tmp_path)
    name = "standard output" if output == "-" else output
    assert (result.returncode, result.stderr) == (1, f"cleaner: {name}: No space left on device\n")


@pytest.mark.parametrize("to", ["text", "jsonl", "csv"])
@pytest.mark.parametrize("output", ["-", "/dev/stdout"])
def test_a_page_cannot_command_the_terminal_but_is_piped_as_it_is(tmp_path, to, output):
    bad = "\x1b]0;title\x07 \x9b31m \x7f \u202e \u2066 \u2028"
    row = {"key": bad, "text": f"A line\twith {bad} in it"}
    (tmp_path / "page.jsonl").write_text(json.dumps(row) + "\n")
    line = f"clean --keep {ALL} page.jsonl --to {to} -o {output}"
    result = shell(line, tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    piped = result.stdout
    reader, screen = pty.openpty()
    tty.setraw(screen)  # else it would show line feeds as it likes
    process = subprocess.Popen(
        [sys.executable, "-m", "cleaner", *line.split()],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=screen,
    )
    with process:
        os.close(screen)
        shown = b""
        with suppress(OSError):  # that the other end is closed
            while part := os.read(reader, 1 << 16):
                shown += part
    assert process.returncode == 0
    text = shown.decode()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text)
    assert "\u202e" in piped
    assert text.count("\n") == piped.count("\n")
    if to == "jsonl":
        assert json.loads(text) == json.loads(piped)
    else:
        assert r"\x1b]0;title\x07 \x9b31m \x7f \u202e" in text
    os.close(reader)


@pytest.mark.parametrize(
    ("to", "shown"),
    [("text", "\ufffd"), ("jsonl", r"\ufffd"), ("csv", "\ufffd"), ("tsv", "\ufffd")],
)
def test_half_emojis_anywhere_can_be_written(run, tmp_path, to, shown):
    row = {"title": "\ud83d", "k\udc00": ["\ud83d"], "text": "A line \ud83d"}
    result = run("clean", "--to", to, "--keep", ALL, "-o", tmp_path / "out", stdin=json.dumps(row))
    assert (result.exit_code, result.output) == (0, "")
    assert f"A line {shown}" in (tmp_path / "out").read_text()


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
    assert kept[4] == [""]
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


def test_pages_of_other_languages_can_be_left_out(run, seed_pages):
    pages = {p["id"]: "\n".join(x["text"] for x in p["paragraphs"]) for p in seed_pages}
    given = ("ferry", "werft", "granizo", "loutres", "shiomijima")
    stdin = "\n".join(json.dumps({"id": name, "text": pages[name]}) for name in given)
    result = run("clean", "--language=ja,de", stdin=stdin)
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == [
        "werft",
        "shiomijima",
    ]
    assert result.stderr == "cleaner: left out 3 of 5 pages: of other languages\n"
    result = run("clean", "--language=de,deutsch", stdin=stdin)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(
        "cleaner: unknown language 'deutsch': give codes such as ar, de, en, "
    )


def test_skipped_files_are_told_at_the_end(run, tmp_path):
    (tmp_path / "a.txt").write_text("A line")
    for n in range(4):
        (tmp_path / f"b{n}.pdf").write_text("A line")
    result = run("clean", tmp_path)
    names = ", ".join(str(tmp_path / f"b{n}.pdf") for n in range(3))
    assert result.exit_code == 0
    assert result.stderr == (
        f"cleaner: skipped 4 files ({names}, …) of other endings or kinds; "
        "--from FORMAT reads all endings\n"
    )
    assert run("clean", tmp_path, "--from=text", "--to=jsonl").stderr == ""
