"""What became of the pages of a run, and a sample of them."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from hashlib import blake2b
from typing import Any

from cleaner.document import Document
from cleaner.labels import LABELS
from cleaner.pages.charset import mend

SAMPLED = 20
"""Pages to look at: enough to see whether to trust a run, few enough to be looked at."""

SHOWN_PARAGRAPHS, SHOWN_CHARS = 150, 400
"""How much of a page, and of a paragraph, the sample shows."""

TENTHS = 10

DIGEST = 16
"""Bytes of a digest of a clean text."""

LITTLE, MUCH = 0.05, 250
"""The share of a page's words below which its clean text is suspiciously little, and the words from
which on a page has so many that it says something: a short story with its headline."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a worker makes of a page."""

    text: str
    """The clean text."""
    words: int
    """Of the clean text, as white space parts them."""
    page_words: int
    """Of the page where the clean text has suspiciously few of them, else 0."""
    chars: list[int]
    """Characters of the paragraphs of each label."""
    digest: bytes
    """Tells the clean text from any other."""
    paragraphs: list[tuple[str, str]]
    """The paragraphs to show, each its label and the beginning of its text."""


def make_outcome(document: Document, keep: Iterable[str]) -> Outcome:
    """Return what is wanted of a document."""
    text = document.text(keep)
    chars = dict.fromkeys(LABELS, 0)
    for paragraph, label in zip(document.texts, document.labels, strict=True):
        chars[label] += len(paragraph)
    pairs = zip(document.labels, document.texts, strict=True)
    shown = [(label, text[:SHOWN_CHARS]) for label, text in pairs][:SHOWN_PARAGRAPHS]
    digest = blake2b(text.encode(errors="surrogatepass"), digest_size=DIGEST).digest()
    words = len(text.split())
    page_words = 0
    enough = max(MUCH, words / LITTLE)
    if sum(chars.values()) + len(document) > 2 * enough:  # a word is a character and a space or end
        page_words = sum(len(text.split()) for text in document.texts)
    suspicious = page_words if page_words > enough else 0
    return Outcome(text, words, suspicious, list(chars.values()), digest, shown)


@dataclass
class Tally:
    """Pages counted by what became of them; those that came out also by their words and labels."""

    pages: int = 0
    out: int = 0
    no_article: int = 0
    failed: int = 0
    duplicates: int = 0
    suspicious: int = 0
    """Of those that came out: nearly empty, where the page had much."""
    words: int = 0
    chars: list[int] = field(default_factory=lambda: [0] * len(LABELS))
    """Characters of each label, in the order of `LABELS`."""
    tenths: list[int] = field(default_factory=lambda: [0] * TENTHS)
    """Pages by the share of their characters that is kept: up to a tenth, two tenths, …"""
    seconds: float = 0.0

    def count(self, outcome: Outcome) -> None:
        """Count a page that comes out."""
        self.out += 1
        self.suspicious += outcome.page_words > 0
        self.words += outcome.words
        self.chars = [a + b for a, b in zip(self.chars, outcome.chars, strict=True)]
        share = len(outcome.text) / max(1, sum(outcome.chars))
        self.tenths[min(int(share * TENTHS), TENTHS - 1)] += 1

    def add(self, other: Tally) -> None:
        """Add what another one counted."""
        for each in fields(self):
            a, b = getattr(self, each.name), getattr(other, each.name)
            added = [x + y for x, y in zip(a, b, strict=True)] if isinstance(a, list) else a + b
            setattr(self, each.name, added)

    def shares(self) -> dict[str, float]:
        """Return the share of each label among the characters of the pages that came out."""
        whole = max(1, sum(self.chars))
        return {label: n / whole for label, n in zip(LABELS, self.chars, strict=True)}

    def summary(self, skipped: int) -> dict[str, Any]:
        """Return the counts as `--summary` writes them, with how many files were skipped."""
        return {
            "pages": {
                "in": self.pages,
                "out": self.out,
                "no_article": self.no_article,
                "failed": self.failed,
                "duplicates": self.duplicates,
            },
            "suspicious": self.suspicious,
            "skipped": skipped,
            "words": self.words,
            "labels": {label: round(share, 4) for label, share in self.shares().items()},
            "seconds": round(self.seconds, 1),
        }


@dataclass(frozen=True, slots=True)
class Sample:
    """A page to look at."""

    rank: str
    """A hash of where the page is: the lowest are the sample, whatever the order of the work."""
    where: str
    paragraphs: list[tuple[str, str]]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self) | {
            "paragraphs": [(label, mend(text)) for label, text in self.paragraphs]
        }


def rank_of(source: str, number: int) -> str:
    """Return the rank of a page, given its input and its number there."""
    return blake2b(f"{source}:{number}".encode(errors="surrogatepass"), digest_size=8).hexdigest()


def choose_samples(samples: Iterable[Sample]) -> list[Sample]:
    """Return the pages out of these that are looked at."""
    return heapq.nsmallest(SAMPLED, samples, key=lambda sample: sample.rank)
