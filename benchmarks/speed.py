"""Cleaner's speed, start, memory and growth beside its peers, on one machine in one run.

    python benchmarks/speed.py DATA... [--runs 3] [--megabytes 30]

DATA are labelled pages with `html` (.jsonl, .jsonl.gz). Every figure is of whole processes that
read JSON Lines and write JSON Lines, on one core, in turn, several times; the median is shown.
Prints a Markdown report.
"""

from __future__ import annotations

import gzip
import multiprocessing
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import cycle, islice
from pathlib import Path

import click
import orjson
from peers import FILTERS, shown

from cleaner import __version__
from cleaner.pages import Page, split_page

PEERS_PY = str(Path(__file__).with_name("peers.py"))
HTML_PEERS = ("trafilatura", "trafilatura, fast mode", "readability-lxml", "jusText", "newspaper4k")
SMALL_PAGE = 10_000
"""Bytes of the page that starting up is measured with."""
GIANT = 50_000_000
"""Bytes of the giant pages."""
ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Run:
    """One process: wall-clock seconds, and its largest resident size in bytes."""

    seconds: float
    memory: int


def run(command: Sequence[str], cores: int = 1) -> Run:
    """Run a command on the first `cores` cores, its output to a file that is thrown away."""
    return runner().submit(_run, command, cores).result()


@cache
def runner() -> Executor:
    """A small process that starts the commands: a process's largest size is never said to be less
    than that of the one which started it, and this one holds all pages."""
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))


def _run(command: Sequence[str], cores: int) -> Run:
    allowed = sorted(os.sched_getaffinity(0))[:cores]
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.DEVNULL,
            env=os.environ | (ONE_CORE if cores == 1 else {}),
            preexec_fn=lambda: os.sched_setaffinity(0, allowed),
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    if status:
        raise click.ClickException(f"failed: {' '.join(command)}")
    return Run(seconds, usage.ru_maxrss * 1024)


def in_turn(commands: dict[str, list[str]], runs: int) -> dict[str, Run]:
    """Run every command once, then all again, and return each one's medians."""
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            found[name].append(run(command))
    return {
        name: Run(
            statistics.median(r.seconds for r in runs_of),
            int(statistics.median(r.memory for r in runs_of)),
        )
        for name, runs_of in found.items()
    }


def read_html(paths: Sequence[Path]) -> list[str]:
    pages = []
    for path in paths:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            pages += [row["html"] for row in map(orjson.loads, lines) if row.get("html")]
    return pages


def write_pages(path: Path, field: str, pages: Iterator[str], size: int) -> tuple[int, int]:
    """Write pages until they are `size` bytes; return how many pages and bytes they are."""
    count = total = 0
    with path.open("wb") as file:
        for page in pages:
            if total >= size:
                break
            file.write(orjson.dumps({"id": count, field: page}, option=orjson.OPT_APPEND_NEWLINE))
            count += 1
            total += len(page.encode())
    return count, total


def command(path: Path, *more: str) -> list[str]:
    return ["cleaner", "clean", "--from", "jsonl", "--to", "jsonl", str(path), *more]


def text_speed(path: Path, count: int, total: int, lines: float, runs: int) -> Iterator[str]:
    commands = {"cleaner": command(path)}
    commands |= {name: [sys.executable, PEERS_PY, name, str(path)] for name in FILTERS}
    found = in_turn(commands, runs)
    yield (f"\n## Plain text\n\n{count} whole pages, {total / count / 1000:.1f} kB and "
           f"{lines:.0f} lines a page.\n")  # fmt: skip
    yield "| | MB/s | pages/s | cleaner is | memory |\n|---|---|---|---|---|"
    for name, one in found.items():
        label = f"cleaner {__version__}" if name == "cleaner" else shown(name)
        yield (f"| {label} | {total / one.seconds / 1e6:.2f} | {count / one.seconds:.0f} | "
               f"{one.seconds / found['cleaner'].seconds:.2f} times as fast | "
               f"{one.memory / 1e6:.0f} MB |")  # fmt: skip


def html_speed(path: Path, count: int, total: int, runs: int) -> Iterator[str]:
    commands = {"cleaner": command(path)}
    commands |= {name: [sys.executable, PEERS_PY, name, str(path)] for name in HTML_PEERS}
    found = in_turn(commands, runs)
    yield f"\n## HTML\n\n{count} pages, {total / count / 1000:.0f} kB a page.\n"
    yield "| | pages/s | cleaner is | memory |\n|---|---|---|---|"
    for name, one in found.items():
        label = f"cleaner {__version__}" if name == "cleaner" else shown(name)
        yield (f"| {label} | {count / one.seconds:.0f} | "
               f"{one.seconds / found['cleaner'].seconds:.2f} times as fast | "
               f"{one.memory / 1e6:.0f} MB |")  # fmt: skip


def start(folder: Path, texts: list[str], pages: list[str], runs: int) -> Iterator[str]:
    text, html = folder / "page.txt", folder / "page.html"
    text.write_text("\n".join(texts)[:SMALL_PAGE], encoding="utf-8")
    html.write_text(min(pages, key=lambda page: abs(len(page) - SMALL_PAGE)), encoding="utf-8")
    # The script reads a file by its name only as a list of addresses: a page comes by a pipe.
    piped = ["sh", "-c", f"trafilatura < {html}"]
    commands = {
        "`cleaner clean`, text": ["cleaner", "clean", str(text)],
        "`cleaner clean`, HTML": ["cleaner", "clean", str(html)],
        "`trafilatura`, HTML": piped,
    }
    found = in_turn(commands, 3 * runs)
    yield f"\n## Start\n\nOne page of about {SMALL_PAGE // 1000} kB, the whole command.\n"
    yield "| | seconds |\n|---|---|"
    yield from (f"| {name} | {one.seconds:.3f} |" for name, one in found.items())


def growth(folder: Path, texts: list[str], pages: list[str]) -> Iterator[str]:
    """A page, the same a hundred times as long, and giants."""
    yield "\n## Growth\n\nOne page; seconds without start.\n"
    yield "| | bytes | seconds | memory |\n|---|---|---|---|"
    body = max(pages[:20], key=len)
    for kind, piece in (("text", "\n".join(texts[:20])[:100_000]), ("html", body)):
        path, empty = folder / f"long.{kind}", folder / f"empty.{kind}"
        empty.write_text("")
        base = statistics.median(
            run(["cleaner", "clean", "--from", kind, str(empty)]).seconds for _ in range(5)
        )
        times = {"1": 1, "100": 100, "50 MB": GIANT // len(piece.encode()) + 1}
        for name, count in times.items():
            path.write_text("\n".join(islice(cycle([piece]), count)), encoding="utf-8")
            one = run(["cleaner", "clean", "--from", kind, str(path)])
            yield (f"| {kind}, {name}{'' if 'MB' in name else ' times'} | {path.stat().st_size} | "
                   f"{one.seconds - base:.2f} | {one.memory / 1e6:.0f} MB |")  # fmt: skip


def cores(folder: Path, runs: int) -> Iterator[str]:
    yield "\n## Cores\n\nWall-clock time of `--workers 2` on two cores beside one worker on one.\n"
    yield "| | one | two | faster |\n|---|---|---|---|"
    for kind in ("text", "html"):
        path = folder / f"{kind}.jsonl"
        one = statistics.median(run(command(path)).seconds for _ in range(runs))
        two = statistics.median(
            run(command(path, "--workers", "2"), cores=2).seconds for _ in range(runs)
        )
        yield f"| {kind} | {one:.2f} s | {two:.2f} s | {one / two:.2f} times |"


def machine() -> str:
    with open("/proc/cpuinfo") as lines:
        model = next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), "?")
    return (f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}, "
            f"{platform.system()} {platform.machine()}")  # fmt: skip


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--runs", default=3, show_default=True, help="How often each process is run.")
@click.option("--megabytes", default=30, show_default=True, help="Size of the input of a process.")
@click.option(
    "--only", multiple=True, type=click.Choice(["text", "html", "start", "growth", "cores"])
)
def main(data: tuple[Path, ...], runs: int, megabytes: int, only: tuple[str, ...]) -> None:
    """Measure speed, start, growth and cores, and print a Markdown report."""
    pages = read_html(data)
    texts = ["\n".join(split_page(Page(page, "html")).texts) for page in pages]
    texts = [text for text in texts if text]
    click.echo(f"# Speed\n\n{machine()}. Medians of {runs} runs.")
    lines = sum(text.count("\n") + 1 for text in texts) / len(texts)
    size = megabytes * 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text, html = folder / "text.jsonl", folder / "html.jsonl"
        of_text = write_pages(text, "text", cycle(texts), size)
        of_html = write_pages(html, "html", cycle(pages), size)
        parts = {
            "text": lambda: text_speed(text, *of_text, lines, runs),
            "html": lambda: html_speed(html, *of_html, runs),
            "start": lambda: start(folder, texts, pages, runs),
            "growth": lambda: growth(folder, texts, pages),
            "cores": lambda: cores(folder, runs),
        }
        for part in only or parts:
            for line in parts[part]():
                click.echo(line)


if __name__ == "__main__":
    main()
