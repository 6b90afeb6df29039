"""Near-duplicates: pages whose clean texts share most of their shingles, as MinHash tells.

A sketch of a page is one byte for each of `HASHES` hash functions: the last of the least hash of
its shingles. Two pages have as large a share of these bytes alike as their shingles have in common,
give or take; 1/256 are alike by chance. Pages are compared whose sketches are alike in a *band*,
bytes that stand together.
"""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray

from cleaner.errors import missing_extra
from cleaner.features.words import WITHOUT_SPACES

SHINGLE = 5
"""Tokens of a shingle: of fewer, pages share more by chance; of more, an edit spoils more."""

HASHES = 128
"""Bytes of a sketch: the share of shingles is told to about 0.04."""

BAND = 4
"""Bytes of a band."""

MISSED = 0.01
"""Share of the pages just as alike as the threshold says that are not compared."""

SEED = 1

THRESHOLD, LEAST = 0.8, 0.6
"""The share of shingles from which a page is a near-duplicate, and the least that can be found: for
less there are too few bands."""

_IDEOGRAPHS = "".join(f"{chr(first)}-{chr(last)}" for first, last in WITHOUT_SPACES)
_TOKEN = re.compile(rf"[{_IDEOGRAPHS}]|[^\W{_IDEOGRAPHS}]+")


def check_near() -> None:
    """Raise `UsageError` where what finds near-duplicates is not installed."""
    try:
        import rensa  # noqa: F401
    except ImportError:
        raise missing_extra("--dedupe near", "rensa", "near") from None


def algorithm() -> str:
    """Return what sketches are made by: those of another version are others."""
    from rensa import RMinHash

    return f"rensa {RMinHash.ALGORITHM_VERSION}"


def make_sketch(text: str) -> bytes:
    """Return the sketch of a text."""
    from rensa import RMinHash

    tokens = _TOKEN.findall(text.casefold()) or [text]
    last = max(1, len(tokens) - SHINGLE + 1)
    made = RMinHash(num_perm=HASHES, seed=SEED)
    made.update([" ".join(tokens[n : n + SHINGLE]) for n in range(last)])
    return np.array(made.digest(), np.uint32).astype(np.uint8).tobytes()


def _bands(threshold: float) -> int:
    """Return how many bands are compared, so that few pages are missed."""
    missed = 1 - threshold**BAND
    wanted = math.ceil(math.log(MISSED) / math.log(missed)) if missed else 1
    return min(wanted, HASHES // BAND)


def _share_alike(threshold: float) -> float:
    """Return the share of bytes that are alike where so large a share of shingles is."""
    return threshold + (1 - threshold) / 256


class Sketches:
    """The sketches of pages, found by those that are as alike as a threshold says.

    Rows of arrays that double: the sketch of a page, what is known of it, and for each band the row
    before of which the band falls into the same slot. `_heads` has the last row of each slot. With
    the default threshold a page takes 9 bands of 4 bytes twice or three times, and 136 bytes.
    """

    def __init__(self, threshold: float) -> None:
        self._least = math.ceil(HASHES * _share_alike(threshold))
        self._bands = np.arange(_bands(threshold))
        self._count = 0
        self._sketches = np.empty((0, HASHES), np.uint8)
        self._places = np.empty(0, np.int64)
        self._make_room(1 << 10)

    def add(self, sketch: bytes, place: int) -> int:
        """Add a sketch with its place among all pages; return its number."""
        if self._count == len(self._sketches):
            self._make_room(2 * self._count)
        number, row = self._count, np.frombuffer(sketch, np.uint8)
        self._sketches[number] = row
        self._places[number] = place
        slots = self._slots(row[None])[0]
        self._before[number] = self._heads[self._bands, slots]
        self._heads[self._bands, slots] = number
        self._count += 1
        return number

    def find(self, sketch: bytes) -> list[tuple[int, float]]:
        """Return the numbers of the pages that are as alike, in order of their places, with the
        share of shingles in common."""
        row = np.frombuffer(sketch, np.uint8)
        bands, rows = self._bands, self._heads[self._bands, self._slots(row[None])[0]]
        found = []
        while (there := rows >= 0).any():
            bands, rows = bands[there], rows[there]
            found.append(rows)
            rows = self._before[rows, bands]
        if not found:
            return []
        candidates = np.unique(np.concatenate(found))
        alike = (self._sketches[candidates] == row).sum(axis=1)
        near = alike >= self._least
        numbers = candidates[near]
        order = np.argsort(self._places[numbers], kind="stable")
        shares = (256 * alike[near] / HASHES - 1) / 255
        return list(zip(numbers[order].tolist(), shares[order].tolist(), strict=True))

    def _slots(self, rows: NDArray[np.uint8]) -> NDArray[np.uint32]:
        """Return for each row the slot of each band."""
        bands = np.ascontiguousarray(rows[:, : BAND * len(self._bands)]).view("<u4")
        return bands & np.uint32(self._heads.shape[1] - 1)

    def _make_room(self, size: int) -> None:
        """Make room for so many pages, a power of 2, and sort those that are there anew."""
        count, bands = self._count, len(self._bands)
        sketches, places = np.empty((size, HASHES), np.uint8), np.empty(size, np.int64)
        sketches[:count], places[:count] = self._sketches[:count], self._places[:count]
        self._sketches, self._places = sketches, places
        self._before = np.empty((size, bands), np.int32)
        self._heads = np.full((bands, size), -1, np.int32)
        slots = self._slots(sketches[:count])
        for band in range(bands):
            order = np.argsort(slots[:, band], kind="stable")
            sorted_slots = slots[order, band]
            is_same = sorted_slots[1:] == sorted_slots[:-1]
            self._before[order, band] = np.where(
                np.append(False, is_same)[:count], np.append(-1, order[:-1])[:count], -1
            )
            self._heads[band, sorted_slots] = order  # the last of each slot stays
