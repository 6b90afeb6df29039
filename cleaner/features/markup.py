"""What only HTML tells of a block: the elements around it, its links, its page's titles."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit
from zlib import crc32

import numpy as np

from cleaner.features.words import F32, I64
from cleaner.pages.page import Container, Markup

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

MARK_BITS = 16
"""Buckets of hashed marks: 2^16 weights for each label."""
_MASK = (1 << MARK_BITS) - 1

LEVELS = (1, 2, 3, 3, 4, 4, 4, 4)
"""What the words of a block's containers are salted with, from the nearest outwards: far ones are
told apart less."""

INLINE, LINK = 5, 6
"""The same for inline elements and links."""

_SALTS = [(salt * 0x9E3779B1) for salt in range(LINK + 1)]

_LINK = re.compile(r"(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?://([^/?#\[\]]*))?([^?#\[\] ]*)"
                   r"(?:\?([^#\[\] ]*))?(?:#[^\[\] ]*)?")  # fmt: skip

TAGS = ("p", "li", "div", "h1", "h2", "h3", "h4", "td", "figcaption", "button", "label")
"""Tags of the nearest container that are features of their own."""

AROUND = ("article", "main", "nav", "header", "footer", "aside", "figure", "form", "ul", "table",
          "section", "blockquote", "dl", "button")  # fmt: skip
"""Tags of containers, however far out, that are features of their own."""

_TAG = {tag: i for i, tag in enumerate(TAGS)}
_AROUND_BIT = {tag: 1 << i for i, tag in enumerate(AROUND)}

NUMBERS = len(TAGS) + len(AROUND) + 23
"""Number of numeric features of a block."""

TITLE_WORDS = 3
"""Words from which a title's overlap with a block means something."""


@lru_cache(maxsize=1 << 12)
def _mark_words(tag: str, marks: str) -> tuple[str, ...]:
    """The words in class names and ids: "l-articleBody_x1" has article and body."""
    # In order, for sums of weights round by it: a set's order changes from process to process.
    words = sorted({word.lower() for word in _WORD.findall(marks)})
    named = [f"{tag}.{word}" for word in words if len(word) > 1]
    return (f"<{tag}>", *words, *named)


@dataclass(frozen=True, slots=True)
class Marks:
    """Buckets of the hashed marks of all blocks, end to end."""

    buckets: I64
    offset: I64
    """Where each block's marks begin, blocks + 1 entries."""


def markup_features(pages: Sequence[Markup]) -> tuple[F32, Marks]:
    """Return numbers of shape (blocks, `NUMBERS`) and the marks of all blocks of some pages."""
    numbers: list[F32] = []
    marks = array("q")
    offset = [0]
    for page in pages:
        _page_marks(page, marks, offset)
        numbers.append(_page_numbers(page))
    return (
        np.concatenate(numbers) if numbers else np.zeros((0, NUMBERS), np.float32),
        Marks(np.frombuffer(marks, dtype=np.int64), np.array(offset, dtype=np.int64)),
    )


@lru_cache(maxsize=1 << 15)
def _buckets(word: str) -> tuple[int, ...]:
    """The bucket of a word for each salt."""
    value = crc32(word.encode())
    return tuple(((value ^ salt) * 0x85EBCA6B >> 9) & _MASK for salt in _SALTS)


def _page_marks(page: Markup, marks: array[int], offset: list[int]) -> None:
    containers = page.containers
    chains: dict[int, array[int]] = {}
    above: dict[int, frozenset[int]] = {}
    for block in page.blocks:
        chain = chains.get(block.container)
        if chain is None:
            container = containers[block.container]
            outer = above.get(container.parent)
            if outer is None:
                outer = above[container.parent] = _outer_marks(containers, container.parent)
            own = _salted_marks(container.tag, container.marks, LEVELS[0])
            chain = chains[block.container] = array("q", outer | own)
        marks.extend(chain)
        for inline in block.inline[:6]:
            marks.extend(_inline_marks(inline))
        for link in block.links[:2]:
            marks.extend(_link_marks(link))
        offset.append(len(marks))


def _outer_marks(containers: list[Container], at: int) -> frozenset[int]:
    """The marks of all containers but the nearest; `at` is the first of them."""
    found = []
    for salt in LEVELS[1:]:
        if at < 0:
            break
        container = containers[at]
        found.append(_salted_marks(container.tag, container.marks, salt))
        at = container.parent
    return frozenset().union(*found)


@lru_cache(maxsize=1 << 14)
def _salted_marks(tag: str, marks: str, salt: int) -> frozenset[int]:
    """Buckets of the words in class names and ids."""
    return frozenset([_buckets(word)[salt] for word in _mark_words(tag, marks)])


@lru_cache(maxsize=1 << 14)
def _inline_marks(inline: str) -> array[int]:
    """The same of an inline element, given as its tag and marks."""
    tag, _, marks = inline.partition(" ")
    return array("q", [_buckets(word)[INLINE] for word in _mark_words(tag, marks)])


@lru_cache(maxsize=1 << 14)
def _link_marks(link: str) -> array[int]:
    """Buckets of the first words of a link's path, and of how it is built."""
    return array("q", [_buckets(word)[LINK] for word in _link_words(link)])


def _link_words(link: str) -> tuple[str, ...]:
    try:
        scheme, host, path, query = _split_link(link)
    except ValueError:
        return ("broken",)
    depth = path.strip("/").count("/")
    words = _WORD.findall(path)
    kinds = (f"depth{min(depth, 4)}", f"words{min(len(words), 8)}", scheme,
             "host" if host else "local", "query" if query else "plain")  # fmt: skip
    return (*kinds, *(word.lower() for word in words[:2]))


def _split_link(link: str) -> tuple[str, str, str, str]:
    """Scheme, host, path and query of a link, as `urlsplit` says; most without its many checks."""
    if link.isascii() and link.isprintable() and (found := _LINK.fullmatch(link)):
        scheme, host, path, query = found.groups("")
        return scheme.lower(), host, path, query
    parts = urlsplit(link)
    return parts.scheme, parts.netloc, parts.path, parts.query


def _page_numbers(page: Markup) -> F32:
    blocks, containers = page.blocks, page.containers
    rows = len(blocks)
    if not rows:
        return np.zeros((0, NUMBERS), np.float32)
    own = np.array([b.container for b in blocks])
    chars = np.array([b.chars for b in blocks], dtype=np.float64)
    linked = np.array([b.link_chars for b in blocks], dtype=np.float64)
    links = np.array([len(b.links) for b in blocks])
    external = np.array([sum("://" in link for link in b.links) for b in blocks])
    parent = np.array([c.parent for c in containers])
    bits, depths = [0], [0]
    for c in containers[1:]:  # a container stands behind its parent
        bits.append(bits[c.parent] | _AROUND_BIT.get(c.tag, 0))
        depths.append(depths[c.parent] + 1)
    around = np.array(bits)[own][:, None] >> np.arange(len(AROUND)) & 1
    depth = np.array(depths)

    signature: dict[tuple[int, str, str], int] = {}
    for c in containers:
        key = (c.parent, c.tag, c.marks)
        signature[key] = signature.get(key, 0) + 1
    siblings = np.array([signature[c.parent, c.tag, c.marks] for c in containers])

    columns: list[np.ndarray] = [
        np.eye(len(TAGS) + 1)[[_TAG.get(containers[b.container].tag, len(TAGS)) for b in blocks]][
            :, :-1
        ],
        around,
    ]
    single = [
        linked / np.maximum(chars, 1),
        np.log1p(links),
        external / np.maximum(links, 1),
        np.log1p(depth[own]) / 2,
        np.log1p(siblings[own]),
    ]
    size, link_share = _subtree(own, parent, chars, linked)
    at = own
    for level in range(4):
        at = np.where(level == 0, at, np.maximum(parent[at], 0))
        single += [size[at], link_share[at]]
        if level:
            single.append(np.log1p(siblings[at]))
    previous = np.concatenate(([own[0]], own[:-1]))
    single.append(np.log1p(np.abs(depth[own] - depth[previous])))
    single.append((parent[own] == parent[previous]).astype(float))
    single.append(np.array([any(w.startswith(("em ", "i ")) for w in b.inline) for b in blocks]))
    single.append(np.array([any(w.startswith("time") for w in b.inline) for b in blocks]))
    single += _titles(page)
    columns.append(np.stack(single, axis=1))
    return np.hstack(columns).astype(np.float32)


def _subtree(
    own: np.ndarray, parent: np.ndarray, chars: np.ndarray, linked: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Characters in each container, and the share of them inside links."""
    total = np.bincount(own, weights=chars, minlength=len(parent)).tolist()
    inside = np.bincount(own, weights=linked, minlength=len(parent)).tolist()
    for i, up in zip(range(len(parent) - 1, 0, -1), parent[:0:-1].tolist(), strict=True):
        total[up] += total[i]
        inside[up] += inside[i]
    size = np.array(total)
    return np.log1p(size) / 4, np.array(inside) / np.maximum(size, 1)


def _titles(page: Markup) -> list[np.ndarray]:
    """How a block matches what the page's head calls it, and the story's text in JSON-LD."""
    titles = [_word_set(title.split()) for title in page.titles]
    titles = [words for words in titles if len(words) >= TITLE_WORDS]
    body = _letters(page.body)
    overlap, exact, in_body = [], [], []
    for block in page.blocks:
        words = _word_set(block.text.split(maxsplit=60)[:60])
        best = max((len(words & t) / len(words | t) for t in titles), default=0.0) if words else 0.0
        overlap.append(best)
        exact.append(best > 0.7 or (len(words) >= TITLE_WORDS and any(words <= t for t in titles)))
        text = _letters(block.text[:200]) if body else ""
        in_body.append(0.0 if not body else 1.0 if len(text) > 20 and text in body else -1.0)
    return [np.array(overlap), np.array(exact, dtype=float), np.array(in_body)]


def _word_set(words: list[str]) -> set[str]:
    found = set(map(_word_letters, words))
    found.discard("")
    return found


@lru_cache(maxsize=1 << 15)
def _word_letters(word: str) -> str:
    return _letters(word)


def _letters(text: str) -> str:
    text = text.casefold()
    return text if text.isalnum() else "".join(filter(str.isalnum, text))
