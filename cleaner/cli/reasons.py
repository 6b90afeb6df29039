"""Explanations to read: why paragraphs have their labels, in lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.console import Console
from rich.text import Text

from cleaner.cli.explain import Explained
from cleaner.cli.table import console_for, drawn, shown
from cleaner.document import Explanation, Paragraph, Reason
from cleaner.formats import Record
from cleaner.labels import COLOURS

MIN_WEIGHT, MOST = 0.1, 8
"""Weight from which a reason is told, and reasons that are told for a label, and against it."""

SHOWN = 160
"""Characters of a paragraph that are shown."""

MIN_WIDTH = 30
"""Columns that a text has at least, however narrow the terminal."""

GROUPS = {
    "word": "words",
    "class": "classes",
    "tag": "tags",
    "links": "markup",
    "title": "markup",
    "before": "neighbours",
    "behind": "neighbours",
    "all_before": "place",
    "all_behind": "place",
    "story": "story",
    "shared": "story",
}
"""What reasons of each kind are told as."""

NAMES = {
    "links": "links",
    "title": "the page's titles",
    "before": "the one before",
    "behind": "the one behind",
    "all_before": "all before",
    "all_behind": "all behind",
    "story": "the rest of it",
}
"""What is said of reasons of one kind; those of the others are told by what they are."""


def write_reasons(pages: Iterable[tuple[Record, Explained]], output: str) -> Iterator[bytes]:
    """Yield the lines of each page; colours are used as by `table.write_tables`."""
    console = console_for(output)
    for i, (record, found) in enumerate(pages):
        between = [Text()] if i else []
        yield drawn(console, [*between, *_lines(console, record.where, found)]).encode()


def _lines(console: Console, where: str, found: Explained) -> Iterator[Text]:
    yield shown(f"{where}: {found.title or 'no title'}")
    explained = {explanation.n: explanation for explanation in found.explanations}
    paragraphs = dict(enumerate(found.paragraphs)) or {
        n: explanation.paragraph for n, explanation in explained.items()
    }
    margin = len(str(max(paragraphs, default=0) + 1)) + 3
    for n, paragraph in paragraphs.items():
        number = Text(f"{n + 1:>{margin - 2}}  ")
        if n in explained:
            yield number + _about_label(explained[n])
            yield from _about(console, margin, explained[n])
        else:
            line = number + _label(paragraph) + Text("  ") + _beginning(paragraph)
            line.truncate(console.width, overflow="ellipsis")
            yield line


def _label(paragraph: Paragraph) -> Text:
    said = f"{paragraph.label} {paragraph.probability:.2f}"
    return Text(said, style=COLOURS[paragraph.label])


def _about_label(explanation: Explanation) -> Text:
    others = ", ".join(f"{label} {p:.2f}" for label, p in explanation.others.items())
    label = _label(explanation.paragraph)
    label.stylize("bold")
    return label + Text(f"   ({others})", style="dim")


def _beginning(paragraph: Paragraph) -> Text:
    text = " ".join(paragraph.text[: 2 * SHOWN].split())
    return shown(text if len(text) <= SHOWN else f"{text[:SHOWN].rstrip()} …")


def _about(console: Console, margin: int, explanation: Explanation) -> Iterator[Text]:
    """The lines below a label: how the paragraph begins, and the reasons for and against."""
    yield from _hang(console, Text(" " * margin), _beginning(explanation.paragraph))
    told = [reason for reason in explanation.reasons if abs(reason.weight) >= MIN_WEIGHT]
    for name, sign in (("for", 1), ("against", -1)):
        some = [reason for reason in told if reason.weight * sign > 0][:MOST]
        said = _said(some) if some else Text("nothing that weighs much by itself", style="dim")
        yield from _hang(console, Text(f"{' ' * margin}{name:<9}", style="dim"), said)


def _said(reasons: list[Reason]) -> Text:
    """What some reasons are, in groups: the group of what weighs most is the first."""
    order = [*dict.fromkeys(GROUPS[reason.kind] for reason in reasons)]
    in_order = sorted(reasons, key=lambda reason: order.index(GROUPS[reason.kind]))
    groups = [
        Text(f"{name}: ") + Text(", ").join(map(_one, some))
        for name, some in groupby(in_order, lambda reason: GROUPS[reason.kind])
    ]
    return Text("; ").join(groups)


def _one(reason: Reason) -> Text:
    if reason.kind == "shared":
        what = shown(f"words in common ({reason.what})")
    else:
        what = shown(NAMES.get(reason.kind, reason.what))
    return what + Text(f"\u00a0{reason.weight:+.1f}", style="bold")


def _hang(console: Console, first: Text, text: Text) -> Iterator[Text]:
    """A text in lines behind what begins the first of them."""
    indent = Text(" " * first.cell_len)
    width = max(console.width - first.cell_len, MIN_WIDTH)
    for i, line in enumerate(text.wrap(console, width)):
        line.rstrip()
        yield (indent if i else first) + line
