"""Labels of pages whose text is not at hand here: for each block of a page a hash and a letter.

A page of the data belongs to its publisher, so that a project can share what its blocks are, but
not what they say. The labels are laid on the page where the data is.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from hashlib import blake2b
from typing import Any

from cleaner.labels import LABELS, LETTERS
from cleaner.pages import Page, split_page
from cleaner.pages.text import letters_of


@dataclass(frozen=True, slots=True)
class Annotation:
    """The labels of a page's blocks, in page order."""

    hashes: tuple[str, ...]
    labels: str
    """Of `labels.LETTERS`, one for each hash."""


def block_hash(text: str) -> str:
    """The hash of a block's letters and digits: four hexadecimal digits, enough beside their
    neighbours."""
    return blake2b(letters_of(text).encode(), digest_size=2).hexdigest()


def annotate(html: str, annotation: Annotation) -> tuple[tuple[str, int], ...]:
    """Split a page, and give the blocks that the annotation knows their label ids; leave out the
    others."""
    texts = split_page(Page(html.encode(), "html")).texts
    hashes = [block_hash(text) for text in texts]
    matcher = SequenceMatcher(None, hashes, annotation.hashes, autojunk=False)
    return tuple(
        (texts[a + i], LETTERS.index(annotation.labels[b + i]))
        for a, b, size in matcher.get_matching_blocks()
        for i in range(size)
    )


def parse(hashes: Any, labels: Any) -> Annotation:
    """Check what a file says. Raises `ValueError` with what is wrong."""
    if not isinstance(hashes, list) or not all(isinstance(one, str) for one in hashes):
        raise ValueError("the field 'hashes' is no list of strings")
    if not isinstance(labels, str):
        raise ValueError("the field 'labels' is no string")
    if len(hashes) != len(labels):
        raise ValueError(f"has {len(hashes)} hashes and {len(labels)} labels")
    if unknown := set(labels) - set(LETTERS):
        names = ", ".join(f"{a} {name}" for a, name in zip(LETTERS, LABELS, strict=True))
        raise ValueError(f"unknown label {min(unknown)!r}: choose from {names}")
    return Annotation(tuple(hashes), labels)
