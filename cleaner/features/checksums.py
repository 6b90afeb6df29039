"""CRC-32 of many short strings at once.

A checksum is linear: but for a constant by length, it is the exclusive or of what each byte brings,
which depends on the byte and on how many come after it.
"""

from __future__ import annotations

from functools import cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from cleaner.features.words import I64
from cleaner.pages.spans import U8, Spans

U32 = NDArray[np.uint32]

LONGEST = 64
"""Bytes of a string whose checksum is made so; seldom one is longer."""


@cache
def effects() -> U32:
    """What a byte brings, shape (`LONGEST`, 256), by the number of bytes after it."""
    table = np.zeros((LONGEST, 256), np.uint32)
    table[0] = [crc32(bytes([byte])) ^ crc32(b"\0") for byte in range(256)]
    for n in range(1, LONGEST):
        table[n] = table[0][table[n - 1] & 0xFF] ^ table[n - 1] >> 8
    return table


@cache
def of_zeros() -> U32:
    """The checksum of as many zeros as a string is long: the constant."""
    return np.array([crc32(bytes(n)) for n in range(LONGEST + 1)], dtype=np.uint32)


def linear_part(data: U8, spans: Spans, after: I64 | int) -> U32:
    """What the bytes of each span bring to the checksum of a string, in which `after` others follow
    the span."""
    order = np.argsort((LONGEST - spans.lengths).astype(np.uint8), kind="stable")
    last = spans.end[order] - 1
    row = np.broadcast_to(np.asarray(after) << 8, last.shape)[order]
    found = np.zeros(len(order), np.uint32)
    counts = np.bincount(spans.lengths)
    longer = len(order) - np.cumsum(counts)  # spans with more than 0, 1, … bytes
    table = effects().ravel()
    for place, count in enumerate(longer[:-1].tolist()):
        at = row[:count] + (place << 8)
        at += data[last[:count] - place]
        found[:count] ^= table.take(at)
    result = np.empty_like(found)
    result[order] = found
    return result
