"""How far a run is: a bar on a terminal, else a line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from cleaner.runs.run import RunProgress

EVERY = 30.0
"""Seconds between two lines."""

SECONDS = 60


@contextmanager
def show_progress() -> Iterator[Callable[[RunProgress], None]]:
    """Yield what shows a state on standard error."""
    console = Console(stderr=True)
    meter = _Meter()
    if not console.is_terminal:
        yield _lines(console, meter)
        return
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def show(state: RunProgress) -> None:
            total = state.total or None
            bar.update(task, completed=state.read, total=total, description=meter.describe(state))

        yield show


def _lines(console: Console, meter: _Meter) -> Callable[[RunProgress], None]:
    last = time.monotonic()

    def show(state: RunProgress) -> None:
        nonlocal last
        line = meter.describe(state)
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            console.out(f"cleaner: {line}", highlight=False)

    return show


class _Meter:
    """Measures the rate since this process began: what an earlier one did is not of its time."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._first: RunProgress | None = None

    def describe(self, state: RunProgress) -> str:
        """Say how many pages are done, how fast, how many failed, and for how long it goes on."""
        first = self._first = self._first or state
        seconds = time.monotonic() - self._start
        rate = (state.tally.pages - first.tally.pages) / seconds if seconds else 0
        line = f"{state.tally.pages:,} pages, {rate:,.0f} a second, {state.tally.failed:,} failed"
        if (read := state.read - first.read) and state.total:
            line += f", {_duration((state.total - state.read) * seconds / read)} left"
        return line


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), SECONDS)
    hours, minutes = divmod(minutes, SECONDS)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
