"""The report of a run: one HTML file that needs no other, for a person to look at for a minute."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from itertools import groupby
from typing import NamedTuple

from cleaner.labels import ID, LABELS
from cleaner.review.choose import Candidate
from cleaner.review.render import hash_of, style_of
from cleaner.runs.samples import IN_DOUBT
from cleaner.runs.summary import TENTHS, Tally

FOLDED = 4
"""Dropped paragraphs in a row from which they are folded into a line."""

TOLD_TEXTS, TOLD_CHARS = 4, 24
"""Of folded paragraphs, how many are named in that line, and how much of each."""

MOST_FOLDED, DROPPED_CHARS = 100, 400
"""How many of a row of dropped paragraphs are shown, and how much of each; of what is kept, all."""

_COMMANDS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, what turns the direction of all that follows, and halves of a pair."""


class Report(NamedTuple):
    """What a report tells."""

    inputs: str
    """As they were given."""
    date: str
    about: Mapping[str, str]
    """What the run was done with: the models, the options."""
    keep: Sequence[str]
    """The labels that are kept."""
    tally: Tally
    skipped: int
    """How many files were not read."""
    samples: Sequence[Candidate]
    """Pages to look at: the first `IN_DOUBT` those most in doubt, the others drawn by lot."""
    review: str | None
    """The address of the review of these pages, if there is one."""


def render(report: Report) -> str:
    """Return the report as HTML: what became of the pages as plots, and the sampled pages."""
    tally = report.tally
    style = style_of(files(__package__).joinpath("report.css").read_text(encoding="utf-8"))
    policy = f"default-src 'none'; style-src {hash_of(style)}; base-uri 'none'; form-action 'none'"
    body = [
        f'<h1>cleaner <span>run</span></h1><p class="inputs">{_text(report.inputs)}</p>',
        f'<p class="note">{tally.pages:,} pages in, {tally.words:,} words out, '
        f"{tally.seconds:,.0f} seconds; files skipped: {report.skipped:,}</p>",
        _facts({"date": report.date, **report.about}),
        *_plots(tally),
        *_pages(report),
    ]
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>cleaner run</title>\n<style>{style}</style>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _text(text: str) -> str:
    """Return a foreign text as HTML; what would command or turn its surroundings is taken out."""
    return escape(_COMMANDS.sub("\N{REPLACEMENT CHARACTER}", text))


def _facts(facts: Mapping[str, str]) -> str:
    rows = (f"<div><dt>{_text(k)}</dt><dd>{_text(v)}</dd></div>" for k, v in facts.items() if v)
    return f'<dl class="facts">{"".join(rows)}</dl>'


# ---- What became of the pages


def _plots(tally: Tally) -> list[str]:
    fates = {
        "out": tally.out,
        "no article": tally.no_article,
        "other language": tally.other_language,
        "failed": tally.failed,
        "duplicates": tally.duplicates,
        "near-duplicates": tally.near_duplicates,
    }
    dropped = "Pages left out are listed in dropped.jsonl. "
    little = f"{tally.suspicious:,} came out with next to none of their text: see suspicious.jsonl."
    step = 100 // TENTHS
    tenths = {f"{step * n}–{step * n + step} %": x for n, x in enumerate(tally.tenths)}
    shares = tally.shares()
    plots = [_plot("What became of the pages", dropped + little, _counted(fates))]
    if tally.reasons:
        reasons = dict(sorted(tally.reasons.items(), key=lambda item: -item[1]))
        note = "Their pages are in failed.jsonl, with the whole reason."
        plots.append(_plot("Why pages failed", note, _counted(reasons), "bars wide"))
    return [
        *plots,
        _plot(
            "What the pages that came out are made of",
            "The share of each label in their characters, before anything is dropped.",
            [(label, x, f"{100 * x:.1f} %", f"label-{ID[label]}") for label, x in shares.items()],
        ),
        _plot(
            "How much of a page is kept",
            "Pages by the share of their characters that the clean text has.",
            _counted(tenths),
        ),
    ]


def _counted(counts: Mapping[str, int]) -> list[tuple[str, float, str, str]]:
    return [(name, n, f"{n:,}", "") for name, n in counts.items()]


def _plot(
    title: str, note: str, rows: list[tuple[str, float, str, str]], kind: str = "bars"
) -> str:
    """Draw a bar for each name, value, value as text, and class."""
    most = max(value for _, value, _, _ in rows) or 1
    drawn = "".join(
        f'<tr class="{name_class}"><th scope="row">{_text(name)}</th>'
        f"<td>{_bar(value / most)}</td><td>{text}</td></tr>"
        for name, value, text, name_class in rows
    )
    return (
        f'<h2>{title}</h2><p class="note">{note}</p>'
        f'<table class="{kind}" aria-label="{title}">{drawn}</table>'
    )


def _bar(share: float, kind: str = "") -> str:
    return (
        f'<svg class="{kind}" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{100 * share:.1f}" height="1"/></svg>'
    )


# ---- The sampled pages


def _pages(report: Report) -> Iterable[str]:
    samples = report.samples
    yield f"<h2>{len(samples)} page{'s' * (len(samples) != 1)} to look at</h2>"
    yield (
        f'<p class="note">First up to {IN_DOUBT} that are most in doubt, by words, which are worse '
        "than most; then some that are drawn by lot. What is kept is shown whole, what is dropped "
        "small and folded.</p>"
    )
    if report.review and samples:
        yield f'<p><a href="{_text(report.review)}">Correct these in a browser</a></p>'
    for n, sample in enumerate(samples):
        yield _page(sample, n < IN_DOUBT, report.keep)


def _page(sample: Candidate, in_doubt: bool, keep: Sequence[str]) -> str:
    found = sample.found
    chosen = f"most in doubt: {found.doubt:,.0f} words" if in_doubt else "drawn by lot"
    rows = zip(found.texts, found.labels, found.probabilities, strict=True)
    shown = []
    for is_kept, group in groupby(rows, key=lambda row: row[1] in keep):
        stretch = [*group]
        if is_kept or len(stretch) < FOLDED:
            shown += [_row(*row, is_kept) for row in stretch]
        else:
            shown.append(_folded(stretch))
    place = dict.fromkeys((sample.page.url or sample.where, sample.where))
    return (
        f'<article class="page"><header><h3 dir="auto">{_text(found.title or "No title")}</h3>'
        f'<p>{_text(" · ".join(place))}</p><p class="chosen">{chosen}</p></header>'
        f"{''.join(shown) or '<p class=cut>No paragraph.</p>'}</article>"
    )


def _row(text: str, label: str, probability: float, is_kept: bool) -> str:
    shown = text if is_kept else _begin(text, DROPPED_CHARS)
    return (
        f'<div class="row {"kept" if is_kept else "dropped"} label-{ID[label]}"><div class="side">'
        f'<span class="label">{label}<span class="unseen"> {"kept" if is_kept else "dropped"}'
        f'</span></span><span class="sure">{_bar(probability, "meter")}'
        f'<span class="percent">{100 * probability:.0f} %</span></span></div>'
        f'<div class="text" dir="auto">{_text(shown)}</div></div>'
    )


def _begin(text: str, chars: int) -> str:
    """Return the beginning of a text, with a sign where it is cut."""
    return text if len(text) <= chars else f"{text[:chars].rstrip()}…"


def _folded(stretch: list[tuple[str, str, float]]) -> str:
    """Return dropped paragraphs folded into a line that says how many of which there are."""
    counts = Counter(label for _, label, _ in stretch)
    labels = ", ".join(f"{counts[label]:,} {label}" for label in LABELS if label in counts)
    begins = " · ".join(_begin(text, TOLD_CHARS) for text, _, _ in stretch[:TOLD_TEXTS])
    rows = "".join(_row(*row, False) for row in stretch[:MOST_FOLDED])
    more = len(stretch) - MOST_FOLDED
    cut = f'<p class="cut">and {more:,} more, dropped as these</p>' if more > 0 else ""
    return (
        f"<details><summary>{len(stretch):,} paragraphs dropped: {labels} "
        f"({_text(begins)} · …)</summary>{rows}{cut}</details>"
    )
