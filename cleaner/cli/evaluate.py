"""`cleaner evaluate`: models measured on labelled pages."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click
from rich import box
from rich.table import Table

from cleaner.cli.models import number, percent
from cleaner.cli.table import show_tables, shown
from cleaner.cli.terminal import printable, put, say
from cleaner.labels import GROUPS

NARROW: Any = {"box": box.SIMPLE, "padding": (0, 1, 0, 0), "pad_edge": False}
"""Settings with which a column for each label fits a terminal of 80 columns."""


@click.command()
@click.argument(
    "data", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="DATA..."
)
@click.option(
    "--model",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The folder that `cleaner train` wrote.  [default: the installed models]",
)
@click.option("--accurate", is_flag=True, help="Average all networks, as `clean --accurate` does.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object instead of tables.")
@click.option(
    "--plots",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Draw dial.svg, reliability.svg and junk.svg into DIR (needs the extra `plots`).",
)
def evaluate(
    data: tuple[Path, ...],
    model: Path | None,
    accurate: bool,
    as_json: bool,
    plots: Path | None,
) -> int:
    """Measure models on labelled pages that they were not trained on.

    DATA are files of labelled pages (.jsonl or .jsonl.gz), or folders that hold some. Their pages
    of type `article` are rendered as each kind of page. For each kind: F1 of the four groups of
    labels and its mean over the groups that the truth contains, by paragraphs and by words; junk,
    the share of kept words that are not the story; kept, the share of the story's words that are
    kept; the share of pages that are right: with at most 2 % (5 %) of junk, and as little of the
    story missing; ECE, the expected calibration error of the probabilities; the mean F1 of each
    language with some pages; and which label was taken for which. Sentences that are no story
    (pitches, notices, biographies, captions, teasers) are put between its paragraphs: how many of
    them are kept, and how much of the story is lost for it, in text and in HTML, with and without
    classes that tell. With --plots: junk against kept as `--precision` of `cleaner clean` sets
    them, and how often labels are right beside how sure they are.

    \b
    Examples:
      cleaner evaluate dev.jsonl.gz
      cleaner evaluate dev.jsonl.gz --model my-models
      cleaner evaluate dev.jsonl.gz --json > figures.json
      cleaner evaluate dev.jsonl.gz --plots plots

    \b
    Exit status: 0 all went well; 2 wrong use, data that can't be used, or no
    usable model.
    """
    from cleaner.training import evaluate as evaluation  # scikit-learn is slow: not for --help

    if plots:
        from cleaner.training.plots import check_plots, draw

        check_plots(plots)  # minutes before they are drawn
    judged = evaluation.judge_pages(data, model, accurate=accurate, jobs=os.cpu_count() or 1)
    report = evaluation.report(judged, data, model)
    if plots:
        for path in draw(report["kinds"], judged, plots):
            say(f"wrote {click.format_filename(path)}")
    if as_json:
        put(json.dumps(report, indent=2))
        return 0
    put(printable(f"model {report['model']}, data {report['data']}"))
    kinds = report["kinds"]
    inserted = [_inserted(report["inserted"])] if report["inserted"] else []
    confusions = [_confusion(kind, figures["confusion"]) for kind, figures in kinds.items()]
    show_tables([_figures(kinds), *inserted, *confusions])
    return 0


def _figures(kinds: dict[str, dict[str, Any]]) -> Table:
    """A column for each kind of page, so that it fits a terminal; a row for each figure."""
    table = Table(
        title="F1 by paragraphs, then by words; junk, kept and pages right by words",
        title_justify="left",
    )
    table.add_column("")
    for kind in kinds:
        table.add_column(kind.replace("_", " "), justify="right")
    of_kinds = list(kinds.values())
    table.add_row("pages", *(str(k["pages"]) for k in of_kinds))
    table.add_row("paragraphs", *(str(k["paragraphs"]) for k in of_kinds), end_section=True)
    for key, unit in (("f1", ""), ("f1_words", ", words")):
        for group in GROUPS:
            table.add_row(f"{group}{unit}", *(number(k[key].get(group)) for k in of_kinds))
        mean = [number(k[f"mean_{key}"]) for k in of_kinds]
        table.add_row(f"mean F1{unit}", *mean, style="bold", end_section=True)
    table.add_row("junk", *(percent(k["junk"]) for k in of_kinds))
    table.add_row("kept", *(percent(k["kept"]) for k in of_kinds))
    for within in of_kinds[0]["right"]:
        right = [percent(k["right"][within]) for k in of_kinds]
        table.add_row(f"right at {float(within):.0%}", *right)
    table.add_row("ECE", *(number(k["calibration_error"]) for k in of_kinds), end_section=True)
    for language in dict.fromkeys(name for k in of_kinds for name in k["languages"]):
        found = [k["languages"].get(language, {}) for k in of_kinds]
        pages = max(f.get("pages", 0) for f in found)
        f1 = [number(f.get("mean_f1")) for f in found]
        table.add_row(shown(f"mean F1, {language} ({pages} pages)"), *f1)
    return table


def _inserted(inserted: dict[str, dict[str, Any]]) -> Table:
    """A column for each kind of page that sentences were put into."""
    table = Table(title="Sentences put into stories that are none of them", title_justify="left")
    table.add_column("")
    for kind in inserted:
        table.add_column(kind, justify="right")
    of_kinds = list(inserted.values())
    table.add_row("tries", *(str(f["tries"]) for f in of_kinds))
    table.add_row("kept", *(percent(f["kept"]) for f in of_kinds))
    table.add_row("story lost for it", *(percent(f["story_lost"]) for f in of_kinds))
    return table


def _confusion(kind: str, confusion: dict[str, Any]) -> Table:
    title = f"{kind.replace('_', ' ')}: rows are the truth, columns what the model said"
    table = Table(title=title, title_justify="left", **NARROW)
    table.add_column("", no_wrap=True)
    for label in confusion["labels"]:
        table.add_column(label.replace("-", " "), justify="right", overflow="fold")
    rows = zip(confusion["labels"], confusion["matrix"], strict=True)
    for i, (label, counts) in enumerate(rows):
        table.add_row(label, *(f"[bold]{n}[/]" if i == j else str(n) for j, n in enumerate(counts)))
    return table
