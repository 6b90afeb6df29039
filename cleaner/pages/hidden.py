"""Which of a page's hidden elements a script will show: those with its story, or more of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cleaner.pages.blocks import ROOTS, Collected, Hidden
from cleaner.pages.page import COUNTS
from cleaner.pages.text import letters_outside_links

PROSE = 60
"""Letters outside links from which a block is prose, and no entry of a menu or a form."""

LITTLE, SOME = 150, 250
"""Letters of prose that a page with no story in sight has at most, and what it must hide then."""

STORY, MUCH = 2_000, 1_000
"""Letters of prose that may be in sight, and those that must be hidden then, and be twice as much:
more in sight is a story itself, and what is hidden beside it a gallery or a dialog."""

BEFORE, MORE = 2, 150
"""Blocks of prose straight before a hidden element, and letters of prose in it, from which it
continues a story: the part behind "Read full story"."""

NEAR = 2
"""Blocks right before a hidden element among which one of that story must be: a button may stand
between."""

# Of 2,584 pages of training sites 1,588 hide something, and 13 of them are shown more by these
# rules: 12 stories, products and lists whole or to their ends, and one form to mail a story.

DIALOGS = tuple("cookie consent gdpr privacy modal dialog popup login newsletter".split())
"""What stands in classes, ids and roles of what comes up over a page, or asks for something."""


def choose_shown(page: Collected) -> frozenset[int]:
    """Return the numbers of the hidden elements that are to be shown, none for most pages."""
    hidden = {h: n for h in page.hidden if (n := _prose(h.letters)) and not _is_dialog(h)}
    if not hidden:
        return frozenset()
    link_chars = page.markup.blocks.counts[:, COUNTS.index("link_chars")]
    letters = letters_outside_links(page.texts, link_chars.tolist())
    in_sight, out_of_sight = _prose(letters), sum(hidden.values())
    if in_sight <= LITTLE:
        shown = [*hidden] if out_of_sight >= SOME else []
    elif in_sight <= STORY and out_of_sight >= max(MUCH, 2 * in_sight):
        shown = [*hidden]
    else:
        shown = [h for h, n in hidden.items() if n >= MORE and _continues(h, page, letters)]
    return frozenset(h.number for h in shown)


def _prose(letters: Sequence[int]) -> int:
    return sum(n for n in letters if n >= PROSE)


def _is_dialog(hidden: Hidden) -> bool:
    return any(word in hidden.attributes for word in DIALOGS)


def _continues(hidden: Hidden, page: Collected, letters: list[int]) -> bool:
    """Say whether a story stands straight before, in the same element or in one beside it."""
    elements, blocks = page.markup.elements, page.markup.blocks
    up = np.append(elements.parent, -1)  # the last one for what has no parent
    holders = up[blocks.element[: hidden.block]]
    in_same = holders == hidden.parent
    tag, _ = elements.kinds[elements.kind[hidden.parent]]
    if tag not in ROOTS:
        in_same |= up[holders] == hidden.parent
    is_prose = np.array(letters[: hidden.block]) >= PROSE
    of_story = np.flatnonzero(in_same & is_prose)
    return len(of_story) >= BEFORE and int(of_story[-1]) >= hidden.block - NEAR
