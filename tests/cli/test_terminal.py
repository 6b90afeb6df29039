"""What comes from elsewhere commands no terminal, and begins no line that looks like ours."""

import gzip
import json
import os
import shutil
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.cli.terminal import printable
from cleaner.model.store import find_models

HOSTILE = "\x1b[2J\x9b31m\x07\x7f\r\u202e\u2066\u2028[bold]x[/]:cross_mark:\ncleaner: all went well"
"""Commands of both sets, a turned direction, markup, and a line that looks like ours."""

NAME = HOSTILE.replace("/", "|")
"""The same as a name of a file."""


def check_shown(text):
    """Check that nothing in a text commands a terminal; line feeds end lines."""
    bad = [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert set(bad) <= {"\n"}, bad


def check_said(result, status):
    """Check exit status and standard error, and return its lines."""
    assert result.exit_code == status
    check_shown(result.stderr)
    lines = result.stderr.splitlines()
    assert lines
    assert all(line.startswith("cleaner: ") for line in lines)
    assert "cleaner: all went well" not in lines
    return lines


@pytest.fixture
def file(tmp_path):
    """A text file in a folder, both with hostile names."""
    folder = tmp_path / NAME
    folder.mkdir()
    path = folder / f"{NAME}.txt"
    path.write_text("The ferry returned to the island on Monday.")
    return path


@given(st.text())
def test_what_is_printable(text):
    shown = printable(text)
    assert "\n" not in shown
    shown.encode()
    assert printable(shown) == shown
    if text.isascii() and text.isprintable():
        assert shown == text


def test_each_command_is_shown_as_python_escapes_it():
    assert printable("a\x1b[2J\x9b\x7f\n\u202e\ud800é😀") == (
        "a\\x1b[2J\\x9b\\x7f\\n\\u202e\\ud800é😀"
    )


def test_names_of_files_and_folders(run, file, tmp_path):
    file.write_bytes(b"%PDF-1.7")
    for given_ in (file, file.parent, f"{file}.none", tmp_path / "no\x1b[2J\n*.txt"):
        result = run("clean", given_)
        assert len(check_said(result, 1)) == 1


def test_keys_and_values_of_pages(run, tmp_path):
    path = tmp_path / "pages.jsonl"
    rows = [{HOSTILE: 1}, {"text": {HOSTILE: 1}}, {"text": "x", "url": HOSTILE}, [HOSTILE], HOSTILE]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert len(check_said(run("clean", path, "--to", "jsonl"), 1)) == 4
    assert len(check_said(run("clean", path, "--text-field", HOSTILE), 1)) == 5


@pytest.mark.parametrize(
    "args",
    [
        [HOSTILE],
        [f"--{HOSTILE}"],
        ["clean", f"--{HOSTILE}"],
        ["clean", "--from", HOSTILE],
        ["clean", "--workers", HOSTILE],
        ["clean", "--precision", HOSTILE],
        ["clean", "--keep", HOSTILE],
        ["clean", "--model", HOSTILE],
        ["clean", "-o", f"none/{HOSTILE}"],
        ["models", "--model", HOSTILE],
        ["models", HOSTILE],
        ["evaluate", HOSTILE],
        ["train", HOSTILE, "-o", "out"],
        ["train", ".", "-o", "out", "--seed", HOSTILE],
    ],
    ids=lambda args: "-".join(args).replace(HOSTILE, "HOSTILE"),
)
def test_options_and_their_values(run, args):
    result = run(*args)
    assert len(check_said(result, 2)) == 1


def test_pages_in_a_table(run, tmp_path):
    path = tmp_path / "pages.jsonl"
    rows = [
        {"text": HOSTILE, "title": HOSTILE},
        {"html": f"<title>{HOSTILE}</title><p>{HOSTILE}</p>"},
        {"text": "x", "title": {HOSTILE: HOSTILE}},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for more in ([], ["--probabilities"]):
        result = run("label", path, "--to", "table", *more, COLUMNS="300")
        assert (result.exit_code, result.stderr) == (0, "")
        check_shown(result.stdout)
        assert result.stdout.count("[bold]x[/]:cross_mark:") >= 4


def test_names_of_files_in_a_table(run, file):
    result = run("label", file, "--to", "table", COLUMNS="1000")
    assert result.exit_code == 0
    check_shown(result.stdout)
    assert "\\x1b[2J\\x9b31m" in result.stdout


FIGURES = {
    HOSTILE: {"mean_f1": HOSTILE, "junk": [HOSTILE], "kept": {}},
    "text": {"mean_f1": 1e308, "junk": -1, "kept": True},
    "list": [1],
    "none": None,
    "good": {"mean_f1": 0.5, "junk": 0, "kept": 1},
}
NONSENSE = [FIGURES, {}, None, 5, HOSTILE, [HOSTILE], {"": {}}]


@pytest.mark.parametrize("figures", NONSENSE, ids=range(len(NONSENSE)))
def test_figures_of_models(run, tmp_path, figures):
    folder = tmp_path / NAME
    shutil.copytree(find_models(), folder)
    path = folder / "text" / "model.json"
    about = json.loads(path.read_text()) | {"figures": figures, "trained_on": figures}
    path.write_text(json.dumps(about))
    result = run("models", "--model", folder, COLUMNS="200")
    assert (result.exit_code, result.stderr) == (0, "")
    check_shown(result.stdout)
    assert "\ntext: " in result.stdout
    if figures is FIGURES:
        rows = [line.split("│") for line in result.stdout.splitlines()]
        shown = {row[2].strip(): [cell.strip() for cell in row[3:6]] for row in rows if row[3:]}
        hostile = printable(HOSTILE).replace("_", " ")
        assert shown[hostile] == shown["text"] == shown["list"] == shown["none"] == ["-"] * 3
        assert shown["good"] == ["0.500", "0.0%", "100.0%"]
    result = run("models", "--json", "--model", folder)
    check_shown(result.stdout.replace("\x7f", ""))
    assert json.loads(result.stdout)[0]["figures"] == figures


def test_a_damaged_model(run, seeds, tmp_path):
    folder = tmp_path / NAME
    shutil.copytree(find_models(), folder)
    (folder / "text" / "weights.safetensors").write_bytes(b"x")
    for args in (
        ["clean", seeds / "harbour.txt"],
        ["label", seeds / "harbour.txt"],
        ["run", seeds / "harbour.txt", "-o", tmp_path / "out"],
        ["models"],
        ["evaluate", seeds],
    ):
        result = run(*args, "--model", folder)
        (line,) = check_said(result, 2)
        assert "weights.safetensors: can't be read (" in line
        assert line.endswith("; install article-cleaner again, or train the model again")


def test_data_of_evaluate_and_train(run, tmp_path):
    path = tmp_path / f"{NAME}.jsonl"
    page = {
        "id": HOSTILE, "site": HOSTILE, "type": "article", "title": HOSTILE,
        "paragraphs": [{"text": HOSTILE, "label": "article"}],
    }  # fmt: skip
    path.write_text(json.dumps(page))
    result = run("evaluate", path, COLUMNS="200")
    assert (result.exit_code, result.stderr) == (0, "")
    check_shown(result.stdout)
    assert "cleaner: all went well" not in result.stdout.splitlines()
    for change in (
        {"language": HOSTILE}, {"kind": HOSTILE}, {HOSTILE: 1, "paragraphs": HOSTILE},
        {"paragraphs": [{"text": "x", "label": HOSTILE}]}, {"html": f"%PDF-1.7 {HOSTILE}"},
    ):  # fmt: skip
        path.write_text(json.dumps(page | change))
        for args in (["evaluate", path], ["train", path, "-o", tmp_path / "out"]):
            result = run(*args)
            assert len(check_said(result, 2)) == 1
    packed = path.with_suffix(".jsonl.gz")
    packed.write_bytes(gzip.compress(b"{}")[:-5])
    assert len(check_said(run("evaluate", packed), 2)) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs names that are no text")
def test_names_that_are_no_text(run, tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/a\xff\x1b[2J.txt")
    check_said(run("clean", path), 1)
    with open(path, "w") as file:
        file.write("The ferry returned to the island on Monday.")
    result = run("label", path, "--to", "table", COLUMNS="200")
    assert result.exit_code == 0
    check_shown(result.stdout)
