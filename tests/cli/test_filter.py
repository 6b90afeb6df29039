"""`cleaner` as a process among others: pipes, signals, terminals."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "cleaner"]
WAIT = 20
PROC = Path("/proc/self/task")


def start(*args: str, **settings) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    settings = {"stdin": pipe, "stdout": pipe, "stderr": pipe, "cwd": HERE, **settings}
    return subprocess.Popen([*COMMAND, *args], **settings)


def children_of(pid: int) -> set[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return {int(child) for task in tasks for child in task.read_text().split()}


def line_of(process: subprocess.Popen[bytes]) -> bytes:
    ready, _, _ = select.select([process.stdout], [], [], WAIT)
    assert ready, "nothing came out"
    return process.stdout.readline()


@pytest.mark.parametrize("command", [["clean"], ["clean", "--workers=2"], ["label", "--workers=2"]])
def test_pages_come_out_before_the_input_ends_and_ctrl_c_is_quiet(command):
    with start(*command) as process:
        for n in range(2):
            process.stdin.write(json.dumps({"text": "A line", "n": n}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(line_of(process))["n"] == n
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=WAIT)
    assert (process.returncode, rest, errors) == (130, b"", b"cleaner: stopped\n")


def test_ctrl_c_of_a_terminal_reaches_the_workers_too():
    with start("clean", "--workers=2", start_new_session=True) as process:
        for _ in range(2):
            process.stdin.write(b'{"text": "A line"}\n')
            process.stdin.flush()
            line_of(process)
        os.killpg(process.pid, signal.SIGINT)
        rest, errors = process.communicate(timeout=WAIT)
    assert (process.returncode, rest, errors) == (130, b"", b"cleaner: stopped\n")


@pytest.mark.skipif(not PROC.is_dir(), reason="needs /proc to find the workers")
def test_workers_that_are_killed_are_replaced_and_no_page_is_lost():
    with start("clean", "--workers=2") as process:
        killed = set()
        for n in range(6):
            process.stdin.write(json.dumps({"text": "A line", "n": n}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(line_of(process))["n"] == n
            workers = children_of(process.pid) - killed
            assert workers
            for worker in workers:
                os.kill(worker, signal.SIGKILL)
            killed |= workers
        _, errors = process.communicate(timeout=WAIT)
    assert (process.returncode, errors) == (0, b"")


def test_the_output_of_workers_may_be_closed_early():
    with start("clean", "--workers=2", stdin=subprocess.PIPE) as process:
        process.stdout.close()
        page = json.dumps({"text": "A line"}).encode() + b"\n"
        _, errors = process.communicate(page * 3, timeout=WAIT)
    assert (process.returncode, errors) == (141, b"")


def test_packed_pages_come_out_before_the_input_ends():
    packer = zlib.compressobj(wbits=31)
    with start("clean") as process:
        for n in range(2):
            line = json.dumps({"text": "A line", "n": n}).encode() + b"\n"
            process.stdin.write(packer.compress(line) + packer.flush(zlib.Z_SYNC_FLUSH))
            process.stdin.flush()
            assert json.loads(line_of(process))["n"] == n
        _, errors = process.communicate(packer.flush(), timeout=WAIT)
    assert (process.returncode, errors) == (0, b"")


def test_warc_records_come_out_before_the_input_ends(warc_record):
    with start("clean") as process:
        for n in range(1, 3):
            process.stdin.write(warc_record(b"<p>A line", n))
            process.stdin.flush()
            assert json.loads(line_of(process))["id"] == f"<urn:uuid:{n}>"
        _, errors = process.communicate(timeout=WAIT)
    assert (process.returncode, errors) == (0, b"")


def test_it_stops_quietly_when_the_reader_has_gone(tmp_path):
    page = json.dumps({"more": "x" * 10_000, "text": ""}).encode() + b"\n"
    (tmp_path / "pages.jsonl").write_bytes(page * 500)
    with start("label", str(tmp_path / "pages.jsonl")) as process:
        assert json.loads(line_of(process))["paragraphs"] == []
        process.stdout.close()
        assert process.wait(WAIT) == 141
        assert process.stderr.read() == b""


def test_head_in_a_shell(tmp_path):
    line = f"{' '.join(COMMAND)} models | head -n 0; {' '.join(COMMAND)} clean --help | head -n 1"
    result = subprocess.run(line, shell=True, capture_output=True, cwd=HERE, timeout=WAIT)
    assert result.stdout == b"Usage: cleaner clean [OPTIONS] [INPUT]...\n"
    assert result.stderr == b""


def test_a_terminal_is_told_what_is_waited_for():
    terminal, keyboard = pty.openpty()
    with start("clean", stdin=keyboard) as process:
        assert b"Ctrl-D ends it" in process.stderr.readline()
        os.write(terminal, b"A line\n\x04")
        _, errors = process.communicate(timeout=WAIT)
    assert (process.returncode, errors) == (0, b"")
    os.close(terminal)
    os.close(keyboard)


def test_parquet_is_not_for_a_terminal():
    terminal, screen = pty.openpty()
    with start("clean", "seeds/harbour.txt", "--to", "parquet", stdout=screen) as process:
        errors = process.stderr.read()
    assert process.returncode == 2
    assert (
        errors == b"cleaner: Parquet is nothing to read in a terminal; give a file with -o FILE\n"
    )
    os.close(terminal)
    os.close(screen)


NEVER = set("sklearn scipy trafilatura lxml pyarrow brotli fsspec".split())


@pytest.mark.parametrize(
    ("args", "loaded", "unloaded"),
    [
        (["--help"], {"click"}, NEVER | {"numpy", "rich", "orjson", "safetensors"}),
        (["label", "seeds/harbour.txt"], {"click", "numpy"}, NEVER),
    ],
    ids=["help", "label"],
)
def test_no_command_loads_what_it_does_not_need(args, loaded, unloaded):
    code = (
        "import json, sys; from cleaner.cli.main import cli\n"
        f"try: cli({args})\n"
        "finally: print(json.dumps([m.split('.')[0] for m in sys.modules]), file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=HERE, text=True)
    assert result.returncode == 0, result.stderr
    found = set(json.loads(result.stderr))
    assert (found & loaded, found & unloaded) == (loaded, set())


def test_a_run_shows_a_bar_on_a_terminal(tmp_path):
    (tmp_path / "in.jsonl").write_text('{"text": "A line"}\nno json\n')
    reader, writer = pty.openpty()
    with start("run", tmp_path / "in.jsonl", "-o", tmp_path / "out", stderr=writer) as process:
        os.close(writer)
        shown = b""
        while select.select([reader], [], [], WAIT)[0]:
            try:
                shown += os.read(reader, 4096)
            except OSError:  # the other end is closed
                break
        output, _ = process.communicate(timeout=WAIT)
    assert process.returncode == 1
    assert b"2 pages, " in shown
    assert b"1 failed" in shown
    assert b"not JSON" in shown
    assert output.startswith(b"pages   2 in = 1 out")
