"""A page's tags as arrays, read from the page as well-formed XML.

lxml writes every page as XML in a form that can be read by its signs alone: `<` and `>` stand in no
text and no value of an attribute but as entities, nor `"` in a value; an attribute is
` name="value"`, and each start tag has its end tag or ends with `/>`. So tags are found by
comparing all bytes at once, with no loop over elements.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from lxml import etree
from lxml.html import HtmlElement

from cleaner.pages.spans import I64, U8, U64, Bools, Spans, begin_runs, hash_spans

_ODD_NAME = frozenset('"<={')
"""Signs that broken HTML may bring into the name of an attribute; one that begins with `{` lxml
takes for one with a namespace."""


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags of a page in order; one that ends with `/>` is two, a start and an end."""

    xml: bytes
    data: U8
    """The same as an array."""
    is_end: Bools
    element: I64
    """The element that each starts or ends; elements are counted by their starts."""
    text: Spans
    """What stands between each tag and the next."""
    start_tag: I64
    end_tag: I64
    """The tags where each element starts and ends."""
    name: Spans
    """The name of each element."""
    name_hash: U64
    owner: I64
    """The element of each attribute, in order."""
    attribute_hash: U64
    """Hash of each attribute's name."""
    value: Spans
    """The value of each attribute."""
    value_hash: U64


def read_tags(tree: HtmlElement) -> Tags:
    """Read the tags of a parsed page, which stands in an element `html` of its own."""
    tags = read_xml(write_xml(tree))
    if tags is None:  # names that hold signs: nothing is lost with them
        for element in tree.iter(etree.Element):
            kept = {n: v for n, v in element.attrib.items() if _ODD_NAME.isdisjoint(n)}
            if len(kept) < len(element.attrib):
                element.attrib.clear()
                element.attrib.update(kept)
        tags = read_xml(write_xml(tree))
    assert tags is not None
    return tags


def write_xml(tree: HtmlElement) -> bytes:
    """Write a parsed page as XML."""
    tree.getroottree().docinfo.clear()  # with XHTML's doctype names would be written as ids, too
    xml: bytes = etree.tostring(tree, encoding="utf-8", with_tail=False)
    xml = xml.replace(b"&#13;", b"\r")  # counts as one character
    return b"<html>" + xml + b"</html>"


def read_xml(xml: bytes) -> Tags | None:
    """Read the tags of a page as `write_xml` writes it, None where names of attributes hold
    signs."""
    data = np.frombuffer(xml, np.uint8)
    sign = np.flatnonzero((data == ord("<")) | (data == ord(">")) | (data == ord('"')))
    what = data[sign]
    opens, closes = what == ord("<"), what == ord(">")
    # A second `<` before a `>` belongs to a name.
    angles = np.flatnonzero(opens | closes)
    of_name = opens[angles[1:]] & opens[angles[:-1]]
    if of_name.any():
        opens[angles[1:][of_name]] = False
    first, last = sign[opens], sign[closes]
    ends = data[first + 1] == ord("/")
    empty = (data[last - 1] == ord("/")) & ~ends

    tag = np.repeat(np.arange(len(first)), 1 + empty)
    second = np.flatnonzero(empty) + np.cumsum(empty)[empty]  # the ends of empty elements
    is_end = ends[tag]
    is_end[second] = True
    text = Spans(last[tag] + 1, np.append(first[1:], len(data))[tag])
    text.end[second - 1] = text.start[second - 1]

    start_tag = np.flatnonzero(~is_end)
    level = np.cumsum(1 - 2 * is_end.astype(np.int32)) + is_end
    if len(level) and level.max() < 1 << 15:
        level = level.astype(np.int16)  # sorted in one pass
    # On each level starts and ends take turns.
    pairs = np.argsort(level, kind="stable").reshape(-1, 2)
    element = np.empty(len(is_end), np.int64)
    element[start_tag] = np.arange(len(start_tag))
    element[pairs[:, 1]] = element[pairs[:, 0]]
    end_tag = np.empty_like(start_tag)
    end_tag[element[pairs[:, 0]]] = pairs[:, 1]

    own = np.flatnonzero(~ends)
    space = np.append(np.flatnonzero(data == ord(" ")), len(data))
    name_end = np.minimum(space[np.searchsorted(space, first[own])], (last - empty)[own])
    name = Spans(first[own] + 1, name_end)

    # Quotes between the brackets of a start tag, behind its name.
    opened = np.cumsum(opens)
    quote = np.flatnonzero((what == ord('"')) & (opened > np.cumsum(closes)))
    within, quote = opened[quote] - 1, sign[quote]
    owner = (np.cumsum(~ends) - 1)[within]
    behind = (quote > name_end[owner]) & ~ends[within]
    owner, quote = owner[behind][::2], quote[behind]
    value = Spans(quote[::2] + 1, quote[1::2])
    if len(quote) % 2 or not _are_values(data, value):
        return None
    begins = begin_runs(owner)
    name_start = np.append(0, value.end[:-1] + 2)[: len(owner)]
    name_start[begins] = name_end[owner[begins]] + 1
    attribute = Spans(name_start, value.start - 2)
    spans = Spans(*map(np.concatenate, zip(name, attribute, value, strict=True)))
    hashes = np.split(hash_spans(data, spans), [len(own), len(own) + len(owner)])
    return Tags(
        xml=xml,
        data=data,
        is_end=is_end,
        element=element,
        text=text,
        start_tag=start_tag,
        end_tag=end_tag,
        name=name,
        name_hash=hashes[0],
        owner=owner,
        attribute_hash=hashes[1],
        value=value,
        value_hash=hashes[2],
    )


def _are_values(data: U8, value: Spans) -> bool:
    """Whether each span stands as a value does: behind `="`, and before `"` and the next thing."""
    after = data[value.end + 1]
    follows = (after == ord(" ")) | (after == ord("/")) | (after == ord(">"))
    return bool((follows & (data[value.start - 2] == ord("="))).all())
