"""Runs as processes of their own, and what stands in for hostile pages.

Pages that hang, eat memory, end their worker, or raise what no page should.

No page known does any of this to the splitters, so one is put in their place that obeys the text of
a page. The workers fork, and so inherit it.
"""

import gzip
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from cleaner.cli.main import cli
from cleaner.cli.stops import handle_stops
from cleaner.pages import split_page


def _obey(page, seen, broken=[]):  # noqa: B006 - each worker has its own
    text = page.source if isinstance(page.source, str) else page.source.decode()
    if broken:
        raise SystemError("error return without exception set")
    if any(word in text for word in ("HANG", "TEN", "BREAK")):
        with seen.open("a") as file:
            file.write(f"{text}\n")
    if "HANG" in text:
        time.sleep(1000)
    if "SPIN" in text:
        while True:
            pass
    if "SLOW" in text:
        time.sleep(0.3)
    if "EAT" in text:
        b"".join(bytes(1 << 24) for _ in range(1000))
    if "BREAK" in text:  # a failure of memory that a library swallows
        broken.append(text)
        raise TypeError("super(type, obj): obj must be an instance or subtype of type")
    if "KILL" in text or ("TEN" in text and seen.read_text().count(text) <= 10):
        os.kill(os.getpid(), signal.SIGKILL)
    if "LEAVE" in text:
        os._exit(3)
    if "RAISE" in text:
        raise LookupError("no such thing")
    if text.startswith("SHELL "):
        subprocess.run(text.removeprefix("SHELL "), shell=True, check=True)
    if "NO MEMORY" in text:
        raise MemoryError
    return split_page(page)


@pytest.fixture
def hostile(monkeypatch, tmp_path):
    """Let pages do what their text says; return the file where those that hang are counted."""
    seen = tmp_path / "seen"
    monkeypatch.setattr("cleaner.cleaner.split_page", partial(_obey, seen=seen))
    return seen


def _kill_at(step):
    """Kill this process before it does something for so many-th time in the folder of a run's own
    files, where all that a run writes begins: there is no other state to be killed in."""
    left = step

    def count(_, args):
        nonlocal left
        if "/.cleaner" in str(args[:1]):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def _command(args, log, limit, user, step):
    """Be `cleaner` with its output in a file."""
    file = log.open("ab", buffering=0)
    if step:
        _kill_at(step)
    if limit:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    if user:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    with file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    with open(1, "w", closefd=False) as sys.stdout, open(2, "w", closefd=False) as sys.stderr:
        handle_stops()
        cli([str(a) for a in args])


@pytest.fixture
def start(tmp_path):
    """Start `cleaner` in a process that forks from this one, so that it need not load anything.

    `file_size` is the most that a file may grow to, in bytes; `user` is who runs it; `kill_at` is
    the step of its writing at which it is killed. Its output is in `tmp_path / "log"`.
    """
    if sys.platform != "linux":
        pytest.skip("needs fork")
    processes = []

    def start(*args, file_size=0, user=0, kill_at=0):
        of = (args, tmp_path / "log", file_size, user, kill_at)
        processes.append(multiprocessing.get_context("fork").Process(target=_command, args=of))
        processes[-1].start()
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.join()


@pytest.fixture
def files_of():
    """Return all that a run has to show for itself."""

    def files_of(out: Path) -> dict[str, bytes]:
        paths = (p for p in out.rglob("*") if p.is_file() and ".cleaner" not in p.parts)
        return {str(path.relative_to(out)): path.read_bytes() for path in paths}

    return files_of


@pytest.fixture
def write_pages():
    """Write pages as JSON Lines, packed by the ending, and return where."""

    def write_pages(path: Path, pages: list[dict]) -> Path:
        lines = "".join(json.dumps(page) + "\n" for page in pages).encode()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(lines) if path.suffix == ".gz" else lines)
        return path

    return write_pages


@pytest.fixture
def rows_of():
    """Return the rows of all shards of JSON Lines, in order of their names."""

    def rows_of(out: Path) -> list[dict]:
        shards = sorted(out.rglob("*.jsonl.gz"))
        return [json.loads(line) for s in shards for line in gzip.open(s).read().splitlines()]

    return rows_of


@pytest.fixture
def list_of():
    """Return the rows of a list of a run; none where it is not there."""

    def list_of(out: Path, name: str) -> list[dict]:
        path = out / f"{name}.jsonl"
        return [json.loads(line) for line in path.open()] if path.exists() else []

    return list_of


@pytest.fixture
def counts_of(rows_of, list_of):
    """Check that a run into JSON Lines accounts for every page, and return its summary."""

    def counts_of(out: Path, summary: Path) -> dict:
        counts = json.loads(summary.read_text())
        pages = counts["pages"]
        assert pages["in"] == sum(n for name, n in pages.items() if name != "in")
        assert pages["out"] == len(rows_of(out))
        assert pages["failed"] == len(list_of(out, "failed"))
        dropped = Counter(row["reason"] for row in list_of(out, "dropped"))
        assert dropped["no article"] == pages["no_article"]
        assert dropped["other language"] == pages["other_language"]
        assert dropped["duplicate"] == pages["duplicates"]
        assert dropped["near duplicate"] == pages["near_duplicates"]
        assert counts["suspicious"] == len(list_of(out, "suspicious")) <= pages["out"]
        return counts

    return counts_of


@pytest.fixture
def run_counted(run, counts_of, tmp_path):
    """Run `cleaner run` with two workers, check its accounts, and return result and summary."""

    def run_counted(*args: object, out: Path):
        summary = tmp_path / "summary-of-run.json"
        result = run("run", *args, "-o", out, "--summary", summary, "--workers=2")
        counts = counts_of(out, summary)
        assert result.exit_code == int(counts["pages"]["failed"] > 0), result.output
        return result, counts

    return run_counted


@pytest.fixture
def texts(seed_pages):
    """The sample pages as texts."""
    return ["\n".join(p["text"] for p in page["paragraphs"]) for page in seed_pages]
