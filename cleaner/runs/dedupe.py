"""Which pages came out before: what duplicates are found by.

A page is compared with all that came out, of whatever shard; of those that it is a duplicate of,
the first in order counts. So a shard comes out the same when it is made again, whatever was done
since.
"""

from __future__ import annotations

from collections.abc import Mapping

from cleaner.runs.lists import Id
from cleaner.runs.state import State


class Seen:
    """The pages that came out.

    In memory a page takes some 200 bytes, with an id of 20.
    """

    def __init__(self) -> None:
        self._ids: dict[bytes, Id] = {}

    def find(self, digest: bytes) -> Id | None:
        """Return what the page with a clean text is called, None where there is none."""
        return self._ids.get(digest)

    def add(self, digest: bytes, id: Id) -> None:
        """Keep a page in mind."""
        self._ids[digest] = id

    def add_shard(self, state: State) -> None:
        """Keep the pages of a shard in mind."""
        self._ids.update(state.firsts)

    def forget_shard(self, state: State) -> None:
        """Forget the pages of a shard."""
        for digest in state.firsts:
            self._ids.pop(digest, None)

    def lacks(self, pages: Mapping[bytes, Id]) -> bool:
        """Say whether one of some pages, by their digests, came out no more, or under another
        name."""
        return any(self._ids.get(digest) != id for digest, id in pages.items())
