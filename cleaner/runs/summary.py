"""What became of the pages of a run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from hashlib import blake2b
from typing import Any

from cleaner.document import NO_ARTICLE, OTHER_LANGUAGE, Document, LeftOut
from cleaner.labels import LABELS
from cleaner.options import Options
from cleaner.pages.charset import mend
from cleaner.review.choose import words_in_doubt
from cleaner.runs.near import make_sketch

TENTHS = 10

DIGEST = 16
"""Bytes of a digest of a clean text."""

LITTLE, MUCH = 0.05, 250
"""The share of a page's words below which its clean text is suspiciously little, and the words from
which on a page has so many that it says something: a short story with its headline."""


DOUBT_DIGITS = 2
"""Of words in doubt: enough to tell pages apart, too few for the order of the work to show."""

MAX_REASONS, OTHER_REASONS = 20, "other reasons"
"""Reasons of failures that are counted by themselves in a shard, and what the others are called."""

_DETAIL = re.compile(r"\s*[(;].*", re.S)
"""Of a reason, what is said of the page at hand, or what to do about it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a worker makes of a page."""

    written: str
    """The clean text, in the format that is written."""
    kept: int
    """Characters of the clean text."""
    words: int
    """Of the clean text, as white space parts them."""
    page_words: int
    """Of the page where the clean text has suspiciously few of them, else 0."""
    chars: list[int]
    """Characters of the paragraphs of each label."""
    digest: bytes
    """Tells the clean text from any other."""
    sketch: bytes
    """Tells those that are nearly the same, where these are looked for, else empty."""
    doubt: float
    """How many words of the page have a wrong label, as the probabilities would have it."""
    about: dict[str, Any]
    """What is told of the page."""


def make_outcome(document: Document, options: Options, sketched: bool) -> Outcome:
    """Return what is wanted of a document, with a sketch or without."""
    text = document.text(options.keep)
    is_as_it_is = document.format_of(options) == "text" and not options.structure
    written = text if is_as_it_is else document.written(options)
    chars = dict.fromkeys(LABELS, 0)
    for paragraph, label in zip(document.texts, document.labels, strict=True):
        chars[label] += len(paragraph)
    digest = blake2b(text.encode(errors="surrogatepass"), digest_size=DIGEST).digest()
    words = len(text.split())
    page_words = 0
    enough = max(MUCH, words / LITTLE)
    if sum(chars.values()) + len(document) > 2 * enough:  # a word is a character and a space or end
        page_words = document.words
    suspicious = page_words if page_words > enough else 0
    doubt = round(words_in_doubt(document), DOUBT_DIGITS)
    about = document.metadata_of(options.metadata, options.keep)
    shares = list(chars.values())
    sketch = make_sketch(text) if sketched else b""
    return Outcome(written, len(text), words, suspicious, shares, digest, sketch, doubt, about)


@dataclass
class Tally:
    """Pages counted by what became of them; those that came out also by their words and labels."""

    pages: int = 0
    out: int = 0
    no_article: int = 0
    other_language: int = 0
    failed: int = 0
    duplicates: int = 0
    near_duplicates: int = 0
    suspicious: int = 0
    """Of those that came out: nearly empty, where the page had much."""
    words: int = 0
    chars: list[int] = field(default_factory=lambda: [0] * len(LABELS))
    """Characters of each label, in the order of `LABELS`."""
    tenths: list[int] = field(default_factory=lambda: [0] * TENTHS)
    """Pages by the share of their characters that is kept: up to a tenth, two tenths, …"""
    seconds: float = 0.0
    reasons: dict[str, int] = field(default_factory=dict)
    """Pages that failed, by the reason."""

    def fail(self, reason: str) -> None:
        """Count a page that failed."""
        self.failed += 1
        short = mend(_DETAIL.sub("", reason)) or OTHER_REASONS
        known = short in self.reasons or len(self.reasons) < MAX_REASONS
        self._add_reason(short if known else OTHER_REASONS, 1)

    def leave_out(self, why: LeftOut) -> None:
        """Count a page that was left out."""
        self.no_article += why.reason == NO_ARTICLE
        self.other_language += why.reason == OTHER_LANGUAGE

    def count(self, outcome: Outcome) -> None:
        """Count a page that comes out."""
        self.out += 1
        self.suspicious += outcome.page_words > 0
        self.words += outcome.words
        self.chars = [a + b for a, b in zip(self.chars, outcome.chars, strict=True)]
        share = outcome.kept / max(1, sum(outcome.chars))
        self.tenths[min(int(share * TENTHS), TENTHS - 1)] += 1

    def add(self, other: Tally) -> None:
        """Add what another one counted."""
        for each in fields(self):
            a, b = getattr(self, each.name), getattr(other, each.name)
            if isinstance(a, dict):
                continue
            added = [x + y for x, y in zip(a, b, strict=True)] if isinstance(a, list) else a + b
            setattr(self, each.name, added)
        for reason, pages in other.reasons.items():
            self._add_reason(reason, pages)

    def _add_reason(self, reason: str, pages: int) -> None:
        self.reasons[reason] = self.reasons.get(reason, 0) + pages

    def shares(self) -> dict[str, float]:
        """Return the share of each label among the characters of the pages that came out."""
        whole = max(1, sum(self.chars))
        return {label: n / whole for label, n in zip(LABELS, self.chars, strict=True)}

    @property
    def left_out(self) -> int:
        """How many pages were left out by choice."""
        return self.no_article + self.other_language + self.duplicates + self.near_duplicates

    def summary(self, skipped: int) -> dict[str, Any]:
        """Return the counts as `--summary` writes them, with how many files were skipped."""
        return {
            "pages": {
                "in": self.pages,
                "out": self.out,
                "no_article": self.no_article,
                "other_language": self.other_language,
                "failed": self.failed,
                "duplicates": self.duplicates,
                "near_duplicates": self.near_duplicates,
            },
            "suspicious": self.suspicious,
            "skipped": skipped,
            "words": self.words,
            "labels": {label: round(share, 4) for label, share in self.shares().items()},
            "seconds": round(self.seconds, 1),
        }
