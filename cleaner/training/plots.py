"""Draw what `cleaner evaluate` measures: the dial's curve, how far probabilities are right, and how
many pages are right of those that seem so."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cleaner.errors import UsageError, how_to_install
from cleaner.training.evaluate import Judged, by_kind, known_paragraphs, reliability
from cleaner.training.output import in_place_of

MARKED = (0.1, 0.5, 0.9, 0.98)
"""Thresholds that are written beside the curve."""

NAMES = ("dial.svg", "reliability.svg", "junk.svg")
"""The files that are drawn."""


def check_plots(folder: Path) -> None:
    """Make the folder for plots. Raises `UsageError` without matplotlib, or where it can't be."""
    try:
        import matplotlib
    except ImportError:
        raise UsageError(f"plots need matplotlib: {how_to_install('plots')}") from None
    with in_place_of(folder, ()):
        matplotlib.use("svg")


def draw(figures: dict[str, dict[str, Any]], judged: Sequence[Judged], folder: Path) -> list[Path]:
    """Write `NAMES` into a folder, which is made, and return their paths.

    `figures` are those of `judged`, by kind of page. Raises `UsageError` as `check_plots` does.
    """
    check_plots(folder)
    import matplotlib

    # The same figures give the same bytes; letters stay letters.
    matplotlib.rcParams |= {"svg.hashsalt": "cleaner", "svg.fonttype": "none"}
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it tells what it does with fonts
    with in_place_of(folder, NAMES) as work:
        _draw_dial(figures, work / NAMES[0])
        _draw_reliability(by_kind(judged), work / NAMES[1])
        _draw_junk(figures, work / NAMES[2])
    return [folder / name for name in NAMES]


def _draw_dial(figures: dict[str, dict[str, Any]], path: Path) -> None:
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 5), layout="constrained")
    for kind, of_kind in figures.items():
        points = of_kind["thresholds"]
        (line,) = axes.plot(
            [p["kept"] for p in points],
            [p["junk"] for p in points],
            marker=".",
            label=kind.replace("_", " "),
        )
        for p in points:
            if p["precision"] in MARKED:
                axes.annotate(
                    f"{p['precision']:g}",
                    (p["kept"], p["junk"]),
                    textcoords="offset points",
                    xytext=(4, 4),
                    fontsize=7,
                    color=line.get_color(),
                )
    axes.set(
        xlabel="kept: share of the story's words that are kept",
        ylabel="junk: share of the kept words that are not the story",
        title="--precision from 0.05 to 0.99",
        ylim=(0, None),
    )
    axes.legend()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def _draw_junk(figures: dict[str, dict[str, Any]], path: Path) -> None:
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 5), layout="constrained")
    for kind, of_kind in figures.items():
        points = [p for p in of_kind["junk_probability"]["curve"] if p["right"] is not None]
        (line,) = axes.plot(
            [p["share"] for p in points],
            [p["right"] for p in points],
            marker=".",
            label=kind.replace("_", " "),
        )
        for p in points[:-1]:
            axes.annotate(
                f"{p['most']:g}",
                (p["share"], p["right"]),
                textcoords="offset points",
                xytext=(4, 4),
                fontsize=7,
                color=line.get_color(),
            )
    axes.set(
        xlabel="share of pages whose junk_probability is no higher",
        ylabel="share of these that are right",
        title="junk_probability from 0.05 to 1",
        xlim=(0, 1.02),
        ylim=(0, 1.02),
    )
    axes.legend()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def _draw_reliability(kinds: dict[str, list[Judged]], path: Path) -> None:
    from matplotlib import pyplot

    figure, all_axes = pyplot.subplots(
        1, len(kinds), figsize=(3 * len(kinds), 3.2), layout="constrained", squeeze=False
    )
    for axes, (kind, some) in zip(all_axes[0], kinds.items(), strict=True):
        mean, right, share = reliability(*known_paragraphs(some))
        axes.plot([0, 1], [0, 1], color="lightgrey")
        axes.plot(mean, right)
        axes.scatter(mean, right, s=200 * share**0.5)
        axes.set(
            title=kind.replace("_", " "),
            xlabel="probability of the label",
            ylabel="share that is right",
            xlim=(0, 1),
            ylim=(0, 1),
        )
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
