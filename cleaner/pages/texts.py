"""The texts between tags: what is written in them, and how they join to blocks."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from cleaner.pages.spans import I64, U8, Bools, Spans, end_to_end, read_spans

BLOCK, SPACE = 1, ord(" ")
"""What may stand before a text: the sign of a new block, which XML can't hold, or a space."""

_SPACES = re.compile("|".join(c for c in map(chr, range(128, 0x3001)) if c.isspace()).encode())
"""White space beyond ASCII, in UTF-8."""


class Texts(NamedTuple):
    """Some texts, end to end, a byte before each."""

    data: U8
    """The bytes; those before the texts are 0."""
    start: I64
    """The byte before each text."""
    chars: I64
    """Characters of each text, white space and all."""
    written: Bools
    """Whether something else than white space stands in each."""


def gather_texts(data: U8, spans: Spans) -> Texts:
    """Set texts end to end. None of them is empty, nor the first thing in `data`."""
    joined, places = end_to_end(data, Spans(spans.start - 1, spans.end - 1))
    start = places.start
    joined[start] = 0
    if not len(start):
        return Texts(joined, start, start, np.zeros(0, np.bool_))
    joined = joined[: places.end[-1] + 1]
    chars = spans.lengths
    highest = np.maximum.reduceat(joined, start)
    written = highest > ord(" ")
    beyond = np.flatnonzero(highest >= 128)
    if len(beyond):
        texts = read_spans(joined.tobytes(), Spans(start + 1, places.end + 1).pick(beyond))
        written[beyond] = [not text.decode().isspace() for text in texts]
        chars = chars - np.add.reduceat((joined & 0xC0) == 0x80, start, dtype=np.int64)
    entity = np.flatnonzero(joined == ord("&"))
    if len(entity):  # &amp; &lt; &gt; are one character each
        more = np.append(0, np.cumsum(np.where(joined[entity + 1] == ord("a"), 4, 3)))
        bounds = more[np.searchsorted(entity, np.append(start, len(joined)))]
        chars = chars - np.diff(bounds)
    return Texts(joined, start, chars, written)


def join_texts(texts: Texts, before: U8) -> list[str]:
    """The blocks that texts make, white space folded; `before` has the sign before each text, 0 for
    none."""
    texts.data[texts.start] = before
    joined = _folded(texts.data.tobytes().translate(None, b"\0")).decode()
    if "&" in joined:
        joined = joined.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return joined.split(chr(BLOCK))


def _folded(text: bytes) -> bytes:
    """Blocks without white space at their ends, and with one space for any between words."""
    if not text.isascii():
        text = _SPACES.sub(b" ", text)
    signs = np.frombuffer(text, np.uint8)
    gap = signs <= SPACE
    space = gap & (signs != BLOCK)
    # Of spaces in a row the last one stays, but at the end of a block.
    folded = np.where(space, np.uint8(SPACE), signs)
    folded[:-1][space[:-1] & gap[1:]] = 0
    text = folded.tobytes().translate(None, b"\0").strip(b" ")
    return text.replace(b"\1 ", b"\1")
