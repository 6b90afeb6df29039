"""Which pages came out before: what duplicates are found by.

A page is compared with all that came out, of whatever shard; of those that it is a duplicate of,
the first in order counts. So a shard comes out the same when it is made again, whatever was done
since.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from cleaner.runs.lists import Id
from cleaner.runs.near import HASHES, Sketches
from cleaner.runs.shards import Piece, Source
from cleaner.runs.state import State

Dedupe = Literal["exact", "near"]
"""Which pages are dropped: those with a clean text that was there before, or with nearly one."""

PAGES = 40
"""Binary logarithm of the most pages of a source."""


class First(NamedTuple):
    """A page that came out, and that another one is a duplicate of."""

    digest: bytes
    id: Id
    similarity: float | None = None
    """The share of shingles in common, where the texts are not the same."""


class Seen:
    """The pages that came out; near-duplicates are found where there is a `threshold`.

    In memory a page takes some 200 bytes, with an id of 20; its sketch 350 more.
    """

    def __init__(self, threshold: float | None) -> None:
        self._ids: dict[bytes, Id] = {}
        self._sketches = None if threshold is None else Sketches(threshold)
        self._digests: list[bytes | None] = []
        """Of the pages with sketches, by their numbers there; None for those to be forgotten."""

    def find(self, digest: bytes, sketch: bytes) -> First | None:
        """Return the first page that one is a duplicate of, None where there is none."""
        if (id := self._ids.get(digest)) is not None:
            return First(digest, id)
        if self._sketches:
            for number, similarity in self._sketches.find(sketch):
                if first := self._digests[number]:
                    return First(first, self._ids[first], similarity)
        return None

    def add(self, digest: bytes, sketch: bytes, id: Id, place: int) -> None:
        """Keep a page in mind, and its place among all pages."""
        self._ids[digest] = id
        if self._sketches:
            self._sketches.add(sketch, place)
            self._digests.append(digest)

    def add_shard(self, piece: Piece, state: State) -> None:
        """Keep the pages of a shard in mind."""
        for n, (digest, id) in enumerate(state.firsts.items()):
            sketch = state.sketches[n * HASHES : (n + 1) * HASHES]
            self.add(digest, sketch, id, place_of(piece.source, piece.first + n))

    def forget_shard(self, state: State) -> None:
        """Forget the pages of a shard."""
        for digest in state.firsts:
            self._ids.pop(digest, None)
        self._digests = [None if digest in state.firsts else digest for digest in self._digests]

    def lacks(self, pages: Mapping[bytes, Id]) -> bool:
        """Say whether one of some pages, by their digests, came out no more, or under another
        name."""
        return any(self._ids.get(digest) != id for digest, id in pages.items())


def place_of(source: Source, number: int) -> int:
    """Return the place among all pages of one that has this number in its source, or a number in
    the same order."""
    return (source.place << PAGES) + number
