"""The six labels and the four groups they are judged in: the only place that lists them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cleaner.errors import UsageError, check_option

LABELS: Final = (
    "headline",
    "article",
    "caption",
    "related-links",
    "sponsored",
    "boilerplate",
)
"""Every label, in the order of a model's outputs: the label's index is its id."""

GROUPS: Final = {
    "article": ("headline", "article"),
    "related-links": ("related-links",),
    "sponsored": ("sponsored",),
    "boilerplate": ("caption", "boilerplate"),
}
"""The groups of labels that figures are given for."""

STORY: Final = GROUPS["article"]
"""The labels of the story itself; every other kept word is junk. The default of `keep`."""

ID: Final = {label: i for i, label in enumerate(LABELS)}
GROUP_OF: Final = tuple(
    next(g for g, members in enumerate(GROUPS.values()) if label in members) for label in LABELS
)
"""The group's index for each label id."""


def check_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """Return `labels` as a tuple; raise `UsageError` where one is unknown or none is given."""
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
    return chosen
