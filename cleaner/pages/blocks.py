"""The visible text blocks of a page, from its tags."""

from __future__ import annotations

import re

import numpy as np

from cleaner.pages.page import INLINES, TARGETS, Blocks, Elements, Markup
from cleaner.pages.spans import I64, U8, Bools, Spans, begin_runs, find_names, read_spans
from cleaner.pages.tags import Tags

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

_END = 1
"""A byte that XML can't hold, set between blocks; those of 0 are taken out."""

_SPACES = re.compile("|".join(c for c in map(chr, range(128, 0x3001)) if c.isspace()).encode())
"""White space beyond ASCII, in UTF-8."""


def split_tags(tags: Tags) -> tuple[list[str], Markup]:
    """Split a page into its visible text blocks.

    Text of inline elements is joined, with a space between two of `APART`; a block element, or two
    line breaks in a row, ends a block. White space is folded.
    """
    element, is_end, text = tags.element, tags.is_end, tags.text
    kind = find_names(tags.name_hash, _NAMES)
    attribute = find_names(tags.attribute_hash, _ATTRIBUTES)
    skipped = (kind >= len(INLINE)) | _hidden(tags, attribute)
    kind_here = kind[element]

    # What a skipped element holds is out of sight, from its start to its end.
    step = np.zeros(len(element), np.int64)
    step[tags.start_tag[skipped]] = 1
    step[tags.end_tag[skipped]] = -1
    in_sight = np.cumsum(step) == 0
    visible = in_sight & ~skipped[element]
    is_break = visible & (kind_here == _BREAK) & ~is_end
    of_block = visible & (kind_here < 0)

    filled = in_sight & (text.end > text.start) & ~is_break
    written = filled.copy()
    written[filled] = _are_written(tags, text.pick(filled))

    ends_part = of_block | _second_breaks(is_break, of_block, written)
    part = np.cumsum(ends_part)
    around = _around(element, is_end, of_block)

    # A part of the page in which something is written is a block.
    writing = np.flatnonzero(written)
    begins = begin_runs(part[writing])
    block = np.cumsum(begins) - 1
    first = writing[begins]
    block_of_part = np.full(len(element) + 1, -1)
    block_of_part[part[first]] = np.arange(len(first))

    gap = _needs_space(visible, kind_here, is_end, ends_part, filled, tags)
    sign = {
        ord("\n"): np.flatnonzero(is_break),
        ord(" "): np.flatnonzero(gap),
        _END: np.flatnonzero(ends_part)[part[first[1:]] - 1],
    }
    texts = _texts(tags, filled, sign, len(first))

    # Elements in sight, counted anew.
    seen = visible[tags.start_tag] & (kind != _BREAK)
    number = np.cumsum(seen) - 1
    marked = np.flatnonzero(
        (attribute >= 0) & (attribute < len(MARKED)) & seen[tags.owner] & (tags.value.lengths > 0)
    )
    elements = Elements(
        name=tags.name.pick(seen),
        name_hash=tags.name_hash[seen],
        parent=_renumbered(np.append(-1, around)[tags.start_tag[seen]], number),
        last=np.cumsum(seen[element] & ~is_end)[tags.end_tag[seen]] - 1,
        value=tags.value.pick(marked),
        value_hash=tags.value_hash[marked],
        owner=number[tags.owner[marked]],
    )

    in_link = np.cumsum((visible & (kind_here == _LINK)) * (1 - 2 * is_end.astype(np.int64)))
    chars = _characters(tags.data, text.pick(writing))
    rows = len(first)

    # Inline elements of the blocks.
    inline = np.flatnonzero(visible & (kind_here >= 0) & ~is_break & ~is_end)
    inline = inline[block_of_part[part[inline]] >= 0]
    holder, what = block_of_part[part[inline]], kind_here[inline]
    has_marks = np.zeros(len(number), np.bool_)
    has_marks[tags.owner[marked]] = True
    told = (what != _SPAN) | has_marks[element[inline]]
    link = what == _LINK
    target = _targets(tags, attribute, element[inline[link]])
    host = np.flatnonzero(
        (tags.data[:-2] == ord(":")) & (tags.data[1:-1] == ord("/")) & (tags.data[2:] == ord("/"))
    )
    away = np.searchsorted(host, target.start) < np.searchsorted(host, target.end)

    blocks = Blocks(
        element=number[around[first]],
        numbers=np.stack(
            [
                np.bincount(block, chars, rows),
                np.bincount(block, chars * (in_link[writing] > 0), rows),
                np.bincount(holder[link], minlength=rows),
                np.bincount(holder[link][away], minlength=rows),
                np.bincount(holder[(what == _EM) | (what == _I)], minlength=rows) > 0,
                np.bincount(holder[what == _TIME], minlength=rows) > 0,
            ],
            axis=1,
        ).astype(np.int64),
        inline=_first_ones(holder[told], number[element[inline[told]]], rows, INLINES),
        target_start=_first_ones(holder[link], target.start, rows, TARGETS),
        target_end=_first_ones(holder[link], target.end, rows, TARGETS),
    )
    return texts, Markup(tags.data, elements, blocks)


def _hidden(tags: Tags, attribute: I64) -> Bools:
    """Elements that say that they are hidden."""
    hidden = np.zeros(len(tags.start_tag), np.bool_)
    hidden[tags.owner[attribute == _ATTRIBUTES.index("hidden")]] = True
    styled = np.flatnonzero(attribute == _ATTRIBUTES.index("style"))
    styles = read_spans(tags.xml, tags.value.pick(styled))
    none = [b"display:none" in style.replace(b" ", b"").lower() for style in styles]
    hidden[tags.owner[styled[np.array(none, np.bool_)]]] = True
    return hidden


def _are_written(tags: Tags, text: Spans) -> Bools:
    """Whether something else than white space stands in each of some texts, none of them empty."""
    if not len(text.start):
        return np.zeros(0, np.bool_)
    highest = np.maximum.reduceat(tags.data, np.stack(text, axis=1).ravel())[::2]
    written = highest > ord(" ")
    beyond = np.flatnonzero(highest >= 128)
    written[beyond] = [not t.decode().isspace() for t in read_spans(tags.xml, text.pick(beyond))]
    return written


def _second_breaks(is_break: Bools, of_block: Bools, written: Bools) -> Bools:
    """Every other line break of those with nothing but white space between."""
    found = np.zeros_like(is_break)
    breaks = np.flatnonzero(is_break)
    if len(breaks) > 1:
        run: I64 = (np.cumsum(of_block) + np.cumsum(written) - written)[breaks]
        begins = np.flatnonzero(begin_runs(run))
        place = np.arange(len(breaks)) - np.repeat(begins, np.diff(np.append(begins, len(breaks))))
        found[breaks[place % 2 == 1]] = True
    return found


def _around(element: I64, is_end: Bools, of_block: Bools) -> I64:
    """The innermost block element that is open behind each tag, -1 for none."""
    at = np.flatnonzero(of_block)
    start = ~is_end[at]
    depth = np.cumsum(2 * start - 1)
    # It is the last on its level that was begun.
    place = depth * len(at) + np.arange(len(at))
    known = np.sort(place[start])
    found = at[known % len(at)][np.searchsorted(known, place, side="right") - 1]
    return np.append(-1, np.where(depth > 0, element[found], -1))[np.cumsum(of_block)]


def _needs_space(
    visible: Bools, kind: I64, is_end: Bools, ends_part: Bools, filled: Bools, tags: Tags
) -> Bools:
    """Whether a tag begins an element of `APART` straight behind the end of another."""
    apart = visible & _IS_APART[kind] & (kind >= 0)
    place = np.arange(len(kind))
    # Tags and texts in order: a tag that counts is an even number, a text an odd one.
    last = np.where(visible & is_end | ends_part, 2 * place, -1)
    last = np.maximum.accumulate(np.where(filled, 2 * place + 1, last))
    before = np.append(-1, last[:-1])
    gap = apart & ~is_end & (before >= 0) & (before % 2 == 0)
    gap &= (apart & is_end)[before // 2]
    candidates = np.flatnonzero(gap)
    last_text = np.maximum.accumulate(np.where(filled, place, -1))[candidates - 1]
    gap[candidates] = _characters(tags.data, tags.text.pick(last_text)) != 1
    return np.asarray(gap)


def _characters(data: U8, text: Spans) -> I64:
    """Characters of each text: neither bytes that go on with one, nor an entity's, but one."""
    chars = text.lengths
    goes_on = np.flatnonzero((data & 0xC0) == 0x80)
    if len(goes_on):
        chars = chars - np.searchsorted(goes_on, text.end) + np.searchsorted(goes_on, text.start)
    entity = np.flatnonzero(data == ord("&"))
    if len(entity):
        more = np.append(0, np.cumsum(np.where(data[entity + 1] == ord("a"), 4, 3)))
        chars = chars - more[np.searchsorted(entity, text.end)]
        chars += more[np.searchsorted(entity, text.start)]
    return chars


def _texts(tags: Tags, filled: Bools, signs: dict[int, I64], blocks: int) -> list[str]:
    """The text of each block; `signs` are bytes to set at tags."""
    if not blocks:
        return []
    bounds = np.stack(tags.text.pick(filled), axis=1).ravel()
    lengths = np.diff(bounds, prepend=0, append=len(tags.data))
    kept = tags.data * np.repeat(np.arange(len(lengths), dtype=np.uint8) & 1, lengths)
    for sign, at in signs.items():
        kept[tags.place[at]] = sign
    text = _folded(kept.tobytes().translate(None, b"\0")).decode()
    if "&" in text:
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return text.split(chr(_END))


def _folded(text: bytes) -> bytes:
    """Blocks without white space at their ends, and with one space for any between words."""
    if not text.isascii():
        text = _SPACES.sub(b" ", text)
    signs = np.frombuffer(text, np.uint8)
    gap = signs <= ord(" ")
    space = gap & (signs != _END)
    # Of spaces in a row the last one stays, but at the end of a block.
    folded = np.where(space, ord(" "), signs).astype(np.uint8)
    folded[:-1][space[:-1] & gap[1:]] = 0
    text = folded.tobytes().translate(None, b"\0").strip(b" ")
    return text.replace(b"\1 ", b"\1")


def _targets(tags: Tags, attribute: I64, links: I64) -> Spans:
    """Where the target of each link stands, an empty span where it has none."""
    of_element = np.full(len(tags.start_tag), -1)
    href = np.flatnonzero(attribute == _ATTRIBUTES.index("href"))
    of_element[tags.owner[href]] = href
    found = of_element[links]
    if not len(href):
        return Spans(np.zeros(len(links), np.int64), np.zeros(len(links), np.int64))
    start = np.where(found < 0, 0, tags.value.start[found])
    return Spans(start, np.where(found < 0, 0, tags.value.end[found]))


def _first_ones(holder: I64, values: I64, rows: int, most: int) -> I64:
    """The first values of each row, shape (rows, most), -1 where it has less; `holder`, the row of
    each value, rises."""
    found = np.full((rows, most), -1)
    begins = np.searchsorted(holder, np.arange(rows))
    place = np.arange(len(holder)) - begins[holder]
    some = place < most
    found[holder[some], place[some]] = values[some]
    return found


def _renumbered(elements: I64, number: I64) -> I64:
    return np.where(elements < 0, -1, number[elements])
