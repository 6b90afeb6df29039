"""Hashed attribute tokens of blocks: the words in class names and ids around and in a block, and
how its links are built.

A word is a token by itself and with its tag: of `<p class="l-articleLead_x1">` come `<p>`,
`article`, `p.article`, `lead`, `p.lead` and `l`. Each is hashed with a salt for how far out the
element stands. A link tells how deep its path is, how many words are in it, its scheme, whether it
names a host, whether it asks something, and the first words of its path.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit
from zlib import crc32

import numpy as np

from cleaner.features.arrays import I64, begin_runs, distinct, ranges
from cleaner.features.elements import JoinedPages
from cleaner.pages.page import ElementKind

K = TypeVar("K")

TOKEN_BITS = 16
"""Buckets of hashed tokens: 2^16 weights for each label."""

LEVELS = ((1, 1), (2, 1), (3, 2), (4, 4))
"""Salts of the tokens of a block's containers, from the nearest outwards, and to how many
containers each goes: far ones are told apart less. A token counts once for each salt."""

INLINE_SALT, LINK_SALT = 5, 6

MAX_PAGE_TOKENS, MAX_BLOCK_TOKENS = 1 << 14, 1 << 7
"""Tokens with one salt of a page, and for each of its blocks, from which only the first ones of
each element count: thousands of words around thousands of blocks would fill the memory. Real pages
have up to 24,000, and where so many, 26,000 would still count."""

MAX_PATH_DEPTH, MAX_PATH_WORDS, MAX_PATH_TOKENS = 4, 8, 2
"""Slashes and words of a path from which more say no more, and its words that are tokens."""

MAX_TAGS = 500
"""Names whose checksums are kept: pages use few, and broken ones any."""

_WORD = re.compile(rb"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
"""Runs of letters, but a capital begins a new word; of several capitals the last does where a small
letter follows: "newsBox", "HTMLPage"."""

_BETWEEN_WORDS = bytes(c if c in b"abcdefghijklmnopqrstuvwxyz" else ord(" ") for c in range(256))

_PLAIN_LINK = re.compile(
    r"(?:(https?)://([-.:\w]*)(/[-!$-.\w/:;=@~]*)?|(/(?:[-!$-.\w:;=@~][-!$-.\w/:;=@~]*)?)?)"
    r"(?:\?([!-\"$-Z\\^-~]*))?(?:#[!-Z\\^-~]*)?",
    re.ASCII,
)
"""Links that `urlsplit` takes apart just so: scheme, host, path behind it or from the root, and
query."""


@dataclass(frozen=True, slots=True)
class AttributeTokens:
    """The hashed tokens of all blocks. Blocks share most of them, so they come in groups: the
    tokens of some elements or of a link. Rows are compressed (CSR) twice: blocks have groups, and
    groups have buckets."""

    buckets: I64
    """Those of all groups, end to end."""
    bucket_indptr: I64
    """Where each group's buckets begin, groups + 1 entries."""
    groups: I64
    """The groups of all blocks, end to end."""
    group_indptr: I64
    """Where each block's groups begin, blocks + 1 entries."""

    @property
    def counts(self) -> I64:
        """Tokens of each block."""
        sizes = np.append(0, np.cumsum(np.diff(self.bucket_indptr)[self.groups]))
        return np.diff(sizes[self.group_indptr])

    def of_blocks(self) -> list[I64]:
        """The buckets of each block, rising."""
        groups = np.split(self.buckets, self.bucket_indptr[1:-1])
        of_blocks = np.split(self.groups, self.group_indptr[1:-1])
        return [np.sort(np.concatenate([groups[g] for g in some])) for some in of_blocks]


class _Groups(NamedTuple):
    """Groups of one kind, and the blocks that have them."""

    block: I64
    """A block that has a group."""
    group: I64
    """The group that it has."""
    owner: I64
    """The group that each bucket belongs to; rises."""
    buckets: I64
    groups: int
    """How many there are."""


def attribute_tokens(pages: JoinedPages) -> AttributeTokens:
    """The tokens of all blocks: of their containers, of inline elements and of links."""
    elements, blocks = pages.elements, pages.blocks
    hashes, indptr = _hash_each(elements.kinds, _element_tokens)
    blocks_of_page = np.bincount(pages.page_of_block)

    def hashed(block: I64, group: I64, kind: I64, salt: int) -> _Groups:
        """The groups of some blocks, given the kinds of elements of each group, shape (groups,
        reach), -1 for none."""
        groups, reach = kind.shape
        sizes = np.where(kind < 0, 0, indptr[kind + 1] - indptr[kind])
        page = np.empty(groups, np.int64)
        page[group] = pages.page_of_block[block]
        sizes, kind = _bounded(sizes, page, blocks_of_page).ravel(), kind.ravel()
        owner = np.repeat(np.arange(groups * reach) // reach, sizes)
        buckets = _bucket(hashes[ranges(indptr[kind], sizes)], salt)
        keys = np.sort(owner << TOKEN_BITS | buckets)  # np.unique takes 16 times as long
        owner, buckets = np.divmod(keys[begin_runs(keys)], 1 << TOKEN_BITS)
        return _Groups(block, group, owner, buckets, groups)

    # Inline elements: a group for each kind that a page has.
    block, page = pages.inline_block, pages.page_of_block[pages.inline_block]
    each, group = distinct(page * len(elements.kinds) + blocks.inline)
    kinds = [hashed(block, group, each[:, None] % len(elements.kinds), INLINE_SALT)]
    # Containers: a group for each that some level of some block begins with.
    up, kind_of = np.append(elements.parent, -1), np.append(elements.kind, -1)
    first = blocks.element
    for salt, reach in LEVELS:
        block = np.flatnonzero(first >= 0)
        each, group = distinct(first[block])
        around = [each]
        for _ in range(reach - 1):
            around.append(up[around[-1]])
        kinds.append(hashed(block, group, kind_of[np.stack(around, axis=1)], salt))
        for _ in range(reach):
            first = up[first]
    kinds.append(_of_links(pages))
    return _join(kinds, len(blocks.element))


def _bounded(sizes: I64, page: I64, blocks: I64) -> I64:
    """How many tokens of each element count, shape (groups, reach), given how many there are, the
    page of each group, and the blocks of each page."""
    most = MAX_PAGE_TOKENS + MAX_BLOCK_TOKENS * blocks
    too_many = np.bincount(page, sizes.sum(axis=1), len(blocks)) > most
    if not too_many.any():
        return sizes
    elements = np.bincount(page, minlength=len(blocks)) * sizes.shape[1]
    share = np.maximum(most // np.maximum(elements, 1), 1)
    return np.where(too_many[page][:, None], np.minimum(sizes, share[page][:, None]), sizes)


def _of_links(pages: JoinedPages) -> _Groups:
    links = dict.fromkeys(pages.blocks.targets)
    number = {link: n for n, link in enumerate(links)}
    hashes, indptr = _hash_each(links, _link_tokens)
    group = np.array([number[link] for link in pages.blocks.targets], np.int64)
    owner = np.repeat(np.arange(len(links)), np.diff(indptr))
    return _Groups(pages.target_block, group, owner, _bucket(hashes, LINK_SALT), len(links))


def _join(kinds: list[_Groups], blocks: int) -> AttributeTokens:
    """All kinds of groups as one."""
    before = np.cumsum([0, *(kind.groups for kind in kinds)])
    block = np.concatenate([kind.block for kind in kinds])
    group = np.concatenate([kind.group + n for kind, n in zip(kinds, before, strict=False)])
    owner = np.concatenate([kind.owner + n for kind, n in zip(kinds, before, strict=False)])
    return AttributeTokens(
        buckets=np.concatenate([kind.buckets for kind in kinds]),
        bucket_indptr=np.searchsorted(owner, np.arange(before[-1] + 1)),
        groups=group[np.argsort(block, kind="stable")],
        group_indptr=np.append(0, np.cumsum(np.bincount(block, minlength=blocks))),
    )


def _hash_each(keys: Iterable[K], tokens: Callable[[K], list[int]]) -> tuple[I64, I64]:
    """The checksums of each key's tokens, end to end, and where those of each key begin."""
    lists = [tokens(key) for key in keys]
    indptr = np.cumsum([0, *map(len, lists)])
    return np.fromiter(chain.from_iterable(lists), np.int64, indptr[-1]), indptr


def _element_tokens(kind: ElementKind) -> list[int]:
    tag, values = kind
    alone, with_tag = _tag_checksums(tag)
    if not values:
        return [alone]
    words = dict.fromkeys(_words(" ".join(values).encode()))
    long = [crc32(word, with_tag) for word in words if len(word) > 1]
    return [alone, *map(crc32, words), *long]


@lru_cache(MAX_TAGS)
def _tag_checksums(tag: str) -> tuple[int, int]:
    """The checksums of a tag in brackets, and of one with a dot behind."""
    name = tag.encode()
    return crc32(b"<%b>" % name), crc32(name + b".")


def _words(text: bytes) -> list[bytes]:
    """The words of a text, in lower case."""
    if text.islower():  # most class names are, and are split in half the time
        return text.translate(_BETWEEN_WORDS).split()
    return [word.lower() for word in _WORD.findall(text)]


def _link_tokens(link: str) -> list[int]:
    scheme, host, path, query = "", "", "", ""
    if plain := _PLAIN_LINK.fullmatch(link):  # read in a third of the time
        scheme, host, from_host, from_root, query = plain.groups("")
        path = from_host or from_root
    else:
        try:
            scheme, host, path, query, _ = urlsplit(link)
        except ValueError:
            return [_checksum("broken")]
    words = _words(path.encode())
    return [
        _checksum(f"depth{min(path.strip('/').count('/'), MAX_PATH_DEPTH)}"),
        _checksum(f"words{min(len(words), MAX_PATH_WORDS)}"),
        _checksum(scheme),
        _checksum("host" if host else "local"),
        _checksum("query" if query else "plain"),
        *map(crc32, words[:MAX_PATH_TOKENS]),
    ]


@lru_cache(MAX_TAGS)
def _checksum(token: str) -> int:
    return crc32(token.encode())


def _bucket(checksums: I64, salt: int) -> I64:
    """The bucket of each token with a salt, by its checksum."""
    return (checksums ^ salt * 0x9E3779B1) * 0x85EBCA6B >> 9 & (1 << TOKEN_BITS) - 1
