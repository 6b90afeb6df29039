"""Carry labels from the labelled paragraphs of a page over to another splitting of its text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np

from cleaner.pages.text import letters_of

MIN_ANCHOR_LETTERS = 20
"""Letters and digits from which a block that stands once in the page fixes its place."""

SHINGLE_LETTERS = 12
"""Letters and digits of a shingle; blocks that were edited are matched by their shingles."""

MIN_MATCHED_SHARE = 0.6
"""Share of a block's shingles that must be found for it to be matched at all."""


def carry_labels(texts: Sequence[str], paragraphs: Sequence[tuple[str, int]]) -> list[int | None]:
    """Return for each of `texts` the label id of the paragraphs that it is made of.

    Both are compared by letters and digits only. A text that covers several paragraphs takes the
    label that most of its characters have, one that matches nothing None. Where a text stands
    several times in the page, its neighbours say which place it is.
    """
    known = [letters_of(text) for text, _ in paragraphs]
    source = "".join(known)
    labels = np.repeat(
        np.array([label for _, label in paragraphs], dtype=np.int8),
        [*map(len, known)],
    )
    wanted = [letters_of(text) for text in texts]
    result: list[int | None] = []
    for text, place in zip(wanted, find_places(wanted, source), strict=True):
        if not text:
            result.append(None)
        elif place is not None:
            result.append(_majority(labels[place : place + len(text)]))
        else:
            result.append(_by_shingles(text, source, labels))
    return result


def find_places(wanted: Sequence[str], source: str) -> list[int | None]:
    """Return where each of some texts, in order, stands in the source, None where it does not.

    All are letters and digits only. Where a text stands several times, its neighbours say which
    place it is.
    """
    places: list[int | None] = [None] * len(wanted)
    for i, anchor in _anchors(wanted, source):
        places[i] = anchor
    _fill(wanted, source, places)
    return places


def _majority(labels: np.ndarray) -> int:
    # From 0 on, as the label may be unknown, which is -1.
    return int(np.bincount(labels + 1).argmax()) - 1


def _anchors(wanted: Sequence[str], source: str) -> list[tuple[int, int]]:
    """Texts that stand once in the source, thinned to their longest increasing run."""
    found = []
    for i, text in enumerate(wanted):
        if len(text) >= MIN_ANCHOR_LETTERS:
            place = source.find(text)
            if place >= 0 and source.find(text, place + 1) < 0:
                found.append((i, place))
    tails: list[int] = []
    tail_index: list[int] = []
    before: list[int] = []
    for k, (_, place) in enumerate(found):
        at = bisect_right(tails, place)
        before.append(tail_index[at - 1] if at else -1)
        if at == len(tails):
            tails.append(place)
            tail_index.append(k)
        else:
            tails[at] = place
            tail_index[at] = k
    run = []
    k = tail_index[-1] if tail_index else -1
    while k >= 0:
        run.append(found[k])
        k = before[k]
    return run[::-1]


def _fill(wanted: Sequence[str], source: str, places: list[int | None]) -> None:
    """Place the other texts: between their neighbours if they stand there, else anywhere."""
    following = [len(source)] * (len(wanted) + 1)
    for i in range(len(wanted) - 1, -1, -1):
        place = places[i]
        following[i] = following[i + 1] if place is None else place
    start = 0
    for i, text in enumerate(wanted):
        place = places[i]
        if place is None and text:
            place = source.find(text, start, following[i + 1])
            if place < 0:
                places[i] = anywhere if (anywhere := source.find(text)) >= 0 else None
                continue
            places[i] = place
        if place is not None:
            start = place + len(text)


def _by_shingles(text: str, source: str, labels: np.ndarray) -> int | None:
    starts = range(0, len(text) - SHINGLE_LETTERS + 1, SHINGLE_LETTERS)
    found = [place for s in starts if (place := source.find(text[s : s + SHINGLE_LETTERS])) >= 0]
    if not found or len(found) < MIN_MATCHED_SHARE * len(starts):
        return None
    return _majority(labels[found])
