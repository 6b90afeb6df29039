"""Which of a page's hidden elements a script will show: those with its story, or more of it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import numpy as np

from cleaner.pages.blocks import ROOTS, Collected, Hidden
from cleaner.pages.page import COUNTS
from cleaner.pages.text import letters_outside_links

PROSE = 60
"""Letters outside links from which a block is prose, and no entry of a menu or a form."""

SOME = 250
"""Letters of prose that must be hidden at least."""

LITTLE, STORY = 400, 2_000
"""Letters of prose in sight: up to the first it is that of a banner or a footer, and from the
second on a story by itself, with what is hidden beside it a gallery or a dialog."""

TIMES_LITTLE, TIMES_STORY = 2, 4
"""How often as much must be hidden, by how much is in sight. Beside the beginning of a story all of
it is hidden; beside a short story terms and letters may be."""

BEFORE, MORE = 2, 150
"""Blocks of prose straight before hidden elements, and letters of prose in these, from which they
continue a story: the part behind "Read full story"."""

NEAR = 5
"""Blocks right before a hidden element among which one of that story must be: a button and an
advertisement may stand between."""

# Of 2,584 pages of training sites 1,588 hide something, and 14 of them are shown more by these
# rules: stories, products and lists whole or to their ends, and two with forms or captions.

DIALOGS = tuple("cookie consent gdpr privacy modal dialog popup login newsletter".split())
"""What stands in classes, ids and roles of what comes up over a page, or asks for something."""


def choose_shown(page: Collected) -> frozenset[int]:
    """Return the numbers of the hidden elements that are to be shown, none for most pages."""
    hidden = [h for h in page.hidden if not any(word in h.attributes for word in DIALOGS)]
    out_of_sight = _prose(n for h in hidden for n in h.letters)
    if not out_of_sight:
        return frozenset()
    link_chars = page.markup.blocks.counts[:, COUNTS.index("link_chars")]
    letters = letters_outside_links(page.texts, link_chars.tolist())
    in_sight = _prose(letters)
    times = TIMES_LITTLE if in_sight <= LITTLE else TIMES_STORY
    if not (in_sight <= STORY and out_of_sight >= max(SOME, times * in_sight)):
        parts = [part for part in _side_by_side(hidden) if _continues(part, page, letters)]
        hidden = [h for part in parts for h in part]
    return frozenset(h.number for h in hidden)


def _prose(letters: Iterable[int]) -> int:
    return sum(n for n in letters if n >= PROSE)


def _side_by_side(hidden: list[Hidden]) -> list[list[Hidden]]:
    """Hidden elements with nothing in sight between them, together."""
    return [[*part] for _, part in groupby(hidden, key=lambda h: (h.parent, h.block))]


def _continues(part: list[Hidden], page: Collected, letters: list[int]) -> bool:
    """Say whether a story stands straight before hidden elements, in the same element or in one
    beside them."""
    if _prose(n for h in part for n in h.letters) < MORE:
        return False
    parent, block = part[0].parent, part[0].block
    elements, blocks = page.markup.elements, page.markup.blocks
    up = np.append(elements.parent, -1)  # the last one for what has no parent
    holders = up[blocks.element[:block]]
    in_same = holders == parent
    tag, _ = elements.kinds[elements.kind[parent]]
    if tag not in ROOTS:
        in_same |= up[holders] == parent
    of_story = np.flatnonzero(in_same & (np.array(letters[:block]) >= PROSE))
    return len(of_story) >= BEFORE and int(of_story[-1]) >= block - NEAR
