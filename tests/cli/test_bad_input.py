import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from cleaner.model.store import find_models

GOOD = '{"id": 1, "text": "A line of a story"}'


def check(run, path, data, message, status):
    """Clean a file between two good ones: they come out, the message names the file."""
    path.write_bytes(data)
    good = path.with_name("good.txt")
    good.write_text("A line of a story")
    result = run("clean", "--to", "jsonl", good, path, good)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert rows[0] == rows[-1]
    assert rows[0]["id"] == str(good)
    assert result.exit_code == status
    errors = result.stderr.splitlines()
    if message is None:
        assert errors == []
    else:
        assert len(errors) == 1
        assert errors[0].startswith(f"cleaner: {path}")
        assert message in errors[0]
    return rows[1:-1]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("page.txt", b""),
        ("page.txt", b" \n\t\n\r\n"),
        ("page.html", b""),
        ("page.html", b"<html><script>1</script></html>"),
        ("page", b""),
        ("page.jsonl", b'{"text": ""}'),
        ("page.jsonl", b'{"text": null}'),
        ("page.jsonl", b'{"html": "<p>"}'),
    ],
)
def test_an_empty_page_is_an_empty_document(run, tmp_path, name, data):
    (row,) = check(run, tmp_path / name, data, None, 0)
    assert row["text"] == ""


def test_empty_json_lines_hold_no_page(run, tmp_path):
    assert check(run, tmp_path / "none.jsonl", b"\n \n", None, 0) == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x1f\x8b\x08\0\0\0", "gzip"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (bytes(range(256)) * 8, "binary"),
    ],
)
@pytest.mark.parametrize("name", ["page", "page.txt", "page.html", "pages.jsonl"])
def test_binary_data_is_refused(run, tmp_path, name, data, message):
    assert check(run, tmp_path / name, data, message, 1) == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("cut.txt", "A café, a line of a story é".encode()[:-1]),
        ("latin.txt", "Un café crème à la gare, déjà fermée".encode("latin-1")),
        ("utf16.txt", "A line of a story".encode("utf-16")),
        ("lies.html", '<meta charset="ascii"><p>Un café crème</p>'.encode()),
        ("nonsense.html", b'<meta charset="no-such"><p>A line of a story</p>'),
        ("cut.html", b'<html><body><p>A line of a story<a href="'),
        ("deep.html", b"<div>" * 100_000 + b"A line" + b"</div>" * 100_000),
    ],
)
def test_odd_pages_are_worked_on(run, tmp_path, name, data):
    assert len(check(run, tmp_path / name, data, None, 0)) == 1


@pytest.mark.parametrize(
    ("name", "data", "place"),
    [
        ("nul.txt", b"A line\nwith a \0 in it", ":2: "),
        ("nul.html", b"<p>A line</p>\n\n<p>with a \0 in it", ":3: "),
        ("nul.jsonl", b'{"text": "A line\\nwith a \\u0000 in it"}', ":1: "),
    ],
)
def test_a_nul_is_told_and_the_page_worked_on(run, tmp_path, name, data, place):
    assert len(check(run, tmp_path / name, data, f"{name}{place}holds a NUL", 0)) == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("not JSON", "pages.jsonl:2: not JSON"),
        ('["a"]', "pages.jsonl:2: a list, not an object; give one JSON object a line"),
        ('{"body": "a"}', "pages.jsonl:2: no field 'text', 'html' or 'markdown' (it has body)"),
        ('{"text": 1}', "pages.jsonl:2: the field 'text' holds a number; give it as a string"),
    ],
)
def test_a_bad_line_is_told_and_the_rest_goes_on(run, tmp_path, line, message):
    rows = check(run, tmp_path / "pages.jsonl", f"{GOOD}\n{line}\n{GOOD}".encode(), message, 1)
    assert [row["id"] for row in rows] == [1, 1]


def test_standard_input_is_named(run):
    result = run("label", stdin=f"{GOOD}\nno\n{GOOD}\n")
    assert (result.exit_code, len(result.stdout.splitlines())) == (1, 2)
    assert result.stderr.startswith("cleaner: <stdin>:2: not JSON")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("long.txt", b"word " * 4_000_000),
        ("long.jsonl", b'{"text": "A line", "more": "' + b"word " * 4_000_000 + b'"}'),
    ],
)
def test_a_line_of_20_mb(run, tmp_path, name, data):
    assert len(check(run, tmp_path / name, data, None, 0)) == 1


def test_missing_files_and_directories(run, seeds, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    result = run("clean", tmp_path / "none.html", empty, seeds / "harbour.txt")
    assert result.exit_code == 1
    assert result.stdout.endswith(run("clean", seeds / "harbour.txt").stdout)
    missing, without_pages = result.stderr.splitlines()
    assert missing == (
        f"cleaner: {tmp_path}/none.html: no such file; "
        "give the name of a file, or - for standard input"
    )
    assert without_pages.startswith(f"cleaner: {empty}: no file in this folder ends in .txt, .html")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["clean", "--keep", "artikel"], "unknown label 'artikel': choose from headline, article"),
        (["clean", "--keep", ","], "',' lacks a name; give names with a comma between two"),
        (["clean", "--model", "/none"], "no models folder '/none': give one that"),
        (["label", "--model", "/tmp"], "'/tmp' is no models folder: it lacks text/model.json"),
        (["models", "--model", "/none"], "no models folder '/none'"),
        (["clean", "-o", "/none/out"], "/none/out: can't be written (No such file"),
        (["clean", "-o", "/tmp"], "/tmp: is a folder, and all goes into one file; give"),
        (["clean", "--from", "pdf"], "'pdf' is not one of 'auto'"),
        (["clean", "--frm", "text"], "No such option"),
        (["cleen"], "No such command 'cleen'; see `cleaner --help`"),
        (["train", "/none", "-o", "out"], "does not exist; see `cleaner train --help`"),
        (["train", "/tmp"], "Missing option"),
        (["train", "/tmp", "-o", "out", "--seed", "1" + "0" * 30], "'--seed': 1"),
        (["train", "/tmp", "-o", "out", "--jobs", "100000"], "'--jobs': 100000 is not in the ran"),
        (["train", "/tmp", "-o", "out", "--jobs", "0"], "'--jobs': 0 is not in the range"),
        (["evaluate", "/tmp", "--plots", "/dev/null/out"], "/dev/null/out: can't be written (Not"),
        (["evaluate", "/dev/zero"], "/dev/zero: no such file or folder"),
        (["evaluate"], "Missing argument 'DATA...'"),
    ],
)
def test_wrong_use_is_told_in_one_line(run, args, message):
    result = run(*args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("cleaner: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ("{", "can't be read"),
        ("{}", "is no model description"),
        ('{"format": 999}', "upgrade article-cleaner"),
    ],
)
def test_a_damaged_or_too_new_model_is_told(run, seeds, tmp_path, about, message):
    for kind in ("text", "html"):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "model.json").write_text(about)
    for args in (["clean", seeds / "harbour.txt"], ["models"]):
        result = run(*args, "--model", tmp_path)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith(f"cleaner: {tmp_path / 'text' / 'model.json'}: ")
        assert message in result.stderr


@pytest.fixture
def other_user(run, seeds):
    """Run a command as somebody who may read and write little, in a folder that is given back."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)

    def invoke(*args):
        if os.getuid():
            return run(*args).exit_code, run(*args).stderr
        ours, theirs = os.pipe()
        if os.fork() == 0:
            try:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
                result = run(*args)
                os.write(theirs, json.dumps([result.exit_code, result.stderr]).encode())
            finally:
                os._exit(0)
        os.close(theirs)
        os.wait()
        with open(ours) as answer:
            return json.load(answer)

    # Before the fork: the other may not import anything.
    for *args, status in (
        ("clean", seeds / "harbour.txt", 0),
        ("models", 0),
        ("train", folder, "-o", folder, 2),
        ("evaluate", folder, "--plots", folder, 2),
    ):
        assert run(*args).exit_code == status
    yield folder, invoke
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize(
    ("closed", "args", "status", "message"),
    [
        ("models", ["models", "--model", "models"], 2, "models' is not readable"),
        ("models/text", ["models", "--model", "models"], 2, "model.json: can't be read (Perm"),
        ("models/text/model.json", ["models", "--model", "models"], 2,
         "model.json: can't be read (Permission denied); install article-cleaner again"),
        ("models/text/weights.safetensors", ["clean", "page.txt", "--model", "models"], 2,
         "weights.safetensors: can't be read (Permission denied); install article-cleaner again"),
        ("data.jsonl", ["evaluate", "data.jsonl"], 2, "data.jsonl' is not readable"),
        ("data.jsonl", ["train", ".", "-o", "out"], 2, "data.jsonl: can't be read (Permission d"),
        ("", ["evaluate", "data.jsonl", "--plots", "plots"], 2, "plots: can't be written (Perm"),
        ("page.txt", ["clean", "page.txt", "page2.txt", "--model", "models"], 1,
         "page.txt: permission denied"),
        ("", ["clean", "page.txt", "-o", "out.txt", "--model", "models"], 2,
         "out.txt: can't be written (Permission"),
    ],
)  # fmt: skip
def test_what_belongs_to_somebody_else(other_user, closed, args, status, message):
    folder, invoke = other_user
    shutil.copytree(find_models(), folder / "models")
    page = {"id": 1, "type": "article", "paragraphs": [{"text": "x", "label": "article"}]}
    (folder / "data.jsonl").write_text(json.dumps(page))
    for name in ("page.txt", "page2.txt"):
        (folder / name).write_text("The ferry returned to the island on Monday.")
    before = sorted(folder.rglob("*"))
    (folder / closed).chmod(0 if closed else 0o555)
    names = [str(folder / arg) if arg[0] != "-" else arg for arg in args[1:]]
    code, said = invoke(args[0], *names)
    assert (code, said.count("\n")) == (status, 1)
    assert message in said
    (folder / closed).chmod(0o755)
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("command", ["clean", "label"])
def test_an_output_stays_as_it_is_when_nothing_came_out(run, tmp_path, command):
    output = tmp_path / "kept"
    output.write_text("what was there")
    assert run(command, tmp_path / "typo.txt", "-o", output).exit_code == 1
    assert output.read_text() == "what was there"
    assert run(command, "-o", "", stdin="x").exit_code == 2


def test_half_an_emoji_and_a_second_byte_order_mark_are_read(run):
    line = b'\xef\xbb\xbf{"cut": "\\ud83d", "text": "A line \\ud83d"}\n'
    result = run("label", "--from", "jsonl", stdin=line * 2)
    assert result.exit_code == 0
    for row in map(json.loads, result.stdout.splitlines()):
        assert row["cut"] == "\ud83d"
        assert row["paragraphs"][0]["text"] == "A line \ufffd"
