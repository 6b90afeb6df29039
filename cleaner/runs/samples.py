"""A sample of a run's pages to look at: those most in doubt, and some that are drawn by lot.

It is the same however often the run was stopped: what is drawn depends on where a page is alone. A
page is kept as it came in, packed, and labelled again to be looked at.
"""

from __future__ import annotations

import gzip
import heapq
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from cleaner.cleaner import Cleaner
from cleaner.document import Document
from cleaner.formats import Record
from cleaner.pages import Page, decode_page
from cleaner.pages.charset import mend
from cleaner.review.choose import Candidate, suggest

IN_DOUBT, BY_LOT = 10, 10
"""Pages to look at: enough to see whether to trust a run, few enough to be looked at."""

SAMPLED = IN_DOUBT + BY_LOT

MAX_SAMPLED = 1_000_000
"""Characters or bytes of a page that is looked at, at most: larger ones are no news pages, and all
that a shard knows is held in memory."""

FIELDS = ("title", "language")
"""Of a record, what a review takes along where it is a text."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A page to look at."""

    rank: str
    """A hash of where the page is: the lowest are drawn, whatever the order of the work."""
    doubt: float
    where: str
    content: Record | dict[str, Any]
    """The page as it came in, or packed as JSON has it."""

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        content = self.content if isinstance(self.content, dict) else _pack(self.content)
        about = {"rank": self.rank, "doubt": self.doubt, "where": mend(self.where)}
        return {**about, "content": content}


def may_be_sampled(record: Record) -> bool:
    """Say whether a page may be looked at."""
    return isinstance(record.page, Page) and len(record.page.source) <= MAX_SAMPLED


def rank_of(source: str, number: int) -> str:
    """Return the rank of a page, given its input and its number there."""
    return blake2b(f"{source}:{number}".encode(errors="surrogatepass"), digest_size=8).hexdigest()


def choose_samples(samples: Iterable[Sample]) -> list[Sample]:
    """Return the pages out of these that are looked at: those most in doubt, then the others.

    To choose out of what was chosen of parts gives the same as to choose out of all.
    """
    doubtful = sorted(samples, key=lambda sample: (-sample.doubt, sample.rank))
    others = heapq.nsmallest(BY_LOT, doubtful[IN_DOUBT:], key=lambda sample: sample.rank)
    return doubtful[:IN_DOUBT] + others


def label_samples(samples: Iterable[Sample], cleaner: Cleaner) -> list[Candidate]:
    """Label pages of the sample again; one that fails now is left out."""
    packed = [sample.as_json() for sample in samples]
    pages = [_unpack(sample["content"]) for sample in packed]
    return [
        Candidate(page, sample["content"]["fields"], sample["where"], suggest(document))
        for sample, page, document in zip(packed, pages, cleaner.label_each(pages), strict=True)
        if isinstance(document, Document)
    ]


def _pack(record: Record) -> dict[str, Any]:
    page = record.page
    assert isinstance(page, Page)  # `may_be_sampled`
    kind, source = decode_page(page)
    fields = {name: record.fields.get(name) for name in FIELDS}
    return {
        "kind": kind,
        "source": b64encode(gzip.compress(mend(source).encode(), mtime=0)).decode(),
        "url": page.url and mend(page.url),
        "fields": {name: mend(text) for name, text in fields.items() if isinstance(text, str)},
    }


def _unpack(content: dict[str, Any]) -> Page:
    source = gzip.decompress(b64decode(content["source"])).decode()
    return Page(source, content["kind"], content["url"])
