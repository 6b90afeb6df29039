"""The report of a run: one HTML file that needs no other, for a person to look at for a minute."""

from __future__ import annotations

import re
from html import escape

from cleaner.labels import COLOURS, LABELS
from cleaner.runs.summary import TENTHS, Sample, Tally

BLUE = "#3b6ea5"

WIDTH, BAR, LABEL_WIDTH = 640, 22, 120
"""Of a plot, in pixels: its width, the height of a bar, the room for what the bar is called."""

_COMMANDS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, what turns the direction of all that follows, and halves of a pair."""

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em;
       color: #222; background: #fff; }
svg text { font: 13px system-ui, sans-serif; fill: #222; }
details { margin: .4em 0; } summary { cursor: pointer; overflow-wrap: anywhere; }
p.x { margin: .15em 0 .15em .6em; padding-left: .6em; border-left: 4px solid;
      overflow-wrap: anywhere; }
.key { margin-right: 1em; } .key::before { content: "\\25a0  "; }
""" + "".join(
    f".{label} {{ color: {colour}; border-color: {colour}; }}\n"
    for label, colour in COLOURS.items()
)


def render(title: str, tally: Tally, samples: list[Sample], skipped: int) -> str:
    """Return the report as HTML: what became of the pages as plots, and the sampled pages.

    `skipped` is how many files were not read.
    """
    fates = {
        "out": tally.out,
        "no article": tally.no_article,
        "failed": tally.failed,
        "duplicates": tally.duplicates,
    }
    step = 100 // TENTHS
    tenths = {f"{step * n}–{step * n + step} %": x for n, x in enumerate(tally.tenths)}
    shares = tally.shares()
    body = [
        f"<h1>cleaner run {_text(title)}</h1>",
        f"<p>{tally.pages:,} pages in, {tally.words:,} words out, {tally.seconds:,.0f} seconds; "
        f"files skipped: {skipped:,}</p>",
        _plot(
            "What became of the pages",
            f"{tally.suspicious:,} came out with next to none of their text: see suspicious.jsonl.",
            [(x, n, f"{n:,}", BLUE) for x, n in fates.items()],
        ),
        _plot(
            "What the pages that came out are made of",
            "The share of each label in their characters, before anything is dropped.",
            [(label, x, f"{x:.1%}", COLOURS[label]) for label, x in shares.items()],
        ),
        _plot(
            "How much of a page is kept",
            "Pages by the share of their characters that the clean text has.",
            [(tenth, n, f"{n:,}", BLUE) for tenth, n in tenths.items()],
        ),
        f"<h2>{len(samples)} pages, drawn by lot</h2>",
        "<p>Each paragraph in the colour of its label, long ones and long pages cut short. ",
        *(f'<span class="key {label}">{label}</span>' for label in LABELS),
        "</p>",
        *map(_page, samples),
    ]
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>cleaner run</title>\n<style>{_STYLE}</style>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _text(text: str) -> str:
    """Return a foreign text as HTML; what would command or turn its surroundings is taken out."""
    return escape(_COMMANDS.sub("\N{REPLACEMENT CHARACTER}", text))


def _plot(title: str, note: str, rows: list[tuple[str, float, str, str]]) -> str:
    """Draw a bar for each name, value, value as text, and colour."""
    most = max(value for _, value, _, _ in rows) or 1
    room = WIDTH - 2 * LABEL_WIDTH
    drawn = []
    for n, (name, value, text, colour) in enumerate(rows):
        y, width = n * BAR, room * value / most
        drawn.append(
            f'<text x="{LABEL_WIDTH - 8}" y="{y + 16}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{LABEL_WIDTH}" y="{y + 3}" width="{width:.1f}" height="{BAR - 6}" '
            f'fill="{colour}"/><text x="{LABEL_WIDTH + width + 8:.1f}" y="{y + 16}">{text}</text>'
        )
    size = f"{WIDTH} {BAR * len(rows)}"
    return (
        f"<h2>{title}</h2><p>{note}</p>"
        f'<svg role="img" aria-label="{title}" width="{WIDTH}" viewBox="0 0 {size}">'
        + "".join(drawn)
        + "</svg>"
    )


def _page(sample: Sample) -> str:
    paragraphs = "".join(
        f'<p class="x {label}" title="{label}">{_text(text)}</p>'
        for label, text in sample.paragraphs
    )
    return f"<details open><summary>{_text(sample.where)}</summary>{paragraphs}</details>"
