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
import sys
import time
from pathlib import Path

import pytest

from cleaner.cli.main import cli
from cleaner.cli.stops import handle_stops
from cleaner.pages import split_page


def _obey(page):
    text = page.source if isinstance(page.source, str) else page.source.decode()
    if "HANG" in text:
        time.sleep(1000)
    if "SPIN" in text:
        while True:
            pass
    if "EAT" in text:
        b"".join(bytes(1 << 24) for _ in range(1000))
    if "KILL" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "LEAVE" in text:
        os._exit(3)
    if "RAISE" in text:
        raise LookupError("no such thing")
    return split_page(page)


@pytest.fixture
def hostile(monkeypatch):
    """Let pages do what their text says."""
    monkeypatch.setattr("cleaner.cleaner.split_page", _obey)


def _command(args, log, limit):
    """Be `cleaner` with its output in a file."""
    if limit:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    with log.open("ab", buffering=0) as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    with open(1, "w", closefd=False) as sys.stdout, open(2, "w", closefd=False) as sys.stderr:
        handle_stops()
        cli([str(a) for a in args])


@pytest.fixture
def start(tmp_path):
    """Start `cleaner` in a process that forks from this one, so that it need not load anything.

    `file_size` is the most that a file may grow to, in bytes. Its output is in `tmp_path / "log"`.
    """
    if sys.platform != "linux":
        pytest.skip("needs fork")

    def start(*args, file_size=0):
        target = (args, tmp_path / "log", file_size)
        process = multiprocessing.get_context("fork").Process(target=_command, args=target)
        process.start()
        return process

    return start


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
def texts(seed_pages):
    """The sample pages as texts."""
    return ["\n".join(p["text"] for p in page["paragraphs"]) for page in seed_pages]
