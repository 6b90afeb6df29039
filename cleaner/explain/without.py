"""Pages without something: the page as it would be read if a word, a class or a paragraph were not
there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from cleaner.features.attributes import LEVELS
from cleaner.features.elements import drop_blocks, pick_blocks
from cleaner.features.titles import stand_in
from cleaner.features.words import IDEOGRAPH, read_words
from cleaner.model.batches import MAX_PARAGRAPH_CHARS
from cleaner.pages.page import COUNTS, ElementKind, Markup

JOINING = frozenset("'’-‐‑.,")
"""Signs that make the words on either side of them one."""

PLAIN_TAG = "div"
"""The tag that says nothing, which each other one is taken for."""

ROOTS = frozenset(("html", "body"))
"""The tags around all pages."""

REACH = sum(reach for _, reach in LEVELS)
"""Elements around a paragraph, the nearest ones, whose classes the model looks at."""

NO_TOKEN = (-1, -1, False)
"""Stands behind the last token."""

Places = list[tuple[int, int]]
"""Where a word stands in a text: its begins and ends."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A page, and which paragraph of it is asked about."""

    texts: Sequence[str]
    markup: Markup | None
    """None for plain text."""
    n: int

    @property
    def text(self) -> str:
        """The paragraph."""
        return self.texts[self.n]


Change = Callable[[Asked], Asked]
"""What leaves something out of a page."""


def find_words(texts: Sequence[str]) -> list[dict[str, Places]]:
    """Return the different words of each text in lower case, in order, with all their places.

    Two ideographs side by side are a word. Of a long text its beginning is read, as by the model.
    """
    texts = [text[:MAX_PARAGRAPH_CHARS] for text in texts]
    read = read_words(texts)
    begins, ideograph = read.token_start, read.classes[read.token_start] == IDEOGRAPH
    before = read.char_offsets[read.paragraph]
    tokens = zip(
        (begins - before).tolist(), (read.token_end - before).tolist(), ideograph, strict=True
    )
    found = []
    for text, count in zip(texts, read.counts.tolist(), strict=True):
        words: dict[str, Places] = {}
        for begin, end in _join(text, [next(tokens) for _ in range(count)]):
            words.setdefault(text[begin:end].casefold(), []).append((begin, end))
        found.append(words)
    return found


def _join(text: str, tokens: Sequence[tuple[int, int, bool]]) -> Places:
    """Where the words stand, given where the tokens do and whether each is an ideograph."""
    places: Places = []
    last_end, was_ideograph = -1, False
    for (begin, end, is_ideograph), (follower, its_end, is_next) in pairwise([*tokens, NO_TOKEN]):
        if is_ideograph and is_next and follower == end:
            places.append((begin, its_end))
        elif places and not (is_ideograph or was_ideograph) and text[last_end:begin] in JOINING:
            places[-1] = places[-1][0], end
        elif not (is_ideograph and was_ideograph and last_end == begin):
            places.append((begin, end))
        last_end, was_ideograph = end, is_ideograph
    return places


def without_word(asked: Asked, places: Places) -> Asked:
    """Leave out a word of the paragraph, here and in the story's text in JSON-LD."""
    text = _cut(asked.text, places)
    changed = _with_texts(asked, {asked.n: text})
    markup = changed.markup
    if markup is None or not markup.body or not stand_in([asked.text], markup.body)[0]:
        return changed
    return replace(changed, markup=replace(markup, body=f"{markup.body} {text}"))


def without_words(asked: Asked, rows: Sequence[int], words: Collection[str]) -> Asked:
    """Leave out words of other paragraphs."""
    changed = {}
    for row, its_words in zip(rows, find_words([asked.texts[i] for i in rows]), strict=True):
        places = sorted(place for word in its_words.keys() & words for place in its_words[word])
        changed[row] = _cut(asked.texts[row], places)
    return _with_texts(asked, changed)


def without_paragraphs(asked: Asked, rows: Sequence[int]) -> Asked:
    """Leave out other paragraphs, with the elements that hold nothing else."""
    left_out = frozenset(rows)
    texts = [text for i, text in enumerate(asked.texts) if i not in left_out]
    markup = asked.markup
    if markup is not None:
        markup = drop_blocks(markup, np.array(rows, np.int64))
    return Asked(texts, markup, asked.n - sum(row < asked.n for row in left_out))


def only_paragraph(asked: Asked) -> Asked:
    """Leave out all other paragraphs."""
    markup = asked.markup
    if markup is not None:
        markup = pick_blocks(markup, np.array([asked.n]))
    return Asked([asked.text], markup, 0)


def classes_of(markup: Markup, n: int) -> list[str]:
    """The classes and ids of the elements in block `n` and around it, the nearest first."""
    blocks, elements = markup.blocks, markup.elements
    kinds = [*blocks.inline[_inlines(markup, n)], *elements.kind[_around(markup, n)[:REACH]]]
    values = (value for kind in kinds for value in elements.kinds[kind][1])
    return [*dict.fromkeys(name for value in values for name in value.split())]


def without_class(asked: Asked, name: str) -> Asked:
    """Leave out a class or an id of the elements in the paragraph and around it."""

    def change(kind: ElementKind) -> ElementKind:
        tag, values = kind
        kept = (" ".join(part for part in value.split() if part != name) for value in values)
        return tag, tuple(value for value in kept if value)

    return _with_kinds(asked, change)


def tags_of(markup: Markup, n: int) -> list[str]:
    """The tags of the elements around block `n` that say something, the nearest first."""
    kinds = markup.elements.kind[_around(markup, n)]
    tags = dict.fromkeys(markup.elements.kinds[kind][0] for kind in kinds)
    return [tag for tag in tags if tag != PLAIN_TAG and tag not in ROOTS]


def without_tag(asked: Asked, tag: str) -> Asked:
    """Take the elements around the paragraph that have a tag for plain ones."""

    def change(kind: ElementKind) -> ElementKind:
        return (PLAIN_TAG, kind[1]) if kind[0] == tag else kind

    return _with_kinds(asked, change)


def without_links(asked: Asked) -> Asked:
    """Leave out the links in the paragraph, and not their text."""
    markup, n = _markup(asked), asked.n
    blocks = markup.blocks
    counts = blocks.counts.copy()
    counts[n, [COUNTS.index(name) for name in ("link_chars", "links", "external_links")]] = 0
    own = _inlines(markup, n)
    is_link = np.zeros(len(blocks.inline), np.bool_)
    is_link[own] = [markup.elements.kinds[kind][0] == "a" for kind in blocks.inline[own]]
    inline_indptr, target_indptr = blocks.inline_indptr.copy(), blocks.target_indptr.copy()
    first, end = target_indptr[n : n + 2].tolist()
    inline_indptr[n + 1 :] -= is_link.sum()
    target_indptr[n + 1 :] -= end - first
    blocks = replace(
        blocks,
        counts=counts,
        inline=blocks.inline[~is_link],
        inline_indptr=inline_indptr,
        targets=[*blocks.targets[:first], *blocks.targets[end:]],
        target_indptr=target_indptr,
    )
    return replace(asked, markup=replace(markup, blocks=blocks))


def without_titles(asked: Asked) -> Asked:
    """Leave out what the page calls itself, and the story's text in JSON-LD."""
    return replace(asked, markup=replace(_markup(asked), titles=(), body=""))


def _cut(text: str, places: Iterable[tuple[int, int]]) -> str:
    """A text without what stands at some places, rising, and without the white space before it."""
    pieces, at = [], 0
    for begin, end in places:
        if begin >= at:
            pieces.append(text[at:begin].rstrip())
            at = end
    return "".join([*pieces, text[at:]]).strip()


def _with_texts(asked: Asked, changed: Mapping[int, str]) -> Asked:
    """A page with shorter texts of some paragraphs.

    As far as a block is link on the whole, so is what it lacks: all or nothing in most blocks.
    """
    texts = [changed.get(i, text) for i, text in enumerate(asked.texts)]
    markup = asked.markup
    if markup is not None:
        counts = markup.blocks.counts.copy()
        chars, linked = COUNTS.index("chars"), COUNTS.index("link_chars")
        for row, text in changed.items():
            link_share = counts[row, linked] / max(counts[row, chars], 1)
            counts[row, chars] -= min(len(asked.texts[row]) - len(text), counts[row, chars])
            counts[row, linked] = round(link_share * counts[row, chars])
        markup = replace(markup, blocks=replace(markup.blocks, counts=counts))
    return replace(asked, texts=texts, markup=markup)


def _markup(asked: Asked) -> Markup:
    """The markup of a page that has some."""
    assert asked.markup is not None
    return asked.markup


def _around(markup: Markup, n: int) -> list[int]:
    """The elements around block `n`, the nearest first."""
    parent, found = markup.elements.parent, [int(markup.blocks.element[n])]
    while parent[found[-1]] >= 0:
        found.append(int(parent[found[-1]]))
    return found


def _inlines(markup: Markup, n: int) -> slice:
    """Where the inline elements of block `n` stand."""
    return slice(*markup.blocks.inline_indptr[n : n + 2].tolist())


def _with_kinds(asked: Asked, change: Callable[[ElementKind], ElementKind]) -> Asked:
    """A page with other kinds for the elements in the paragraph and around it."""
    markup = _markup(asked)
    elements, blocks = markup.elements, markup.blocks
    kinds, inline = elements.kind.copy(), blocks.inline.copy()
    kinds[_around(markup, asked.n)] += len(elements.kinds)
    inline[_inlines(markup, asked.n)] += len(elements.kinds)
    both = [*elements.kinds, *map(change, elements.kinds)]
    elements = replace(elements, kinds=both, kind=kinds)
    blocks = replace(blocks, inline=inline)
    return replace(asked, markup=replace(markup, elements=elements, blocks=blocks))
