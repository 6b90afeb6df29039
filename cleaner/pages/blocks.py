"""The visible text blocks of a page, from its tags."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cleaner.pages.page import INLINES, TARGETS, Blocks, Elements, Markup
from cleaner.pages.spans import (
    I64,
    Bools,
    Spans,
    begin_runs,
    find_names,
    places_in_runs,
    read_spans,
)
from cleaner.pages.tags import Tags
from cleaner.pages.texts import BLOCK, SPACE, Texts, gather_texts, join_texts

INVISIBLE = tuple(
    """
    script style noscript template head title meta link iframe object embed svg canvas audio
    video picture source img input textarea select option optgroup datalist map area param
    track
    """.split()
)
"""Elements whose text no reader sees as text of the page."""

INLINE = tuple(
    """
    br span a label small time em i abbr acronym b bdi bdo big cite code data del dfn font ins kbd
    mark math mi mn mo mrow msub msup mtext nobr q rp rt ruby s samp semantics strike strong sub
    sup tt u var wbr
    """.split()
)
"""Elements that do not end a block; any other element does."""

APART = ("span", "a", "label", "small", "time")
"""Inline elements that pages set side by side without white space, as menus and bylines do: two
in a row are words apart. A single letter before is a drop cap or an animated word."""

MARKED = ("class", "id", "role", "itemprop", "rel", "data-testid", "data-component", "aria-label")
"""Attributes whose words tell what an element is for."""

_ATTRIBUTES = (*MARKED, "href", "hidden", "style")
_NAMES = (*INLINE, *INVISIBLE)
_BREAK, _SPAN, _LINK, _TIME, _EM, _I = map(_NAMES.index, ("br", "span", "a", "time", "em", "i"))
_IS_APART = np.isin(_NAMES, APART)


class _Sight(NamedTuple):
    """What of a page is seen."""

    kind: I64
    """What each element is, by its name: its place in `_NAMES`, -1 for a block element."""
    attribute: I64
    """The same of each attribute in `_ATTRIBUTES`, -1 for any other."""
    texts: Bools
    """Whether the text behind each tag is seen."""
    tags: Bools
    """Whether each tag is one of an element in sight."""
    what: I64
    """The kind of each tag's element."""
    breaks: Bools
    """Whether each tag is a line break."""


class _Parts(NamedTuple):
    """How a page falls into parts; those in which something is written are its blocks."""

    begins: Bools
    """Whether each tag begins a part."""
    of_tag: I64
    """The part that each tag, and the text behind it, stands in."""
    around: I64
    """The block element that is open behind each tag, -1 for none."""
    block: I64
    """The block that each part is, -1 where nothing is written."""
    first: I64
    """The tag before the first text of each block."""


def split_tags(tags: Tags) -> tuple[list[str], Markup]:
    """Split a page into its visible text blocks.

    Text of inline elements is joined, with a space between two of `APART`; a block element, or two
    line breaks in a row, ends a block. White space is folded.
    """
    sight = _look(tags)
    filled = np.flatnonzero(sight.texts & (tags.text.end > tags.text.start) & ~sight.breaks)
    texts = gather_texts(tags.data, tags.text.pick(filled))
    parts = _find_parts(tags, sight, filled[texts.written])
    elements, number = _find_elements(tags, sight, parts)
    blocks = _describe_blocks(tags, sight, parts, elements, number, filled, texts)
    if not len(parts.first):
        return [], Markup(tags.data, elements, blocks)
    spaces = sight.breaks | _need_space(tags, sight, parts, filled, texts)
    new = begin_runs(np.cumsum(spaces, dtype=np.int64)[filled])
    before = np.where(new, np.uint8(SPACE), np.uint8(0))
    before[np.searchsorted(filled, parts.first[1:])] = BLOCK
    return join_texts(texts, before), Markup(tags.data, elements, blocks)


def _look(tags: Tags) -> _Sight:
    kind = find_names(tags.name_hash, _NAMES)
    attribute = find_names(tags.attribute_hash, _ATTRIBUTES)
    skipped = (kind >= len(INLINE)) | _are_hidden(tags, attribute)
    # What a skipped element holds is out of sight, from its start to its end.
    step = np.zeros(len(tags.element), np.int64)
    step[tags.start_tag[skipped]] = 1
    step[tags.end_tag[skipped]] = -1
    texts = np.cumsum(step) == 0
    what = kind[tags.element]
    seen = texts & ~skipped[tags.element]
    return _Sight(kind, attribute, texts, seen, what, seen & (what == _BREAK) & ~tags.is_end)


def _are_hidden(tags: Tags, attribute: I64) -> Bools:
    """Elements that say that they are hidden. A whole page that says so is not believed: a script
    will show it."""
    hidden = np.zeros(len(tags.start_tag), np.bool_)
    hidden[tags.owner[attribute == _ATTRIBUTES.index("hidden")]] = True
    styled = np.flatnonzero(attribute == _ATTRIBUTES.index("style"))
    styles = read_spans(tags.xml, tags.value.pick(styled))
    none = [b"display:none" in style.replace(b" ", b"").lower() for style in styles]
    hidden[tags.owner[styled[np.array(none, np.bool_)]]] = True
    return hidden & (find_names(tags.name_hash, ("html", "body")) < 0)


def _find_parts(tags: Tags, sight: _Sight, writing: I64) -> _Parts:
    """Split a page, given the tags behind which something is written."""
    of_block = sight.tags & (sight.what < 0)
    begins = of_block | _second_breaks(sight.breaks, of_block, writing)
    of_tag: I64 = np.cumsum(begins)
    first = writing[begin_runs(of_tag[writing])]
    block = np.full(len(of_tag) + 1, -1)
    block[of_tag[first]] = np.arange(len(first))
    return _Parts(begins, of_tag, _around(tags, of_block), block, first)


def _second_breaks(is_break: Bools, of_block: Bools, writing: I64) -> Bools:
    """Every other line break of those with nothing but white space between."""
    found = np.zeros_like(is_break)
    breaks = np.flatnonzero(is_break)
    if len(breaks) > 1:
        run: I64 = np.cumsum(of_block)[breaks] + np.searchsorted(writing, breaks)
        found[breaks[places_in_runs(run) % 2 == 1]] = True
    return found


def _around(tags: Tags, of_block: Bools) -> I64:
    """The block element that is open behind each tag, -1 for none."""
    at = np.flatnonzero(of_block)
    start = ~tags.is_end[at]
    depth = np.cumsum(2 * start - 1)
    # It is the last on its level that was begun.
    place = depth * len(at) + np.arange(len(at))
    known = np.sort(place[start])
    found = at[known % max(len(at), 1)][np.searchsorted(known, place, side="right") - 1]
    open_behind = np.where(depth > 0, tags.element[found], -1)
    return np.append(-1, open_behind)[np.cumsum(of_block)]


def _need_space(tags: Tags, sight: _Sight, parts: _Parts, filled: I64, texts: Texts) -> Bools:
    """Whether a tag begins an element of `APART` straight behind the end of another."""
    apart = sight.tags & _IS_APART[sight.what] & (sight.what >= 0)
    place = np.arange(len(apart))
    # Tags and texts in order: a tag that counts is an even number, a text an odd one.
    last = np.where(sight.tags & tags.is_end | parts.begins, 2 * place, -1)
    last[filled] = 2 * filled + 1
    before = np.append(-1, np.maximum.accumulate(last)[:-1])
    gap = apart & ~tags.is_end & (before >= 0) & (before % 2 == 0)
    gap &= (apart & tags.is_end)[before // 2]
    candidates = np.flatnonzero(gap)
    last_text = np.searchsorted(filled, candidates) - 1
    gap[candidates] = texts.chars[last_text] != 1
    return np.asarray(gap)


def _find_elements(tags: Tags, sight: _Sight, parts: _Parts) -> tuple[Elements, I64]:
    """The elements in sight, and the number that each element has among them."""
    seen = sight.tags[tags.start_tag] & (sight.kind != _BREAK)
    number = np.cumsum(seen) - 1
    is_marked = (sight.attribute >= 0) & (sight.attribute < len(MARKED))
    marked = np.flatnonzero(is_marked & seen[tags.owner] & (tags.value.end > tags.value.start))
    parent = np.append(-1, parts.around)[tags.start_tag[seen]]
    elements = Elements(
        name=tags.name.pick(seen),
        name_hash=tags.name_hash[seen],
        parent=np.where(parent < 0, -1, number[parent]),
        last=np.cumsum(seen[tags.element] & ~tags.is_end)[tags.end_tag[seen]] - 1,
        value=tags.value.pick(marked),
        value_hash=tags.value_hash[marked],
        owner=number[tags.owner[marked]],
    )
    return elements, number


def _describe_blocks(
    tags: Tags,
    sight: _Sight,
    parts: _Parts,
    elements: Elements,
    number: I64,
    filled: I64,
    texts: Texts,
) -> Blocks:
    rows = len(parts.first)
    writing = filled[texts.written]
    block, chars = parts.block[parts.of_tag[writing]], texts.chars[texts.written]
    is_link = sight.tags & (sight.what == _LINK)
    in_link = np.cumsum(is_link * (1 - 2 * tags.is_end.astype(np.int64)))[writing] > 0

    inline = np.flatnonzero(sight.tags & (sight.what >= 0) & ~sight.breaks & ~tags.is_end)
    holder = parts.block[parts.of_tag[inline]]
    inline, holder = inline[holder >= 0], holder[holder >= 0]
    element, what = tags.element[inline], sight.what[inline]
    is_marked = np.zeros(len(number), np.bool_)
    is_marked[elements.owner] = True
    told = (what != _SPAN) | is_marked[number[element]]
    link = what == _LINK
    target = _targets(tags, sight.attribute, element[link])
    numbers = [
        np.bincount(block, chars, rows),
        np.bincount(block, chars * in_link, rows),
        np.bincount(holder[link], minlength=rows),
        np.bincount(holder[link], _name_a_host(tags, target), rows),
        np.bincount(holder[(what == _EM) | (what == _I)], minlength=rows) > 0,
        np.bincount(holder[what == _TIME], minlength=rows) > 0,
    ]
    return Blocks(
        element=number[parts.around[parts.first]],
        numbers=np.stack(numbers, axis=1).astype(np.int64),
        inline=_first_ones(holder[told], number[element[told]], rows, INLINES),
        target_start=_first_ones(holder[link], target.start, rows, TARGETS),
        target_end=_first_ones(holder[link], target.end, rows, TARGETS),
    )


def _targets(tags: Tags, attribute: I64, links: I64) -> Spans:
    """Where the target of each link stands, an empty span where it has none."""
    of_element = np.full(len(tags.start_tag), -1)
    href = np.flatnonzero(attribute == _ATTRIBUTES.index("href"))
    of_element[tags.owner[href]] = href
    # The last entry is for links that have none.
    start, end = np.append(tags.value.start, 0), np.append(tags.value.end, 0)
    return Spans(start[of_element[links]], end[of_element[links]])


def _name_a_host(tags: Tags, target: Spans) -> Bools:
    """Whether `://` stands in each link's target."""
    colon = np.flatnonzero(tags.data == ord(":"))
    colon = colon[(tags.data[colon + 1] == ord("/")) & (tags.data[colon + 2] == ord("/"))]
    return np.searchsorted(colon, target.start) < np.searchsorted(colon, target.end)


def _first_ones(holder: I64, values: I64, rows: int, most: int) -> I64:
    """The first values of each row, shape (rows, most), -1 where it has less; `holder`, the row of
    each value, rises."""
    found = np.full((rows, most), -1)
    begins = np.searchsorted(holder, np.arange(rows))
    place = np.arange(len(holder)) - begins[holder]
    some = place < most
    found[holder[some], place[some]] = values[some]
    return found
