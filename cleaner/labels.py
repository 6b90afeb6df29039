"""The labels and the groups that they are judged in: the only place that lists them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from cleaner.errors import UsageError, check_option


class Label(NamedTuple):
    """What a paragraph can be."""

    name: str
    letter: str
    """In annotations; each label has its own."""
    colour: str
    """Of its text in terminals, as `#rrggbb` of relative luminance 0.18: that stands off from white
    as from black, 4.5 to 1, which is the contrast that WCAG 2.2 asks of text."""
    mark: str
    """Of the marks beside its text in pages that are looked at, which people of all kinds of colour
    vision can tell apart: out of the palette of Okabe and Ito (Color Universal Design, 2008), with
    the grey that R adds to it."""
    group: str
    """The group that figures are given for, called by the name of one of its labels."""


_LABELS: Final = (
    Label("headline", "h", "#2b74da", "#0072B2", "article"),
    Label("article", "a", "#13873a", "#009E73", "article"),
    Label("caption", "c", "#07828d", "#56B4E9", "boilerplate"),
    Label("related-links", "r", "#aa6504", "#D55E00", "related-links"),
    Label("sponsored", "s", "#d8268e", "#CC79A7", "sponsored"),
    Label("boilerplate", "b", "#757575", "#999999", "boilerplate"),
)
"""Every label, in the order of a model's outputs. A further one is a line here, and data to train
the models on again."""

LABELS: Final = tuple(label.name for label in _LABELS)
"""The names of all labels: a label's index is its id, and its column of probabilities."""

LETTERS: Final = "".join(label.letter for label in _LABELS)
"""The letters of all labels, in the order of `LABELS`."""

COLOURS: Final = {label.name: label.colour for label in _LABELS}
"""The colour of each label's text."""

MARKS: Final = {label.name: label.mark for label in _LABELS}
"""The colour of each label's marks."""

ID: Final = {name: i for i, name in enumerate(LABELS)}
"""The id of each label."""

GROUPS: Final = {
    name: tuple(label.name for label in _LABELS if label.group == name)
    for name in LABELS
    if name in {label.group for label in _LABELS}
}
"""The groups of labels that figures are given for, each with its labels."""

GROUP_OF: Final = tuple(list(GROUPS).index(label.group) for label in _LABELS)
"""The group's index for each label id."""

STORY: Final = GROUPS["article"]
"""The labels of the story itself; every other kept word is junk. The default of `keep`."""

STORY_IDS: Final = [ID[name] for name in STORY]
"""The ids of the story's labels, as numpy takes columns by."""


def check_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """Return `labels` in the order of `LABELS`, each once; raise `UsageError` where one is unknown
    or none is given."""
    if isinstance(labels, str):
        labels = (labels,)
    told = f"a list of labels, out of {', '.join(LABELS)}"
    check_option("keep", labels, isinstance(labels, Iterable), told)
    chosen = tuple(labels)
    for label in chosen:
        if label not in LABELS:
            raise UsageError(f"unknown label {label!r:.100}: choose from {', '.join(LABELS)}")
    if not chosen:
        raise UsageError(f"no label to keep: choose from {', '.join(LABELS)}")
    return tuple(label for label in LABELS if label in chosen)
