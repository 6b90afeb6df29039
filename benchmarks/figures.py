"""Renew the tables of figures in README.md and docs/accuracy.md from the packaged models.

    python benchmarks/figures.py ../shared/data/dev.jsonl.gz ../shared/data/hard.jsonl.gz

`TABLES` says which there are. The peers' tables are written by `accuracy.py --docs`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import click
from tables import ROOT, renew

NAMES = {
    "whole": "whole page, text",
    "extractor": "extractor output, text",
    "appended": "appended stories, text",
    "real_appended": "real appended, text",
    "flat": "flattened, text",
    "html": "HTML",
    "markdown": "Markdown",
}
DIALS = ("whole", "extractor", "appended", "html")
"""The kinds of page that the table of the dial has."""

JUDGED = ("whole", "extractor", "html", "markdown")
"""Those of the table of `junk_probability`."""

GOALS = {
    "whole": ("0.88", "3 %", "98.5 %", "65 %"),
    "extractor": ("0.80", "2.5 %", "99 %", "–"),
    "appended": ("–", "–", "–", "–"),
    "flat": ("–", "–", "–", "–"),
    "html": ("0.91", "1.5 %", "98.8 %", "82 %"),
    "markdown": ("–", "–", "–", "–"),
}
"""Mean F1, junk, kept and pages right at 2 % that are aimed at."""

INSERTED = {
    "text": ("plain text", "15 %"),
    "bare html": ("HTML, where nothing tells", "20 %"),
    "html": ("HTML, in classes that tell", "5 %"),
}
"""What each kind of page with a sentence put into it is called, and the goal of sentences kept."""

Kinds = dict[str, dict[str, Any]]


class Reports(NamedTuple):
    """What `cleaner evaluate --json` says."""

    held_out: dict[str, Any]
    accurate: dict[str, Any]
    hard: dict[str, Any]
    both: dict[str, Any]


def share(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else f"{100 * value:.{digits}f} %"


def f1(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def by_kind(reports: Reports) -> list[list[str]]:
    head = ["kind of page", "mean F1", "goal", "by words", "junk", "goal", "kept", "goal"]
    rows = [[*head, "pages right at 2 %", "goal", "at 5 %", "ECE"]]
    for kind, (goal_f1, goal_junk, goal_kept, goal_right) in GOALS.items():
        k = reports.held_out["kinds"][kind]
        row = [NAMES[kind], f1(k["mean_f1"]), goal_f1, f1(k["mean_f1_words"])]
        row += [share(k["junk"]), goal_junk, share(k["kept"]), goal_kept]
        row += [share(k["right"]["0.02"]), goal_right, share(k["right"]["0.05"])]
        rows.append([*row, f1(k["calibration_error"])])
    return rows


def of_hard_pages(reports: Reports) -> list[list[str]]:
    rows = [["kind of page", "pages", "mean F1", "junk", "kept", "pages right at 2 %", "at 5 %"]]
    kinds = {NAMES[kind]: reports.hard["kinds"][kind] for kind in GOALS}
    kinds["real appended, text, of both"] = reports.both["kinds"]["real_appended"]
    for name, k in kinds.items():
        right = [share(k["right"][within], 0) for within in ("0.02", "0.05")]
        row = [name, str(k["pages"]), f1(k["mean_f1"]), share(k["junk"]), share(k["kept"])]
        rows.append([*row, *right])
    return rows


def of_sentences(reports: Reports) -> list[list[str]]:
    rows = [["sentence put into", "tries", "kept", "goal", "story lost for it", "kept, both"]]
    for kind, (name, goal) in INSERTED.items():
        k, of_both = reports.held_out["inserted"][kind], reports.both["inserted"][kind]
        lost = share(k["story_lost"], 2)
        rows.append([name, str(k["tries"]), share(k["kept"]), goal, lost, share(of_both["kept"])])
    return rows


def fast_and_accurate(reports: Reports) -> list[list[str]]:
    rows = [["kind of page", "fast", "accurate"]]
    for kind, name in NAMES.items():
        both = [report["kinds"][kind] for report in (reports.held_out, reports.accurate)]
        rows.append([name, *map(_in_brief, both)])
    return rows


def _in_brief(k: dict[str, Any]) -> str:
    right = share(k["right"]["0.02"], 0)
    return " / ".join([f1(k["mean_f1"]), share(k["junk"]), share(k["kept"]), right])


def of_the_dial(reports: Reports) -> list[list[str]]:
    kinds = [reports.held_out["kinds"][kind] for kind in DIALS]
    rows = [["precision", *(NAMES[kind].removesuffix(", text") for kind in DIALS)]]
    for settings in zip(*(k["thresholds"] for k in kinds), strict=True):
        cells = [f"{share(one['junk'])} / {share(one['kept'])}" for one in settings]
        rows.append([f"{settings[0]['precision']:g}", *cells])
    return rows


def of_junk(reports: Reports) -> list[list[str]]:
    kinds = [reports.held_out["kinds"][kind]["junk_probability"] for kind in JUDGED]
    rows = [["junk_probability up to", *(NAMES[kind] for kind in JUDGED)]]
    for places in zip(*(k["curve"] for k in kinds), strict=True):
        cells = [f"{share(one['share'], 0)} / {share(one['right'], 0)}" for one in places]
        rows.append([f"{places[0]['most']:g}", *cells])
    return [*rows, ["ECE", *(f1(k["calibration_error"]) for k in kinds)]]


def by_language(reports: Reports) -> list[list[str]]:
    kinds = [reports.held_out["kinds"][kind]["languages"] for kind in DIALS]
    head = ["language", "pages", *(NAMES[kind].removesuffix(", text") for kind in DIALS)]
    rows = [head]
    for language, of_whole in kinds[0].items():
        cells = [f1(k.get(language, {}).get("mean_f1")) for k in kinds]
        rows.append([language, str(of_whole["pages"]), *cells])
    return rows


def of_groups(reports: Reports) -> list[list[str]]:
    groups = ("article", "related-links", "sponsored", "boilerplate")
    rows = [["kind of page", "pages", "mean F1", *groups, "junk", "kept", "pages right"]]
    for kind, name in NAMES.items():
        k = reports.held_out["kinds"][kind]
        row = [name, str(k["pages"]), f1(k["mean_f1"]), *(f1(k["f1"].get(g)) for g in groups)]
        row += [share(k["junk"]), share(k["kept"]), share(k["right"]["0.02"], 0)]
        rows.append(row)
    return rows


TABLES: dict[str, Callable[[Reports], list[list[str]]]] = {
    "groups": of_groups,
    "kinds": by_kind,
    "hard": of_hard_pages,
    "sentences": of_sentences,
    "accurate": fast_and_accurate,
    "dial": of_the_dial,
    "junk": of_junk,
    "languages": by_language,
}


def evaluate(*arguments: str | Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "cleaner", "evaluate", *map(str, arguments), "--json"]
    found: dict[str, Any] = json.loads(
        subprocess.run(command, check=True, capture_output=True).stdout
    )
    return found


@click.command()
@click.argument("held_out", type=click.Path(exists=True, path_type=Path))
@click.argument("hard", type=click.Path(exists=True, path_type=Path))
def main(held_out: Path, hard: Path) -> None:
    """Evaluate on HELD_OUT and HARD, and write the tables and plots of README.md and docs/."""
    reports = Reports(
        evaluate(held_out, "--plots", ROOT / "docs"),
        evaluate(held_out, "--accurate"),
        evaluate(hard),
        evaluate(held_out, hard),
    )
    for name, rows in TABLES.items():
        renew(f"figures: {name}", rows(reports))


if __name__ == "__main__":
    main()
