"""Draw what `cleaner evaluate` measures: the dial's curve, how far probabilities are right, and how
many pages are right of those that seem so."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

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
    curves = {
        kind: [
            _Point(p["kept"], p["junk"], f"{p['precision']:g}" if p["precision"] in MARKED else "")
            for p in of_kind["thresholds"]
        ]
        for kind, of_kind in figures.items()
    }
    _draw_curves(
        curves,
        path,
        xlabel="kept: share of the story's words that are kept",
        ylabel="junk: share of the kept words that are not the story",
        title="--precision from 0.05 to 0.99",
        ylim=(0, None),
    )


def _draw_junk(figures: dict[str, dict[str, Any]], path: Path) -> None:
    curves = {
        kind: [
            _Point(p["share"], p["right"], f"{p['most']:g}")
            for p in of_kind["junk_probability"]["curve"]
            if p["right"] is not None
        ]
        for kind, of_kind in figures.items()
    }
    _draw_curves(
        curves,
        path,
        xlabel="share of pages whose junk_probability is no higher",
        ylabel="share of these that are right",
        title="junk_probability from 0.05 to 1",
        xlim=(0, 1.05),
        ylim=(0, 1.05),
    )


class _Point(NamedTuple):
    """A point of a curve, and what stands beside it."""

    x: float
    y: float
    text: str


def _draw_curves(curves: dict[str, list[_Point]], path: Path, **about: Any) -> None:
    """Draw a curve for each kind of page; `about` is what axes are called, and from where to where
    they go."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 5), layout="constrained")
    for kind, points in curves.items():
        (line,) = axes.plot(
            [p.x for p in points],
            [p.y for p in points],
            marker=".",
            label=kind.replace("_", " "),
        )
        for p in points:
            axes.annotate(
                p.text,
                (p.x, p.y),
                textcoords="offset points",
                xytext=(4, 4),
                fontsize=7,
                color=line.get_color(),
            )
    axes.set(**about)
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
