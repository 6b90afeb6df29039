"""Words in class names, ids and the paths of links."""

from __future__ import annotations

import numpy as np

from cleaner.pages.spans import U8, Spans


def find_words(data: U8, spans: Spans) -> tuple[U8, Spans]:
    """All bytes in lower case, and the words in some spans, in order.

    Words are runs of letters, but a capital begins a new one; of several capitals the last does
    where a small letter follows: "newsBox", "HTMLPage".
    """
    bounds = np.stack(spans, axis=1).ravel()
    sizes = np.diff(bounds, prepend=0, append=len(data))
    inside = np.repeat(np.arange(len(sizes)) % 2 == 1, sizes)
    entity = np.flatnonzero(data == ord("&"))
    size = _ENTITY_LETTERS[data[entity + 1]]
    for place in range(1, 5):
        inside[entity[size >= place] + place] = False
    lowered: U8 = data | np.uint8(0x20)
    letter = (lowered - ord("a") < 26) & inside
    small = letter & (data == lowered)
    capital = letter & (data != lowered)
    begins = letter.copy()
    begins[1:] &= ~letter[:-1] | capital[1:] & small[:-1]
    begins[1:-1] |= capital[1:-1] & capital[:-2] & small[2:]
    ends = letter.copy()
    ends[:-1] &= ~letter[1:] | begins[1:]
    return lowered, Spans(np.flatnonzero(begins), np.flatnonzero(ends) + 1)


_ENTITY_LETTERS = np.zeros(256, np.int64)
_ENTITY_LETTERS[[ord(sign) for sign in "alqg"]] = 3, 2, 4, 2
"""Letters of `&amp;`, `&lt;`, `&quot;` and `&gt;`, by the first."""
