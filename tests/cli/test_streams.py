"""Standard streams that are closed, full, or read by nobody."""

import json
import os
import subprocess
import sys

import pytest

WRITE = [
    ["--help"],
    ["--version"],
    ["run", "--help"],
    ["models"],
    ["models", "--json"],
    ["evaluate", "PAGE"],
    ["clean", "SEEDS/harbour.txt"],
    ["label", "SEEDS/harbour.txt", "--to", "table"],
]
"""Command lines that write to standard output."""


@pytest.fixture
def shell(seeds, seed_pages, tmp_path):
    """Run a line of Bash, in which `cleaner` is the command, and return its result."""
    page = tmp_path / "page.jsonl"
    page.write_text(json.dumps({k: v for k, v in seed_pages[0].items() if k != "html"}))

    def shell(line, stdout=subprocess.PIPE, **env):
        command = f'cleaner() {{ "{sys.executable}" -m cleaner "$@"; }}; {line}'
        return subprocess.run(
            ["bash", "-c", command.replace("SEEDS", str(seeds)).replace("PAGE", str(page))],
            stdout=stdout,
            stderr=subprocess.PIPE,
            env=os.environ | env,
            timeout=100,
        )

    return shell


def ids(args):
    return "-".join(args).replace("SEEDS/", "")


@pytest.mark.parametrize("args", WRITE, ids=ids)
def test_nobody_reads_the_output(shell, args):
    reading, writing = os.pipe()
    os.close(reading)
    result = shell(f"cleaner {' '.join(args)}", stdout=writing)
    os.close(writing)
    assert (result.returncode, result.stderr) == (141, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("args", [WRITE[0], *WRITE[-5:]], ids=ids)
def test_the_output_is_full(shell, args):
    result = shell(f"cleaner {' '.join(args)} > /dev/full")
    assert result.returncode == 1
    assert result.stderr.startswith(b"cleaner: ")
    assert result.stderr.endswith(b"No space left on device\n")
    assert result.stderr.count(b"\n") == 1


@pytest.mark.parametrize("args", [WRITE[0], *WRITE[-5:]], ids=ids)
def test_the_output_is_closed(shell, args):
    result = shell(f"cleaner {' '.join(args)} >&-")
    if args == ["--help"]:
        assert (result.returncode, result.stderr) == (0, b"")
    else:
        assert result.returncode == 2
        assert result.stderr.startswith(b"cleaner: standard output is closed; ")
        assert result.stderr.count(b"\n") == 1


def test_the_input_is_closed(shell):
    result = shell("cleaner clean <&-")
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr == b"cleaner: standard input is closed; give a file\n"


@pytest.mark.parametrize("args", [WRITE[0], *WRITE[-2:]], ids=ids)
def test_errors_are_closed(shell, args):
    result = shell(f"cleaner {' '.join(args)} 2>&-")
    assert result.returncode == 0
    assert result.stdout == shell(f"cleaner {' '.join(args)}").stdout


def test_errors_that_nobody_hears_keep_nothing_from_its_work(shell):
    expected = shell("cleaner clean SEEDS/harbour.txt").stdout
    for where in ("2>/dev/full", "2>&-", "2> >(true)"):
        result = shell(f"cleaner clean none.txt SEEDS/harbour.txt none.txt {where}")
        assert (result.returncode, result.stdout, result.stderr) == (1, expected, b"")


def test_no_file_takes_the_place_of_a_closed_stream(shell, tmp_path):
    out = tmp_path / "out.txt"
    expected = shell("cleaner clean SEEDS/harbour.txt").stdout
    result = shell(f"cleaner clean none.txt SEEDS/harbour.txt -o {out} <&- >&- 2>&-")
    assert result.returncode == 1
    assert out.read_bytes() == expected


@pytest.mark.parametrize("args", [["models"], WRITE[-1]], ids=ids)
def test_an_encoding_that_lacks_what_is_shown(shell, args):
    result = shell(f"cleaner {' '.join(args)}", PYTHONIOENCODING="ascii")
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout
