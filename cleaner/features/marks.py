"""Hashed marks of blocks: the words in class names and ids around and in a block, and its links.

A word is marked by itself and with its element: of `<p class="l-articleLead_x1">` come `<p>`,
`article`, `p.article`, `lead`, `p.lead` and `l`. Each is hashed with a salt for how far out the
element stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple
from zlib import crc32

import numpy as np

from cleaner.features.checksums import LONGEST, effects, linear_part, of_zeros
from cleaner.features.context import page_of
from cleaner.features.identifiers import find_words
from cleaner.features.links import link_words
from cleaner.features.words import I64
from cleaner.pages.page import Elements, Markup
from cleaner.pages.spans import U8, Bools, Spans, end_to_end, ranges

MARK_BITS = 16
"""Buckets of hashed marks: 2^16 weights for each label."""

LEVELS = ((1, 1), (2, 1), (3, 2), (4, 4))
"""Salts of the words of a block's containers, from the nearest outwards, and to how many containers
each goes: far ones are told apart less. A word counts once for each salt."""

PAGE_MARKS, BLOCK_MARKS = 1 << 14, 1 << 7
"""Marks with one salt of a page, and for each of its blocks, from which only the first ones of each
element count: thousands of words around thousands of blocks would fill the memory. Real pages have
up to 24,000, and where so many, 26,000 would still count."""

INLINE, LINK = 5, 6
"""The salts of inline elements and links."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The hashed marks of all blocks. Blocks share most of them, so they come in groups: the marks
    of some elements or of a link."""

    buckets: I64
    """Those of all groups, end to end."""
    offset: I64
    """Where each group's marks begin, groups + 1 entries."""
    group: I64
    """The groups of all blocks, end to end."""
    group_offset: I64
    """Where each block's groups begin, blocks + 1 entries."""

    @property
    def counts(self) -> I64:
        """Marks of each block."""
        sizes = np.append(0, np.cumsum(np.diff(self.offset)[self.group]))
        return np.diff(sizes[self.group_offset])


class _Kind(NamedTuple):
    """The groups of marks of one kind, and the blocks that have them."""

    row: I64
    """A block that has a group of this kind."""
    group: I64
    """The group that it has."""
    owner: I64
    """The group that each mark belongs to; rises."""
    buckets: I64
    """The marks."""
    groups: int
    """How many groups there are."""


def block_marks(joined: Markup, offset: I64) -> Marks:
    """The marks of all blocks of joined pages: of containers, inline elements and links. `offset`
    (pages + 1 entries) says where each page's blocks begin."""
    words, begins = _element_words(joined.source, joined.elements)
    up = np.append(joined.elements.parent, -1)
    page = page_of(offset)

    def of_elements(row: I64, first: I64, reach: int, salt: int) -> _Kind:
        """Groups of `reach` elements, the first one and those around it."""
        elements, group = np.unique(first, return_inverse=True)
        chain = [elements]
        for _ in range(reach - 1):
            chain.append(up[chain[-1]])
        element = np.stack(chain, axis=1)
        count = np.where(element < 0, 0, begins[element + 1] - begins[element])
        its_page = np.empty_like(elements)
        its_page[group] = page[row]
        count = _bounded(count, its_page, offset).ravel()
        at = ranges(begins[element.ravel()], count)
        owner = np.repeat(np.arange(element.size) // reach, count)
        buckets = _bucket(words[at], salt)
        kept = first_of_each(owner << MARK_BITS | buckets)
        return _Kind(row, group, owner[kept], buckets[kept], len(elements))

    row, place = np.nonzero(joined.blocks.inline >= 0)
    kinds = [of_elements(row, joined.blocks.inline[row, place], 1, INLINE)]
    first = joined.blocks.element
    for salt, reach in LEVELS:
        row = np.flatnonzero(first >= 0)
        kinds.append(of_elements(row, first[row], reach, salt))
        for _ in range(reach):
            first = up[first]
    kinds.append(_of_links(joined))
    return _join(kinds, len(page))


def _bounded(count: I64, page: I64, offset: I64) -> I64:
    """How many marks of each element count, shape (groups, reach), given how many there are and the
    page of each group: of a page with too many only the first ones of each element."""
    blocks = np.diff(offset)
    most = PAGE_MARKS + BLOCK_MARKS * blocks
    too_many = np.bincount(page, count.sum(axis=1), len(blocks)) > most
    if not too_many.any():
        return count
    elements = np.bincount(page, minlength=len(blocks)) * count.shape[1]
    share = np.maximum(most // np.maximum(elements, 1), 1)
    return np.where(too_many[page][:, None], np.minimum(count, share[page][:, None]), count)


def _of_links(page: Markup) -> _Kind:
    start, end = page.blocks.target_start, page.blocks.target_end
    row, place = np.nonzero(start >= 0)
    found = link_words(page.source, Spans(start[row, place], end[row, place]))
    owner, place = np.nonzero(found >= 0)
    return _Kind(row, np.arange(len(row)), owner, _bucket(found[owner, place], LINK), len(row))


def _join(kinds: list[_Kind], blocks: int) -> Marks:
    row = np.concatenate([kind.row for kind in kinds])
    before = np.cumsum([0, *(kind.groups for kind in kinds)])
    shifted = list(zip(kinds, before, strict=False))
    group = np.concatenate([kind.group + n for kind, n in shifted])
    owner = np.concatenate([kind.owner + n for kind, n in shifted])
    return Marks(
        buckets=np.concatenate([kind.buckets for kind in kinds]),
        offset=np.searchsorted(owner, np.arange(before[-1] + 1)),
        group=group[np.argsort(row, kind="stable")],
        group_offset=np.append(0, np.cumsum(np.bincount(row, minlength=blocks))),
    )


def _bucket(checksums: I64, salt: int) -> I64:
    """The bucket of words with a salt, by their checksums."""
    return (checksums ^ salt * 0x9E3779B1) * 0x85EBCA6B >> 9 & (1 << MARK_BITS) - 1


def first_of_each(keys: I64) -> Bools:
    """Mark one of each distinct key.

    Each is put in the slot of a table that its hash says; what another key has taken its place from
    goes on to the next turn. Three times as fast as sorting.
    """
    keys = keys.astype(np.uint64)
    bits = max(8, len(keys).bit_length() + 1)
    table = np.empty(1 << bits, np.int32)
    kept = np.zeros(len(keys), np.bool_)
    left = np.arange(len(keys), dtype=np.int32)
    factor = 0x9E3779B97F4A7C15
    while len(left):
        mine = keys[left]
        slot = mine * np.uint64(factor) >> np.uint64(64 - bits)
        table[slot] = left
        taken = table[slot]
        kept[taken] = True
        left = left[keys[taken] != mine]
        factor = factor * 0xBF58476D1CE4E5B9 % (1 << 64)
    return kept


def _element_words(data: U8, elements: Elements) -> tuple[I64, I64]:
    """The checksums of each element's marks, and where those of each element begin."""
    text, spans = end_to_end(data, elements.value)
    lowered, words = find_words(text, spans)
    per_value = np.diff(np.searchsorted(words.start, spans.end), prepend=0)
    owner = np.repeat(elements.owner, per_value)
    alone, named = _checksums(lowered, words, data, elements.name.pick(owner))
    several = words.lengths > 1
    count = len(elements.parent)
    owners = np.concatenate([np.arange(count), owner, owner[several]])
    checksums = [_tag_checksums(data, elements.name), alone, named[several]]
    order = np.argsort(owners, kind="stable")
    offset = np.append(0, np.cumsum(np.bincount(owners, minlength=count)))
    return np.concatenate(checksums)[order], offset


def _checksums(lowered: U8, words: Spans, data: U8, name: Spans) -> tuple[I64, I64]:
    """The checksums of words by themselves, and with a name and a dot before."""
    size, name_size = words.lengths, name.lengths
    long = size + name_size >= LONGEST
    if long.any():
        name_size, size = np.where(long, 0, name_size), np.where(long, 0, size)
    own = linear_part(lowered, Spans(words.end - size, words.end), 0)
    before = linear_part(data, Spans(name.end - name_size, name.end), size + 1)
    before ^= effects()[size, ord(".")]
    alone = (own ^ of_zeros()[size]).astype(np.int64)
    named = (own ^ before ^ of_zeros()[size + 1 + name_size]).astype(np.int64)
    for i in np.flatnonzero(long).tolist():
        word = lowered[words.start[i] : words.end[i]].tobytes()
        alone[i] = crc32(word)
        named[i] = crc32(data[name.start[i] : name.end[i]].tobytes() + b"." + word)
    return alone, named


def _tag_checksums(data: U8, names: Spans) -> I64:
    """The checksums of names in brackets: `<p>`."""
    long = names.lengths > LONGEST - 2
    size = np.where(long, 0, names.lengths)
    found = linear_part(data, Spans(names.end - size, names.end), 1)
    found ^= effects()[size + 1, ord("<")] ^ effects()[0, ord(">")] ^ of_zeros()[size + 2]
    for i in np.flatnonzero(long).tolist():
        found[i] = crc32(b"<" + data[names.start[i] : names.end[i]].tobytes() + b">")
    return found.astype(np.int64)
