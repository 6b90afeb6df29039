"""`cleaner run`: many inputs into an output folder, as a run that can be stopped at any point."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Sequence
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any, ClassVar, get_args
from urllib.parse import quote

import click

from cleaner import __version__
from cleaner.cleaner import Cleaner
from cleaner.cli.options import (
    MAX_SIZE,
    MetadataCommand,
    Number,
    check_output_fields,
    field_options,
    input_options,
    keep_option,
    limit_options,
    may_be_word,
    metadata_option,
    structure_options,
    workers_option,
    written_as,
)
from cleaner.cli.output import refuse_input
from cleaner.cli.stops import announce
from cleaner.cli.terminal import name_some, printable, put, say, tell, tell_skipped
from cleaner.errors import UsageError
from cleaner.formats import is_url, local_path, refuse_url, write_file
from cleaner.model.store import find_models, hash_models
from cleaner.options import Options
from cleaner.review.entry import entry_of
from cleaner.review.render import render as render_review
from cleaner.runs import run as runs
from cleaner.runs.dedupe import Dedupe
from cleaner.runs.lists import DROPPED, ENDING, FAILED, SUSPICIOUS
from cleaner.runs.manifest import find_inputs
from cleaner.runs.near import LEAST, THRESHOLD, check_near
from cleaner.runs.pool import Limits, make_limits
from cleaner.runs.reading import Reading
from cleaner.runs.report import Report, render
from cleaner.runs.run import Job, Result, Watch
from cleaner.runs.samples import Sample, label_samples
from cleaner.runs.store import ENDINGS, is_own
from cleaner.runs.summary import Tally
from cleaner.training.corrections import Ids

SHOWN_HASH = 16
"""Characters of a model's hash that a report shows; the manifest has all."""

TOLD = 10
"""Failed pages that are told of one by one; `failed.jsonl` has all."""


class RunCommand(MetadataCommand):
    """A command with `--dedupe`, too: `exact` or `near` follows it, or neither for `exact`."""

    bare: ClassVar = {
        **MetadataCommand.bare,
        "--dedupe": ("exact", lambda arg: arg in get_args(Dedupe) or may_be_word(arg)),
    }


@click.command(cls=RunCommand)
@input_options
@click.option(
    "-o",
    "--output",
    metavar="OUT_DIR",
    required=True,
    type=click.Path(file_okay=False),
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
@structure_options
@metadata_option
@field_options
@click.option(
    "--dedupe",
    type=click.Choice(get_args(Dedupe)),
    metavar="[exact|near]",
    help="Drop a page whose clean text was there before, with near also one whose text was there "
    "but for small edits.",
)
@click.option(
    "--near-threshold",
    type=Number(LEAST, 1),
    metavar="NUMBER",
    show_default=f"{THRESHOLD}",
    help="The share of sequences of five words that near-duplicates have in common.",
)
@workers_option(os.cpu_count() or 1, "all processors")
@limit_options()
@click.option(
    "--shard-size",
    type=Number(0, MAX_SIZE, min_open=True),
    metavar="MB",
    default=256,
    show_default=True,
    help="Cut larger inputs into shards of so much of pages.",
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
@click.option(
    "--review",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Write an HTML page in which to correct these twenty, as `cleaner review` does.",
)
def run(
    files: tuple[str, ...],
    output: str,
    to: str,
    options: Options,
    dedupe: Dedupe | None,
    near_threshold: float | None,
    workers: int,
    page_timeout: float | None,
    page_memory: int | None,
    shard_size: float,
    summary: str | None,
    report: str | None,
    review: str | None,
    format: Any,
    text_field: str,
    html_field: str,
    markdown_field: str,
    output_field: str | None,
    keep_html: bool,
    max_page: int,
) -> int:
    """Clean many files into a folder, in a run that can be stopped and goes on.

    An INPUT is a file, a folder, a quoted pattern or a URL, as for `cleaner clean`. For each file
    OUT_DIR gets a shard of the same name, several for a large one; files that are a page each share
    one. Killed at any point, the same command goes on where it stopped, and ends with the same
    bytes as if nothing had been. New files get new shards, a file that changed is cleaned again,
    and what became of one that is gone stays. OUT_DIR/manifest.json says what was done with which
    model and options.

    A page that can't be read, hangs, or takes too much memory is failed: it goes whole to
    OUT_DIR/failed.jsonl with the reason, and `cleaner run OUT_DIR/failed.jsonl` tries it again.
    OUT_DIR/dropped.jsonl names the pages that are no articles, of other languages or duplicates,
    OUT_DIR/suspicious.jsonl those that came out with next to none of their text.

    \b
    Examples:
      cleaner run crawl/ -o clean/
      cleaner run "CC-NEWS-*.warc.gz" -o clean/ --to parquet --dedupe near --language en,de
      cleaner run crawl/ -o clean/ --report report.html --review review.html
      cleaner run clean/failed.jsonl -o again/ --page-timeout 600

    \b
    Exit status: 0 all went well; 1 some pages failed, or the disk did; 2 wrong use,
    or no usable model; 130 interrupted.
    """
    if not files:
        raise UsageError("no INPUT: give files, folders, patterns or URLs")
    if dedupe == "near":
        check_near()
    elif near_threshold is not None:
        raise UsageError("--near-threshold is of near-duplicates; find them with --dedupe near")
    check_output_fields(to, options, keep_html=keep_html, output_field=output_field)
    out = _folder(output)
    named = {"summary": summary, "report": report, "review": review}
    outputs = {name: path for name, path in named.items() if path is not None}
    _check(outputs, out)
    inputs = find_inputs(files, out, every=format != "auto")
    models = find_models(options.models).glob("*/*")
    read = [*(file.path for file in inputs.files), *map(str, models)]
    for path in outputs.values():
        refuse_input(path, read)
    tell_skipped(inputs.skipped, every=format != "auto")
    if inputs.again:
        twice = [*dict.fromkeys(inputs.again)]
        say(f"given more than once, and read once: {name_some(twice, 'file')}")
    if inputs.own:
        say(f"in the folder that is written to, and not read: {name_some(inputs.own, 'path')}")
    for told in inputs.nothing:
        say(told)
    job = Job(
        inputs=inputs.files,
        outputs=[os.path.realpath(path) for path in outputs.values() if not is_url(path)],
        out=out,
        reading=Reading(
            format, text_field, html_field, markdown_field, max_page, output_field, keep_html
        ),
        to=to,
        options=written_as(options, to),
        dedupe=dedupe,
        near_threshold=near_threshold or THRESHOLD,
        shard_bytes=max(1, round(shard_size * 1e6)),
    )
    announce("stopped; the same command goes on where it was")
    tally, samples, is_whole = _run(job, workers, make_limits(page_timeout, page_memory))
    skipped = len(inputs.skipped)
    if summary is not None:
        about = json.dumps(tally.summary(skipped), indent=2)
        write_file([f"{about}\n".encode()], summary)
    if report is not None or review is not None:
        _show(job, " ".join(files), tally, samples, skipped, report, review)
    if sys.stdout is not None:
        put(_closing(tally, out, skipped))  # last: who reads it may have gone
    return int(tally.failed > 0 or not is_whole)


def _folder(output: str) -> Path:
    if not output:
        raise UsageError("-o has no folder name; give one")
    if is_url(output):
        raise UsageError(f"{output}: is a URL; a run needs a folder of this machine")
    return Path(output)


def _check(outputs: dict[str, str], out: Path) -> None:
    """Refuse what a summary, a report or a review can't be written to, hours before it would be."""
    for name, path in outputs.items():
        if not path:
            raise UsageError(f"--{name} has no file name; give one")
        if is_url(local_path(path)):
            refuse_url(path)
            continue
        path = local_path(path)
        if is_own(path, out):
            raise UsageError(f"{path}: is the place of a file of the run; give another file")
        folder = Path(path).absolute().parent
        if not folder.is_dir() and folder.resolve() != out.resolve():
            raise UsageError(f"{path}: its folder does not exist; make it first")
    for (name, path), (other, its_path) in combinations(outputs.items(), 2):
        if os.path.realpath(path).casefold() == os.path.realpath(its_path).casefold():
            raise UsageError(f"{path}: is the {name} and the {other}; give each a file")


def _run(job: Job, workers: int, limits: Limits) -> Result:
    """Do the job, and show how far it is and what fails."""
    from cleaner.cli.progress import show_progress  # rich is slow to import

    told = 0

    def failed(where: str, reason: str) -> None:
        nonlocal told
        told += 1
        if told <= TOLD:
            tell(where, reason)
        if told == TOLD + 1:
            say("of further failures see failed.jsonl, at the end")

    def found(what: str, kind: str, files: Sequence[str | Path]) -> None:
        say(f"{what}: {name_some(files, kind)}")

    with show_progress() as progress:
        return runs.run(job, workers=workers, limits=limits, watch=Watch(progress, failed, found))


def _show(
    job: Job,
    inputs: str,
    tally: Tally,
    samples: list[Sample],
    skipped: int,
    report: str | None,
    review: str | None,
) -> None:
    """Write the report, and the review of the same pages."""
    keep = job.options.keep
    models = hash_models(job.options.models)
    found = label_samples(samples, Cleaner.of(job.options))
    if review is not None:
        ids = Ids()
        entries = [entry_of(page, ids, models) for page in found if page.found.texts]
        write_file([render_review(entries, keep)], review)
    if report is not None:
        given = [
            name if value is True else f"{name} {value}"
            for name, value in job.recorded().items()
            if value is not False
        ]
        about = {
            "cleaner": __version__,
            "models": str(job.options.models or "installed"),
            **{f"{kind} model": digest[:SHOWN_HASH] for kind, digest in models.items()},
            "options": ", ".join(given),
        }
        link = _link(report, review)
        today = date.today().isoformat()
        page = Report(inputs, today, about, [*keep], tally, skipped, found, link)
        write_file([render(page).encode(errors="replace")], report)


def _link(report: str, review: str | None) -> str | None:
    """Return the address of the review as the report names it, where both are files here."""
    if review is None or is_url(report) or is_url(review):
        return None
    folder = os.path.dirname(os.path.abspath(report))
    return quote(os.path.relpath(os.path.abspath(review), folder))


def _closing(tally: Tally, out: Path, skipped: int) -> str:
    """Say in a few lines what became of the pages."""
    rate = tally.pages / tally.seconds if tally.seconds else 0
    shares = sorted(tally.shares().items(), key=lambda item: -item[1])
    lines = [
        f"pages   {tally.pages:,} in = {tally.out:,} out + {tally.no_article:,} no article + "
        f"{_if_any(tally.other_language, 'other language')}"
        f"{tally.failed:,} failed + {_if_any(tally.near_duplicates, 'near duplicate')}"
        f"{tally.duplicates:,} duplicate",
        f"words   {tally.words:,} out",
    ]
    if tally.out:
        lines.append(f"labels  {', '.join(f'{label} {share:.0%}' for label, share in shares)}")
    lines.append(f"time    {tally.seconds:,.0f} s, {rate:,.0f} pages a second")
    if skipped:
        lines.append(f"skipped {skipped:,} file{'s' * (skipped > 1)} of other endings or kinds")
    if tally.left_out:
        lines.append(f"dropped see {_place(out, DROPPED)}")
    if tally.suspicious:
        lines.append(
            f"check   {tally.suspicious:,} out with next to none of their text: "
            f"see {_place(out, SUSPICIOUS)}"
        )
    if tally.failed:
        lines.append(f"failed  try again: cleaner run {_place(out, FAILED)} -o ANOTHER_DIR")
    return "\n".join(lines)


def _if_any(pages: int, what: str) -> str:
    return f"{pages:,} {what} + " if pages else ""


def _place(out: Path, name: str) -> str:
    """Return the file of a list, as a shell takes it and a terminal shows it."""
    return printable(shlex.quote(str(out / f"{name}{ENDING}")))
