"""`cleaner run`: many inputs into an output folder, as a run that can be stopped at any point."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from cleaner.cli.options import (
    MOST_SIZE,
    Number,
    input_options,
    keep_option,
    limit_options,
    workers_option,
)
from cleaner.cli.stops import announce
from cleaner.cli.terminal import say, tell
from cleaner.errors import UsageError
from cleaner.formats import write_file
from cleaner.formats.files import is_url
from cleaner.runs import run as runs
from cleaner.runs.failures import NAME as FAILED
from cleaner.runs.pool import Limits, make_limits
from cleaner.runs.reading import Reading
from cleaner.runs.report import render
from cleaner.runs.run import Job, Result
from cleaner.runs.store import ENDINGS
from cleaner.runs.summary import Tally

TOLD = 10
"""Failed pages that are told of one by one; `failed.jsonl` has all."""


@click.command()
@input_options
@click.option(
    "-o",
    "--output",
    metavar="OUT_DIR",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write to; made where it is missing.",
)
@click.option(
    "--to",
    type=click.Choice(tuple(ENDINGS)),
    default="jsonl.gz",
    show_default=True,
    help="What to write.",
)
@keep_option
@click.option("--dedupe", is_flag=True, help="Drop a page whose clean text was there before.")
@workers_option(os.cpu_count() or 1, "all processors")
@limit_options(60, 2000)
@click.option(
    "--shard-size",
    type=Number(0, MOST_SIZE, min_open=True),
    metavar="MB",
    default=256,
    show_default=True,
    help="Cut larger inputs into shards of so much text or HTML.",
)
@click.option(
    "--summary",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Write the closing summary as JSON.",
)
@click.option(
    "--report",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Write an HTML page with the same as plots, and twenty sampled pages.",
)
def run(
    files: tuple[str, ...],
    output: Path,
    to: str,
    keep: tuple[str, ...],
    dedupe: bool,
    workers: int,
    page_timeout: float,
    page_memory: int,
    shard_size: float,
    summary: str | None,
    report: str | None,
    format: Any,
    text_field: str,
    html_field: str,
    max_page: int,
    **labelling: Any,
) -> int:
    """Clean many files into a folder, in a run that can be stopped and goes on.

    An INPUT is a file, a folder, a quoted pattern or a URL, as for `cleaner clean`. For each file
    OUT_DIR gets a shard of the same name, several for a large one; files that are a page each share
    one. Killed at any point, the same command goes on where it stopped, and ends with the same
    bytes as if nothing had been. OUT_DIR/manifest.json says what was done with which model and
    options.

    A page that can't be read, hangs, or takes too much memory is failed: it goes whole to
    OUT_DIR/failed.jsonl with the reason, and `cleaner run OUT_DIR/failed.jsonl` tries it again.

    \b
    Examples:
      cleaner run crawl/ -o clean/
      cleaner run "CC-NEWS-*.warc.gz" -o clean/ --to parquet --dedupe --only-articles
      cleaner run crawl/ -o clean/ --summary summary.json --report report.html
      cleaner run clean/failed.jsonl -o again/ --page-timeout 600

    \b
    Exit status: 0 all went well; 1 some pages failed, or the disk did; 2 wrong use,
    or no usable model; 130 interrupted.
    """
    if not files:
        raise UsageError("no INPUT: give files, folders, patterns or URLs")
    for path in filter(None, (summary, report)):  # hours before they are written
        if not is_url(path) and not Path(path).absolute().parent.is_dir():
            raise UsageError(f"{path}: its folder does not exist; make it first")
    job = Job(
        inputs=files,
        out=output,
        reading=Reading(format, text_field, html_field, max_page),
        to=to,
        keep=keep,
        dedupe=dedupe,
        shard_bytes=max(1, round(shard_size * 1e6)),
        **labelling,
    )
    announce("stopped; the same command goes on where it was")
    tally, samples = _run(job, workers, make_limits(page_timeout, page_memory))
    click.echo(_closing(tally, output))
    if summary:
        about = json.dumps(tally.summary(), indent=2)
        write_file([f"{about}\n".encode()], summary)
    if report:
        title = " ".join(click.format_filename(name) for name in files)
        write_file([render(title, tally, samples).encode(errors="replace")], report)
    return int(tally.failed > 0)


def _run(job: Job, workers: int, limits: Limits) -> Result:
    """Do the job, and show how far it is and what fails."""
    from cleaner.cli.progress import show_progress  # rich is slow to import

    told = 0

    def failed(where: str, reason: str) -> None:
        nonlocal told
        told += 1
        if told <= TOLD:
            tell(where, reason)
        if told == TOLD:
            say("of further failures see failed.jsonl, at the end")

    with show_progress() as progress:
        return runs.run(job, workers=workers, limits=limits, progress=progress, failed=failed)


def _closing(tally: Tally, out: Path) -> str:
    """Say in a few lines what became of the pages."""
    rate = tally.pages / tally.seconds if tally.seconds else 0
    shares = sorted(tally.shares().items(), key=lambda item: -item[1])
    lines = [
        f"pages   {tally.pages:,} in = {tally.out:,} out + {tally.no_article:,} no article + "
        f"{tally.failed:,} failed + {tally.duplicates:,} duplicate",
        f"words   {tally.words:,} out",
        f"labels  {', '.join(f'{label} {share:.0%}' for label, share in shares)}",
        f"time    {tally.seconds:,.0f} s, {rate:,.0f} pages a second",
    ]
    if tally.failed:
        lines.append(f"failed  try again: cleaner run {out / FAILED} -o ANOTHER_DIR")
    return "\n".join(lines)
