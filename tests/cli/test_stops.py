"""Ctrl-C and its kin, at any moment: one line, exit status 130, and nothing left behind."""

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from waiting import WAIT, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")

STOPPED = "cleaner: stopped"
GOES_ON = "cleaner: stopped; the same command goes on where it was"
PLOTS = {"dial.svg", "reliability.svg", "junk.svg"}


@pytest.fixture
def pages(tmp_path, seed_pages):
    """Enough pages for some seconds of work."""
    path = tmp_path / "pages.jsonl"
    texts = ["\n".join(p["text"] for p in page["paragraphs"]) for page in seed_pages]
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts * 100))
    return path


@pytest.fixture
def full():
    """The end of a pipe that is full: who writes there comes to no end by itself."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, bytes(1 << 16))
    os.set_blocking(writing, True)
    yield writing
    os.close(reading)
    os.close(writing)


@pytest.fixture
def start(tmp_path):
    """Start `cleaner` in a group of its own, as a terminal does, and wait until it handles stops.

    What it says is in `tmp_path / "errors"`.
    """
    processes = []

    def start(*args, **settings):
        command = [sys.executable, "-m", "cleaner", *map(str, args)]
        with open(tmp_path / "errors", "wb") as errors:
            settings = {"stdout": subprocess.DEVNULL, "stderr": errors} | settings
            process = subprocess.Popen(command, start_new_session=True, **settings)
        processes.append(process)
        wait_until(
            lambda: signals(process, "SigCgt", signal.SIGTERM), lambda: process.poll() is None
        )
        return process

    yield start
    for process in processes:
        if left := group(process):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert not left


def signals(process, field, number):
    """Say whether a process catches a signal ("SigCgt"), or ignores it ("SigIgn")."""
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{process.pid}/status").read_text().splitlines()
    )
    return int(status.get(field, "0"), 16) >> number - 1 & 1


def group(process):
    """The living processes of a process's group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its_group) == process.pid and state != "Z":
            found.append(stat.parent.name)
    return found


def stop(process, how):
    """Press Ctrl-C: once, twice, or hold it down until the process ends."""
    for _ in range({"once": 1, "twice": 2, "held": WAIT * 100}[how]):
        if process.poll() is not None:
            break
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.01)
    process.wait(WAIT)


@pytest.mark.parametrize("how", ["once", "twice", "held"])
@pytest.mark.parametrize(
    "args",
    [
        ["--help"],
        ["models"],
        ["clean", "PAGES", "PIPE", "-o", "OUT/clean.jsonl"],
        ["label", "PAGES", "PIPE", "-o", "OUT/labels.jsonl"],
        ["clean", "PAGES", "PIPE", "--workers=2", "-o", "OUT/clean.jsonl"],
        ["run", "PAGES", "--workers=2", "-o", "OUT/run"],
        ["evaluate", "SEEDS", "--plots", "OUT/plots"],
        ["train", "SEEDS", "--jobs=2", "-o", "OUT/models"],
    ],
    ids=lambda args: "-".join(args[::2])[:14],
)
def test_a_stop_at_any_moment(start, full, pages, seeds, tmp_path, args, how):
    """None ends before it is stopped: its input is a pipe without an end, or its output is full."""
    out = tmp_path / "OUT"
    out.mkdir()
    os.mkfifo(tmp_path / "PIPE")
    names = {"PAGES": str(pages), "SEEDS": str(seeds)}
    process = start(*(names.get(arg, arg) for arg in args), cwd=tmp_path, stdout=full)
    time.sleep(random.Random(f"{args} {how}").uniform(0, 0.2 if args == ["--help"] else 1))
    stop(process, how)
    *lines, last = (tmp_path / "errors").read_text().splitlines()
    assert process.returncode == 130, last
    assert all(line.startswith("cleaner: ") for line in lines)
    begun = (out / "run").exists()
    assert last in ([STOPPED, GOES_ON] if args[0] == "run" else [STOPPED])
    assert last == GOES_ON or not begun
    assert [path.name for path in out.rglob(".*")] == [".cleaner"] * begun
    assert begun or {path.name for path in out.rglob("*.*")} <= PLOTS


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_stops(start, pages, tmp_path, number):
    process = start("clean", pages, "-o", tmp_path / "clean.jsonl")
    process.send_signal(number)
    assert process.wait(WAIT) == 130
    assert (tmp_path / "errors").read_text() == f"{STOPPED}\n"


def test_training_that_is_stopped_leaves_the_models_that_were_there(start, seeds, tmp_path):
    names = ("html", "text", "words")
    for name in names:
        (tmp_path / "models" / name).mkdir(parents=True)
        (tmp_path / "models" / name / "weights.safetensors").write_text(name)
    process = start("train", seeds, "--jobs=2", "-o", tmp_path / "models")
    wait_until(
        lambda: "fitting n-grams" in (tmp_path / "errors").read_text(),
        lambda: process.poll() is None,
    )
    stop(process, "held")
    lines = (tmp_path / "errors").read_text().splitlines()
    assert (process.returncode, lines[-1]) == (130, STOPPED)
    assert all(line.startswith("cleaner: ") for line in lines)
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == [*names]
    for name in names:
        assert [p.read_text() for p in (tmp_path / "models" / name).iterdir()] == [name]


def test_a_stop_that_the_caller_ignores_is_ignored(start):
    page = json.dumps({"text": "The ferry returned to the island on Monday."}).encode()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = start("clean", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    finally:
        signal.signal(signal.SIGINT, before)
    assert signals(process, "SigIgn", signal.SIGINT)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(page, timeout=WAIT)
    assert process.returncode == 0
    assert json.loads(out)["text"].startswith("The ferry")


def test_the_cursor_of_a_terminal_comes_back(start, pages, tmp_path):
    terminal, theirs = os.openpty()
    env = os.environ | {"TERM": "xterm"}
    process = start("run", pages, "--workers=1", "-o", tmp_path / "run", stderr=theirs, env=env)
    os.close(theirs)
    shown = b""
    while b"\x1b[?25l" not in shown:
        assert select.select([terminal], [], [], WAIT)[0], "no bar is shown"
        shown += os.read(terminal, 10_000)
    process.send_signal(signal.SIGINT)
    assert process.wait(WAIT) == 130
    shown = shown.rpartition(b"\x1b[?25l")[2]
    try:
        while more := os.read(terminal, 10_000):
            shown += more
    except OSError:  # all is read
        pass
    os.close(terminal)
    assert shown.endswith(b"\x1b[2K\x1b[?25h" + GOES_ON.encode() + b"\r\n")


def test_who_calls_the_command_from_python_handles_stops_alone(run):
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    assert run("models").exit_code == 0
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers
